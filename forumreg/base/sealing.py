"""Words that go through a reader's hands unread: encrypted and signed under the installation's secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from forumreg.base.references import Keys


def seal(keys: Keys, purpose: str, text: str) -> str:
    """A token for an address that tells nothing of the text; it opens for the same purpose alone, in any process."""
    return _fernet(keys, purpose).encrypt(text.encode()).decode()


def unseal(keys: Keys, purpose: str, token: str) -> str | None:
    """The text of a token; ``None`` for what we did not seal for this purpose."""
    try:
        return _fernet(keys, purpose).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def _fernet(keys: Keys, purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(secret, purpose))) for secret in keys.secrets])


def _key(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"forumreg seal/{purpose}".encode(), hashlib.sha256).digest()
