"""Programmes brought in by the program."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from forumreg.adapters.schedule.reading_words import SENTENCES
from forumreg.rules.event import facts
from tests.builders import a_registration, a_session, an_event, mails, seats_in
from tests.doors.cli.conftest import Forumreg
from tests.schedules import csv_of, schedule_xml, sessions_of

HEAD = ("id", "title_en", "title_fr", "starts_at", "ends_at", "kind", "room")
LATER = (
    "opening",
    "Session opening",
    "Séance opening",
    "2015-10-16T14:00+02:00",
    "2015-10-16T15:30+02:00",
    "panel",
    "hall",
)


def a_file(folder: Path, blob: bytes, name: str = "programme") -> str:
    """The bytes in a file; answers its path."""
    path = folder / name
    path.write_bytes(blob)
    return str(path)


def keys(session: Session) -> list[str]:
    session.rollback()
    return [entry.key for entry in facts(session, "forum").planned]


def test_a_look_says_what_would_change_and_changes_nothing(
    forumreg: Forumreg, tmp_path: Path, session: Session
) -> None:
    an_event(session, sessions=(a_session("opening"),))
    file = a_file(tmp_path, schedule_xml(sessions_of(2, rooms=1)))

    look = forumreg("programme", "import", "forum", file, "--dry-run", "--remove-missing")

    assert look.exit_code == 0
    assert look.stdout.splitlines()[:6] == [
        "added room room-1",
        "added track track-1",
        "added track track-2",
        "added talk-0-developpement-local-et-emploi: Talk 0: développement local et emploi",
        "added talk-1-developpement-local-et-emploi: Talk 1: développement local et emploi",
        "removed opening: Session opening",
    ]
    assert "2 added, 0 changed, 1 removed, 0 same" in look.stdout
    assert "kept type: 2" in look.stdout
    assert keys(session) == ["opening"]


def test_the_same_file_twice_changes_nothing(forumreg: Forumreg, tmp_path: Path, session: Session) -> None:
    an_event(session, sessions=(a_session("opening"),))
    file = a_file(tmp_path, schedule_xml(sessions_of(2, rooms=1)))

    first, second = (forumreg("programme", "import", "forum", file) for _time in range(2))

    assert [(it.exit_code, it.stdout.splitlines()[-1]) for it in (first, second)] == [
        (0, "forum changed"),
        (0, "forum unchanged: all of it is there already"),
    ]
    assert len(keys(session)) == 3


def test_what_is_left_out_goes_only_when_asked(forumreg: Forumreg, tmp_path: Path, session: Session) -> None:
    an_event(session, sessions=(a_session("opening"),))
    file = a_file(tmp_path, csv_of([HEAD, ("new", "New", "", *LATER[3:])]))

    forumreg("programme", "import", "forum", file)
    kept = keys(session)
    forumreg("programme", "import", "forum", file, "--remove-missing")

    assert (sorted(kept), keys(session)) == (["new", "opening"], ["new"])


def test_people_are_touched_only_when_told_so(forumreg: Forumreg, tmp_path: Path, session: Session) -> None:
    event = an_event(session, sessions=(a_session("opening"),))
    a_registration(session, event, sessions=seats_in("opening"))
    file = a_file(tmp_path, csv_of([HEAD, LATER]))

    refused = forumreg("programme", "import", "forum", file)
    done = forumreg("programme", "import", "forum", file, "--tell")

    assert (refused.exit_code, refused.stderr.splitlines()) == (
        1,
        [
            "forumreg: people touched: 1 with a seat, 0 of them clashing, 0 waiting, 0 over the capacity",
            "forumreg: nothing was changed; add --tell to go on",
        ],
    )
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "forum changed; 1 people are told")
    session.rollback()
    assert [message for message, _to in mails(session)][-1] == "moved"


def test_every_wrong_place_is_a_line(forumreg: Forumreg, tmp_path: Path, session: Session) -> None:
    an_event(session)
    file = a_file(tmp_path, csv_of([HEAD, (*LATER[:3], "soon", "later", *LATER[5:])]))

    result = forumreg("programme", "import", "forum", file)

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"forumreg: {file}: D2: “soon” is not an hour that we can read. Write it like 14:30.",
        "forumreg: columns: 1=id, 2=title_en, 3=title_fr, 4=starts_at, 5=ends_at, 6=kind, 7=room",
    ]


def test_a_column_is_named_by_its_number(forumreg: Forumreg, tmp_path: Path, session: Session) -> None:
    an_event(session)
    file = a_file(tmp_path, csv_of([("Was", "start", "end"), ("Fest", "2015-10-16 09:00", "2015-10-16 10:00")]))

    done = forumreg("programme", "import", "forum", file, "--column", "1=title")
    wrong = forumreg("programme", "import", "forum", file, "--column", "1=colour")

    assert (done.exit_code, keys(session)) == (0, ["fest"])
    assert wrong.exit_code == 2


def test_what_is_no_schedule_or_no_event_is_refused_in_a_line(
    forumreg: Forumreg, tmp_path: Path, session: Session
) -> None:
    an_event(session)
    pdf = a_file(tmp_path, b"%PDF-1.7", "a.pdf")

    answers = [forumreg("programme", "import", slug, pdf) for slug in ("forum", "nowhere")]

    assert [(it.exit_code, it.stderr) for it in answers] == [
        (1, f"forumreg: {pdf}: {SENTENCES['unknown_file']}\n"),
        (1, "forumreg: no event has this slug\n"),
    ]


def test_a_file_may_come_by_the_pipe(forumreg: Forumreg, session: Session) -> None:
    an_event(session)

    done = forumreg("programme", "import", "forum", "-", stdin=csv_of([HEAD, LATER]).decode())

    assert (done.exit_code, keys(session)) == (0, ["opening"])
