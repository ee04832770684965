"""The doctor: silent about health, loud about what loses mail or data."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from forumreg.store.writing import writing
from forumreg.tables.mail import OutboxMessage
from tests.builders import a_receipt, an_event
from tests.doors.cli.conftest import Forumreg
from tests.doors.cli.running import free_port


def bad(result: Result) -> list[str]:
    """What the doctor found bad, in its order."""
    return [line.split()[1] for line in result.stdout.splitlines() if line.startswith("BAD")]


def test_a_healthy_installation_ends_with_0(forumreg: Forumreg, session: Session) -> None:
    a_receipt(session, an_event(session))

    result = forumreg("doctor")

    assert (result.exit_code, bad(result), result.stderr) == (0, [], "")


def test_a_pool_that_differs_from_a_recount_is_named(forumreg: Forumreg, session: Session) -> None:
    a_receipt(session, an_event(session))
    with writing(session):
        session.execute(text("UPDATE seat_pool SET taken = taken + 2 WHERE kind = 'category' AND key = 'local'"))

    result = forumreg("doctor")

    assert (result.exit_code, bad(result)) == (1, ["seats"])
    assert "forum category/local: 3 taken, 1 counted" in result.stdout
    assert result.stderr == "forumreg: 1 of 9 would lose mail or data\n"


def test_mail_that_waits_too_long_is_told(forumreg: Forumreg, session: Session) -> None:
    a_receipt(session, an_event(session))
    with writing(session):
        session.execute(update(OutboxMessage).values(created_at=datetime.now(UTC) - timedelta(minutes=17)))

    result = forumreg("doctor")

    assert (result.exit_code, bad(result)) == (1, ["outbox"])
    assert "a mail has waited for 17 minutes" in result.stdout


def test_a_mail_server_that_is_not_there_is_told(forumreg: Forumreg) -> None:
    result = forumreg("doctor", FORUMREG_SMTP_URL=f"smtp://127.0.0.1:{free_port()}?tls=off")

    assert (result.exit_code, bad(result)) == (1, ["mail", "address"])


def test_a_short_secret_and_one_that_others_read_are_told(forumreg: Forumreg, instance: Path) -> None:
    forumreg("doctor")
    (instance / "secret-key").chmod(0o644)

    assert bad(forumreg("doctor")) == ["secret"]
    assert bad(forumreg("doctor", FORUMREG_SECRET_KEY="short")) == ["secret"]


def test_a_clock_before_the_journal_is_told(forumreg: Forumreg, session: Session) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with writing(session):
        session.execute(
            text(
                "INSERT INTO journal_entry (at, actor_kind, action, subject_kind, before, after)"
                " VALUES (:at, 'shell', 'looked', 'event', '{}', '{}')"
            ),
            {"at": tomorrow.strftime("%Y-%m-%d %H:%M:%S.%f")},
        )

    assert bad(forumreg("doctor")) == ["clock"]


def test_a_database_that_is_not_there_is_bad_and_the_rest_is_looked_at(forumreg: Forumreg, tmp_path: Path) -> None:
    result = forumreg("doctor", FORUMREG_INSTANCE=str(tmp_path / "elsewhere"))

    assert (result.exit_code, bad(result)) == (1, ["database"])
    assert "there is no database yet; run: forumreg db upgrade" in result.stdout
    assert not (tmp_path / "elsewhere" / "forumreg.sqlite3").exists()


DAMAGED = "the database file is damaged, or no database; move it away, then bring a backup back: forumreg restore"


@pytest.mark.parametrize("command", ["serve", "worker", "db upgrade", "event export forum", "backup copy"])
def test_a_file_that_is_no_database_is_one_line(forumreg: Forumreg, instance: Path, command: str) -> None:
    (instance / "forumreg.sqlite3").write_bytes(b"This is a letter and no database.\n" * 400)

    result = forumreg(*command.split())

    assert (result.exit_code, result.stderr) == (1, f"forumreg: {DAMAGED}\n")


def test_a_file_that_is_no_database_or_has_a_damaged_page_is_bad(forumreg: Forumreg, instance: Path) -> None:
    file = instance / "forumreg.sqlite3"
    whole = file.read_bytes()
    told = []

    for broken in (b"This is a letter.\n" * 400, whole[:8192] + b"\xff" * 4096 * 40 + whole[8192 + 4096 * 40 :]):
        file.write_bytes(broken)
        result = forumreg("doctor")
        told.append((result.exit_code, bad(result), DAMAGED in result.stdout))

    assert told == [(1, ["database"], True)] * 2
