"""What the sign-in pages stand on, handed over by the door that opens them."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from flask import current_app
from sqlalchemy.orm import Session

from forumreg.base.references import Keys

NAME = "forumreg_sign_in"
STAFF_KEY = "staff"  # in the cookie: the random key of a signed-in browser


@dataclass(frozen=True, slots=True)
class Around:
    """The database of this request, who asks from where in which language, and the installation's secrets."""

    session: Callable[[], Session]
    network: Callable[[], str]
    language: Callable[[], str]
    keys: Keys
    base_url: str
    ring: Callable[[], None]  # tells the worker that there is mail


def around() -> Around:
    """What the door of this application handed over."""
    found: Around = current_app.extensions[NAME]
    return found


def derived(secret: str, purpose: str) -> str:
    """A key for one purpose, from one of the installation's secrets; 256 bits in hex, stored nowhere."""
    return hmac.new(secret.encode(), f"forumreg staff sign-in/{purpose}".encode(), sha256).hexdigest()


def tag_of(secret: str) -> str:
    """A name for a secret that says nothing about it, so that what it encrypted finds it after a rotation."""
    return derived(secret, "tag")[:8]
