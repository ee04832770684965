"""Passkeys are kept, used once an answer, and removed by their owner alone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from forumreg.rules import account as accounts
from forumreg.rules.access import Shell
from forumreg.rules.account.credentials import keep
from forumreg.rules.account.passkeys import NewPasskey, PasskeyFacts, find_passkey, passkeys_of, use_passkey
from tests.builders import NOW

LARGEST = 2**32 - 1  # WebAuthn, 6.1: the count has 32 bits
NEW = NewPasskey("My phone", b"\x00\xffid", b"\x00\xffkey", LARGEST, ("internal", "hybrid"))


def an_owner(session: Session, email: str = "anna@example.org") -> int:
    """Somebody with an account."""
    return accounts.create(session, Shell(), email, password_hash=None, now=NOW).id


def test_what_a_device_told_is_kept_as_it_was(session: Session) -> None:
    owner = an_owner(session)

    keep(session, owner, {}, added=[NEW], now=NOW)

    (kept,) = passkeys_of(session, owner)
    assert kept == PasskeyFacts(
        kept.id, owner, "My phone", NEW.credential_id, NEW.public_key, LARGEST, ("internal", "hybrid"), NOW, None
    )
    assert find_passkey(session, NEW.credential_id) == kept
    assert find_passkey(session, b"another") is None


def test_an_answer_to_this_or_an_earlier_question_is_not_taken_again(session: Session) -> None:
    owner = an_owner(session)
    keep(session, owner, {}, added=[NEW], now=NOW)
    (kept,) = passkeys_of(session, owner)
    second = timedelta(seconds=1)

    taken = [
        use_passkey(session, kept.id, count, asked_at=asked_at, now=now)
        for count, asked_at, now in [
            (5, NOW, NOW + second),
            (6, NOW, NOW + 2 * second),
            (7, NOW - second, NOW + 3 * second),
            (8, NOW + 2 * second, NOW + 4 * second),
        ]
    ]

    assert taken == [True, False, False, True]
    (after,) = passkeys_of(session, owner)
    assert (after.sign_count, after.used_at) == (8, NOW + 4 * second)


def test_a_passkey_of_another_account_stays(session: Session) -> None:
    owner, other = an_owner(session), an_owner(session, "mallory@example.org")
    keep(session, owner, {}, added=[NEW], now=NOW)
    (kept,) = passkeys_of(session, owner)

    keep(session, other, {}, removed=[kept.id], now=NOW)
    assert passkeys_of(session, owner) == (kept,)
    keep(session, owner, {}, removed=[kept.id], now=NOW)
    assert passkeys_of(session, owner) == ()
