"""Passkeys: which ones we ask for, under which name of ours, and that each answer is taken once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import (
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninResponseForm,
    WebauthnUtil,
)
from flask_security.utils import is_user_authenticated
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from forumreg.adapters.sign_in.around import around
from forumreg.adapters.sign_in.forms import Labelled
from forumreg.adapters.sign_in.people import StaffPasskey, StaffUser
from forumreg.base.folding import clean_line
from forumreg.rules.account.passkeys import LONGEST_NAME, use_passkey

MICRO = 1_000_000


class Ceremonies(WebauthnUtil):
    """What we ask of devices. Our name towards them is the host of the base URL, whatever a request says.

    The library compares the answer with the host of the request: where that is another, it refuses.
    """

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """Random signs, and the instant: the answer is taken only if no later one was."""
        return f"{secrets.token_urlsafe(nbytes)}.{round(datetime.now(UTC).timestamp() * MICRO)}"

    def origin(self) -> str:
        """The only origin whose pages may ask."""
        return origin_of(around().base_url)

    def registration_options(self, user: Any, usage: str, existing_options: dict[str, Any]) -> dict[str, Any]:
        """Ask for a passkey that finds its account and that looks who holds it."""
        options = super().registration_options(user, usage, existing_options)
        return options | {"rp_id": host_of(around().base_url)}

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:  # noqa: ARG002 (the library's signature)
        """Of any make, on this device or another."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def authentication_options(self, user: Any, usage: list[str], existing_options: dict[str, Any]) -> dict[str, Any]:
        """Ask a passkey that looks who holds it: so it is two factors at once."""
        options = super().authentication_options(user, usage, existing_options)
        return options | {"rp_id": host_of(around().base_url)}

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:  # noqa: ARG002 (the library's signature)
        """Always."""
        return UserVerificationRequirement.REQUIRED

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """What is wrong with a name, and the name as it is kept."""
        name = clean_line(value)
        if not name:
            return _("Give the passkey a name, such as that of your phone."), None
        if len(name) > LONGEST_NAME:
            return _("Use at most %(number)s characters.", number=LONGEST_NAME), None
        return None, name


class PasskeyName(Labelled, WebAuthnRegisterForm):
    """The name of a passkey that is to be made."""

    labels: ClassVar = {"name": _l("Name of the passkey")}


class NewPasskeyAnswer(WebAuthnRegisterResponseForm):
    """What a device says that has made a passkey."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether it is one, made for us just now."""
        return _checked(self, super().validate, **kwargs)


class PasskeyAnswer(WebAuthnSigninResponseForm):
    """What a passkey says to sign somebody in, alone or after the password."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether a passkey of ours says so, of the account whose password was given, for the first time."""
        if is_user_authenticated(current_user) or not _checked(self, super().validate, **kwargs):
            return False
        if self.credential.errors:  # the account is not active: the library notes that and goes on
            return False
        person, passkey = cast("StaffUser", self.user), cast("StaffPasskey", self.cred)
        if self.is_secondary and person.fs_uniquifier != cookie.get("tf_user_id"):
            return _refuse(self, _("This passkey belongs to another account."))
        verified = self.authentication_verification
        asked_at = datetime.fromtimestamp(int(self.challenge.rpartition(".")[2]) / MICRO, UTC)
        session, now = around().session(), datetime.now(UTC)
        if not use_passkey(session, passkey.id, verified.new_sign_count, asked_at=asked_at, now=now):
            return _refuse(self, _("This answer of the passkey was used already. Try again."))
        return True


def origin_of(base_url: str) -> str:
    """The origin of the base URL, without its path."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def host_of(base_url: str) -> str:
    """The host of the base URL: passkeys are made for this name and work under no other."""
    return urlsplit(base_url).hostname or ""


def are_possible(base_url: str) -> bool:
    """Whether browsers make passkeys for this address: it needs a name and TLS, or this machine's own name."""
    host = host_of(base_url)
    try:
        ip_address(host)
    except ValueError:
        return base_url.startswith("https://") or host == "localhost" or host.endswith(".localhost")
    return False


def _checked(form: Any, validate: Callable[..., bool], **kwargs: Any) -> bool:
    """What the library says of an answer, and no where it stumbles over one that no device gave."""
    try:
        return bool(validate(**kwargs))
    except (WebAuthnException, ValueError, TypeError, AttributeError, KeyError):
        return _refuse(form, _("We could not read that. Try again."))


def _refuse(form: Any, sentence: str) -> bool:
    form.credential.errors = [*form.credential.errors, sentence]
    return False
