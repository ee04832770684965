"""Staff accounts by the program."""

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.tables.account import Account, Passkey, StaffRole
from forumreg.tables.journal import JournalEntry
from tests.builders import an_event
from tests.doors.cli.conftest import Forumreg

PASSWORD = "a long way to Turin\n"


def test_an_administrator_is_made_with_a_password_from_the_pipe(forumreg: Forumreg, session: Session) -> None:
    result = forumreg("user", "create", "Ada@Example.ORG", "--admin", "--password-stdin", stdin=PASSWORD)

    made = session.scalars(select(Account)).one()
    assert (result.exit_code, result.stdout) == (0, "ada@example.org has an account\n")
    assert (made.email, made.is_admin, (made.password or "")[:9]) == ("ada@example.org", True, "$argon2id")
    assert PASSWORD.strip() not in result.output


def test_a_partner_acts_for_an_organisation_of_the_event(forumreg: Forumreg, session: Session) -> None:
    event = an_event(session)
    named = event.sharing[0]

    words = ("user", "create", "ada@example.org", "--event", "forum", "--role", "partner", "--organisation")
    result = forumreg(*words, named.name)
    again = forumreg(*words, named.name)

    assert [(it.exit_code, it.stdout.splitlines()[-1]) for it in (result, again)] == [
        (0, "ada@example.org is partner of forum"),
        (0, "ada@example.org is partner of forum already"),
    ]
    session.rollback()  # what it read before is read again
    assert session.scalars(select(StaffRole.organisation_id)).all() == [named.id]


def test_a_second_factor_that_is_lost_is_taken_away(forumreg: Forumreg, session: Session) -> None:
    forumreg("user", "create", "ada@example.org")
    ada = session.scalars(select(Account)).one()
    ada.tf_primary_method, ada.tf_totp_secret, ada.mf_recovery_codes = "authenticator", "a secret", ["a hash"]
    session.add(
        Passkey(
            account_id=ada.id,
            credential_id=b"id",
            public_key=b"key",
            sign_count=0,
            transports=[],
            name="My phone",
            created_at=ada.created_at,
        )
    )
    session.commit()

    result = forumreg("user", "reset-second-factor", "Ada@example.org")
    again = forumreg("user", "reset-second-factor", "ada@example.org")
    nobody = forumreg("user", "reset-second-factor", "nobody@example.org")

    assert (result.exit_code, again.exit_code, nobody.exit_code) == (0, 1, 1)
    assert again.stderr == "forumreg: the account has neither a second factor nor passkeys\n"
    assert nobody.stderr == "forumreg: no account has this address\n"
    session.expire_all()
    session.rollback()
    assert session.scalars(select(Passkey)).all() == []
    assert (ada.tf_primary_method, ada.tf_totp_secret, ada.mf_recovery_codes) == (None, None, [])


REFUSALS = [
    (["no address", "--password-stdin"], PASSWORD, "that is not an e-mail address"),
    (["a@example.org", "--password-stdin"], "short\n", "the password is shorter than 12 signs"),
    (["a@example.org", "--password-stdin"], "password1234\n", "the password is one of those tried first; take another"),
    (["a@example.org", "--event", "none", "--role", "desk"], "", "no event has this slug"),
]


@pytest.mark.parametrize(("words", "stdin", "line"), REFUSALS)
def test_what_is_refused_is_told_in_a_line(
    forumreg: Forumreg, session: Session, words: list[str], stdin: str, line: str
) -> None:
    an_event(session)

    result = forumreg("user", "create", *words, stdin=stdin)

    session.rollback()
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"forumreg: {line}\n")
    assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_an_account_is_not_made_twice(forumreg: Forumreg) -> None:
    forumreg("user", "create", "ada@example.org")

    result = forumreg("user", "create", "ADA@example.org", "--password-stdin", stdin=PASSWORD)

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "has an account already" in result.stderr


def test_an_account_that_exists_is_made_administrator(forumreg: Forumreg, session: Session) -> None:
    an_event(session)
    forumreg("user", "create", "ada@example.org")

    made = forumreg("user", "create", "Ada@example.org", "--admin", "--event", "forum", "--role", "desk")
    again = forumreg("user", "create", "ada@example.org", "--admin")

    session.rollback()
    assert session.scalars(select(Account.is_admin)).all() == [True]
    assert (made.exit_code, made.stdout.splitlines()) == (
        0,
        ["ada@example.org is administrator", "ada@example.org is desk of forum"],
    )
    assert (again.exit_code, again.stdout) == (0, "ada@example.org is administrator already\n")
    actions = session.scalars(select(JournalEntry.action).where(JournalEntry.subject_kind == "account")).all()
    assert actions == ["account_made", "admin_made", "role_given"]


def test_a_password_typed_at_a_terminal_is_not_shown(environ: dict[str, str], session: Session) -> None:  # noqa: ARG001 (the database is there)
    command = [sys.executable, "-m", "forumreg", "user", "create", "ada@example.org", "--password-stdin"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        while b"Password: " not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, PASSWORD.encode())
        with suppress(OSError):  # the end of a terminal
            while more := os.read(ours, 1000):
                shown += more
    os.close(ours)

    assert process.returncode == 0, shown
    assert b"has an account" in shown
    assert PASSWORD.strip().encode() not in shown


WRONG_CALLS = [
    ["--event", "forum"],
    ["--role", "desk"],
    ["--organisation", "ILO"],
    ["--event", "forum", "--role", "partner"],
    ["--event", "forum", "--role", "desk", "--organisation", "ILO"],
]


@pytest.mark.parametrize("words", WRONG_CALLS)
def test_options_that_need_each_other_say_so(forumreg: Forumreg, words: list[str]) -> None:
    assert forumreg("user", "create", "ada@example.org", *words).exit_code == 2
