"""What proves who somebody is, as the sign-in library reads and changes it. Secrets leave by no other way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound
from forumreg.base.folding import fold_address
from forumreg.rules import journal, mail
from forumreg.rules.access import Staff
from forumreg.rules.account import guessing, passkeys
from forumreg.rules.account.passkeys import NewPasskey
from forumreg.rules.account.sessions import key_hash
from forumreg.store.writing import writing
from forumreg.tables.account import Account, StaffSession
from forumreg.tables.mail import Message, OutboxMessage


@dataclass(frozen=True, slots=True)
class Credentials:
    """The parts of an account that the sign-in library works on, under its names."""

    id: int
    email: str
    name: str
    language: str
    active: bool
    password: str | None
    fs_uniquifier: str
    fs_webauthn_user_handle: str | None
    tf_primary_method: str | None
    tf_totp_secret: str | None
    tf_last_counter: int | None
    mf_recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of the sign-in pages, with its words."""

    key: str
    recipient: str
    language: str
    subject: str
    text: str
    html: str


CHANGEABLE = frozenset(
    {
        "password",
        "fs_uniquifier",
        "fs_webauthn_user_handle",
        "tf_primary_method",
        "tf_totp_secret",
        "mf_recovery_codes",
    }
)


def find_credentials(session: Session, **by: object) -> Credentials | None:
    """The credentials of the account with this ``email`` (folded here), ``fs_uniquifier`` or ``id``."""
    wanted = {name: fold_address(str(value)) if name == "email" else value for name, value in by.items()}
    account = session.scalar(select(Account).filter_by(**wanted).execution_options(populate_existing=True))
    if account is None:
        return None
    return Credentials(
        id=account.id,
        email=account.email,
        name=account.name,
        language=account.language,
        active=account.active,
        password=account.password,
        fs_uniquifier=account.fs_uniquifier,
        fs_webauthn_user_handle=account.fs_webauthn_user_handle,
        tf_primary_method=account.tf_primary_method,
        tf_totp_secret=account.tf_totp_secret,
        tf_last_counter=account.tf_last_counter,
        mf_recovery_codes=tuple(account.mf_recovery_codes or ()),
    )


def keep(
    session: Session,
    account_id: int,
    changes: Mapping[str, Any],
    *,
    letters: Sequence[Letter] = (),
    keep_key: str | None = None,
    added: Sequence[NewPasskey] = (),
    removed: Sequence[int] = (),
    now: datetime,
) -> None:
    """Store changed credentials and passkeys, journal them and write the mails that say so, all or nothing.

    A new password signs out every browser but the one that holds ``keep_key``, and ends the wait of
    an owner whose password somebody else has guessed at.

    Raises:
        ValueError: a part that is not the library's to change.
        NotFound: the account is gone.
    """
    if not changes.keys() <= CHANGEABLE:
        raise ValueError(f"not to be changed here: {sorted(changes.keys() - CHANGEABLE)}")
    with writing(session):
        account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
        if account is None:
            raise NotFound("account")
        for act in _acts(account, changes, by_mail=keep_key is None):
            journal.write(session, Staff(account_id), act, subject=("account", account_id), now=now)
        for name, value in changes.items():
            setattr(account, name, value)
        if "fs_uniquifier" in changes:
            _sign_out_others(session, account_id, keep_key, now)
            guessing.clear(session, account.email)
        for new in added:
            passkeys.add(session, account_id, new, now=now)
        for passkey_id in removed:
            passkeys.remove(session, account_id, passkey_id, now=now)
        for letter in letters:
            _post(session, letter)


def _acts(account: Account, changes: Mapping[str, Any], *, by_mail: bool) -> list[str]:
    """The words that the journal has for these changes; a hash renewed with the same password has none."""
    acts = []
    if "password" in changes and "fs_uniquifier" in changes:
        acts.append("password_reset" if by_mail else "password_changed")
    if "tf_totp_secret" in changes:
        had = bool(account.tf_totp_secret)
        acts.append("second_factor_removed" if not changes["tf_totp_secret"] else
                    "second_factor_changed" if had else "second_factor_set")  # fmt: skip
    if changes.get("mf_recovery_codes"):
        acts.append("recovery_codes_made")
    return acts


def _sign_out_others(session: Session, account_id: int, keep_key: str | None, now: datetime) -> None:
    kept = [StaffSession.key_hash != key_hash(keep_key)] if keep_key else []
    session.execute(
        update(StaffSession)
        .where(StaffSession.account_id == account_id, StaffSession.ended_at.is_(None), *kept)
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def _post(session: Session, letter: Letter) -> None:
    payload = {"subject": letter.subject, "text": letter.text, "html": letter.html}
    mail.post(session, mail.Item(letter.key, Message.STAFF, letter.recipient, letter.language, payload=payload))


def pretend_to_keep(session: Session, letter: Letter) -> None:
    """Work and commit as ``keep`` does with one mail, and leave nothing: for addresses without an account."""
    with writing(session):
        session.get(Account, 0, with_for_update=True, populate_existing=True)
        _post(session, letter)
        session.execute(delete(OutboxMessage).where(OutboxMessage.key == letter.key))


def use_code(session: Session, account_id: int, counter: int) -> bool:
    """Take a one-time code of this step once; False where it, or a later one, was taken before."""
    with writing(session):
        done = session.execute(
            update(Account)
            .where(
                Account.id == account_id,
                or_(Account.tf_last_counter.is_(None), Account.tf_last_counter < counter),
            )
            .values(tf_last_counter=counter)
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def use_recovery_code(session: Session, account_id: int, hashes: Sequence[str], *, now: datetime) -> bool:
    """Take a recovery code once, known by any of its hashes (one a secret key); False where none is."""
    with writing(session):
        account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
        left = list(account.mf_recovery_codes or ()) if account else []
        found = next((code for code in left if code in hashes), None)
        if account is None or found is None:
            return False
        account.mf_recovery_codes = [code for code in left if code != found]
        journal.write(
            session,
            Staff(account_id),
            "recovery_code_used",
            subject=("account", account_id),
            now=now,
            after={"left": len(left) - 1},
        )
        return True
