"""Accounts as the sign-in library sees them. What it changes is stored in one transaction at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import g, request
from flask import session as cookie
from flask_babel import gettext as _
from flask_security import UserDatastore, UserMixin, WebAuthnMixin
from flask_security.utils import send_mail

from forumreg.adapters.sign_in.around import STAFF_KEY, around
from forumreg.rules.account.credentials import CHANGEABLE, Credentials, Letter, find_credentials, keep
from forumreg.rules.account.passkeys import NewPasskey, PasskeyFacts, find_passkey, passkeys_of

PASSKEY_ADDED, PASSKEY_REMOVED = "account/mail/passkey_added", "account/mail/passkey_removed"
_PENDING = "sign_in_pending"


class _AnyUse:
    """What the library compares with "first" and with "secondary": each passkey of ours does for both."""

    def __eq__(self, other: object) -> bool:
        return other in {"first", "secondary"}

    __hash__ = None  # type: ignore[assignment]


class StaffPasskey(WebAuthnMixin):
    """A passkey in the hands of the sign-in library, under its names."""

    usage = _AnyUse()  # type: ignore[assignment]  # compared, never read
    extensions = None

    def __init__(self, found: PasskeyFacts) -> None:
        self.found = found
        self.id = found.id
        self.account_id = found.account_id
        self.name = found.name
        self.credential_id = found.credential_id
        self.public_key = found.public_key
        self.sign_count = found.sign_count
        self.transports = list(found.transports)
        self.lastuse_datetime = found.used_at or found.created_at


class StaffUser(UserMixin):
    """An account in the hands of the sign-in library: attributes it may change, and how they were."""

    fs_uniquifier: str = ""  # the library looks for it on the class

    def __init__(self, found: Credentials) -> None:
        self.found = found
        self.id = found.id
        self.email = found.email
        self.active = found.active
        self.password = found.password
        self.fs_uniquifier = found.fs_uniquifier
        self.fs_webauthn_user_handle = found.fs_webauthn_user_handle  # type: ignore[assignment]  # none until needed
        self.tf_primary_method = found.tf_primary_method
        self.tf_totp_secret = found.tf_totp_secret
        self.tf_last_counter = found.tf_last_counter
        self.mf_recovery_codes = list(found.mf_recovery_codes)
        self.roles = []  # ours are roles at events; the library has no say in them

    @property
    def webauthn(self) -> list[StaffPasskey]:  # type: ignore[override]  # read when asked for
        """The passkeys of this account."""
        return [StaffPasskey(each) for each in passkeys_of(around().session(), self.id)]

    def changes(self) -> dict[str, Any]:
        """What the library set to something else."""
        was = {name: getattr(self.found, name) for name in CHANGEABLE}
        was["mf_recovery_codes"] = list(self.found.mf_recovery_codes)
        now = {name: getattr(self, name) for name in CHANGEABLE}
        return {name: value for name, value in now.items() if value != was[name]}


@dataclass(slots=True)
class Pending:
    """What one request will store."""

    people: dict[int, StaffUser] = field(default_factory=dict)
    letters: dict[int, list[Letter]] = field(default_factory=dict)
    added: dict[int, list[NewPasskey]] = field(default_factory=dict)
    removed: dict[int, list[int]] = field(default_factory=dict)

    def accounts(self) -> list[int]:
        """Whom it is about."""
        return sorted(self.people.keys() | self.letters.keys() | self.added.keys() | self.removed.keys())


def pending() -> Pending:
    """What this request will store, so far."""
    if _PENDING not in g:
        setattr(g, _PENDING, Pending())
    found: Pending = getattr(g, _PENDING)
    return found


class People(UserDatastore):
    """Finds accounts for the library and keeps what it changes."""

    def __init__(self) -> None:
        super().__init__(StaffUser, object, StaffPasskey)  # type: ignore[arg-type]  # the library's roles are not used

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> StaffUser | None:  # noqa: ARG002 (the library's signature; addresses are folded always)
        """The account with this ``email`` or ``fs_uniquifier``."""
        found = find_credentials(around().session(), **kwargs)
        return StaffUser(found) if found else None

    def put(self, model: Any) -> Any:
        """Note an account for ``commit``; a passkey's use was stored when its answer was taken."""
        if isinstance(model, StaffPasskey):
            return model
        pending().people[model.id] = model
        return model

    def tf_reset(self, user: Any) -> None:
        """Take the second factor away, with the recovery codes unless a passkey needs them."""
        user.tf_primary_method = user.tf_totp_secret = None
        if not user.webauthn:
            user.mf_recovery_codes = []
        self.put(user)

    def find_webauthn(self, credential_id: bytes) -> StaffPasskey | None:
        """The passkey that calls itself so."""
        found = find_passkey(around().session(), credential_id)
        return StaffPasskey(found) if found else None

    def find_user_from_webauthn(self, webauthn: Any) -> StaffUser | None:
        """Whose passkey it is."""
        return self.find_user(id=webauthn.account_id)

    def create_webauthn(self, user: Any, *_args: Any, **kwargs: Any) -> None:
        """Note a new passkey for ``commit``, and the mail that tells its owner."""
        new = NewPasskey(
            name=kwargs["name"],
            credential_id=kwargs["credential_id"],
            public_key=kwargs["public_key"],
            sign_count=kwargs["sign_count"],
            transports=tuple(str(each.value) for each in kwargs["transports"]),
        )
        pending().added.setdefault(user.id, []).append(new)
        send_mail(_("A passkey was added to your account"), user.email, PASSKEY_ADDED, user=user, name=new.name)

    def delete_webauthn(self, webauthn: Any) -> None:
        """Note that a passkey goes, and the mail that tells its owner."""
        user = self.find_user_from_webauthn(webauthn)
        if user:
            pending().removed.setdefault(user.id, []).append(webauthn.id)
            subject = _("A passkey was removed from your account")
            send_mail(subject, user.email, PASSKEY_REMOVED, user=user, name=webauthn.name)

    def commit(self) -> None:
        """Store what was put and the mails that belong to it, once; a person at a time."""
        todo = pending()
        g.pop(_PENDING)
        for account_id in todo.accounts():
            person = todo.people.get(account_id)
            keep(
                around().session(),
                account_id,
                person.changes() if person else {},
                letters=todo.letters.get(account_id, ()),
                added=todo.added.get(account_id, ()),
                removed=todo.removed.get(account_id, ()),
                keep_key=cookie.get(STAFF_KEY) if request.endpoint == "security.change_password" else None,
                now=datetime.now(UTC),
            )
        if todo.letters:
            around().ring()
