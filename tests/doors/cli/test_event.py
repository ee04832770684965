"""Event files in and out by the program."""

import json
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.adapters.event_file.writing import write
from forumreg.rules.event import facts
from forumreg.tables.event import Event
from tests.builders import a_draft, a_registration, statuses
from tests.doors.cli.conftest import Forumreg


def a_file(folder: Path, text: str) -> str:
    """The text in a file; answers its path."""
    path = folder / "event.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_goes_in_and_comes_out_the_same(forumreg: Forumreg, tmp_path: Path) -> None:
    text = write(a_draft())
    file = a_file(tmp_path, text)

    first, second = forumreg("event", "import", file), forumreg("event", "import", file)
    out = forumreg("event", "export", "forum")

    assert [(it.exit_code, it.stdout) for it in (first, second)] == [
        (0, "forum created\n"),
        (0, "forum unchanged: it is stored already\n"),
    ]
    assert (out.exit_code, out.stdout) == (0, text)


def test_a_file_may_come_by_the_pipe_and_go_to_a_file(forumreg: Forumreg, tmp_path: Path) -> None:
    forumreg("event", "import", "-", stdin=write(a_draft()))

    forumreg("event", "export", "forum", "-o", str(tmp_path / "out.json"))

    assert (tmp_path / "out.json").read_text(encoding="utf-8") == write(a_draft())


def test_every_wrong_place_is_a_line_and_nothing_is_stored(
    forumreg: Forumreg, tmp_path: Path, session: Session
) -> None:
    parsed = {**json.loads(write(a_draft())), "timezone": "Europe/Nowhere", "colour": "red"}
    file = a_file(tmp_path, json.dumps(parsed))

    result = forumreg("event", "import", file)

    assert (result.exit_code, result.stderr) == (1, f"forumreg: {file}: colour: unknown key\n")
    assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_a_file_that_is_no_event_is_refused_without_a_trace(forumreg: Forumreg, tmp_path: Path) -> None:
    result = forumreg("event", "import", a_file(tmp_path, "\x00not json"))

    assert result.exit_code == 1
    assert result.stderr.startswith(f"forumreg: {tmp_path / 'event.json'}: ")
    assert "Traceback" not in result.output


def test_places_that_a_file_adds_go_to_those_who_wait(forumreg: Forumreg, tmp_path: Path, session: Session) -> None:
    far = {"starts_on": date(2095, 10, 15), "ends_on": date(2095, 10, 18)}  # the program's clock is the machine's
    one, two = (write(a_draft(capacity=capacity, **far)) for capacity in (1, 2))
    forumreg("event", "import", a_file(tmp_path, one))
    event = facts(session, "forum")
    a_registration(session, event)
    a_registration(session, event, accept_waitlist=True)

    result = forumreg("event", "import", a_file(tmp_path, two))
    session.rollback()  # what it read is over

    assert (result.exit_code, statuses(session, event)) == (0, {"confirmed": 2})
