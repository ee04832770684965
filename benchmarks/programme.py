"""Five hundred people for forty seats of a session; the page of a thousand sessions; a large schedule brought in."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from benchmarks.crowd import percentile
from benchmarks.figures import Figure
from benchmarks.house import House, house, serving, store_event
from benchmarks.person import Person, expect, race
from forumreg.rules.access import Shell
from forumreg.rules.event import draft_of, facts, put
from forumreg.rules.event.drafts import EventDraft, RoomDraft, SessionDraft
from forumreg.rules.registration.recount import recount
from forumreg.store.engine import make_sessions
from forumreg.tables.booking import BookingStatus, SessionBooking
from forumreg.tables.journal import JournalEntry
from forumreg.tables.programme import ProgrammeSession
from tests.schedules import schedule_xml, sessions_of

CLIENTS, SEATS = 500, 40
MANY, FEW = 1000, 20
ROOMS = 25
ASKED = 30  # times for a median
SESSION = "social-and-solidarity-economy"
LARGE_SESSIONS, LARGE_ROOMS = 1500, 100


def seats(kind: str, *, rounds: int) -> list[Figure]:
    """Race so many rounds, each for the seats of one session of an event of its own, its line accepted."""
    codes: Counter[int] = Counter()
    times: list[float] = []
    right = 0
    with house(kind) as at:
        slugs = [f"seats-{number}" for number in range(rounds)]
        engine = at.engine()
        for slug in slugs:
            store_event(at, slug)
            _shrink(engine, slug)
        with serving(at):
            for slug in slugs:
                answers, took = race(CLIENTS, at.port, slug, wanted=[f"wait:{SESSION}"])
                codes.update(answers)
                times += took
                right += Counter(answers)[303] == CLIENTS and _is_right(engine, slug)
        engine.dispose()
    failed = sum(number for code, number in codes.items() if code >= 500)
    return [
        Figure(
            kind,
            f"rounds of {rounds}: exactly {SEATS} of {CLIENTS} have a seat, the line is in the order of commits",
            right,
            rounds,
        ),
        Figure(kind, "answers of 500 and more meanwhile", failed, at_most=0),
        Figure(kind, "p95 of sending the form, seconds", percentile(times, 95), digits=2),
    ]


def _shrink(engine: Engine, slug: str) -> None:
    with make_sessions(engine)() as session:
        draft = draft_of(session, Shell(), slug)
        sessions = tuple(replace(each, capacity=SEATS) if each.id == SESSION else each for each in draft.sessions)
        put(session, Shell(), replace(draft, sessions=sessions), now=datetime.now(UTC))


def _is_right(engine: Engine, slug: str) -> bool:
    with make_sessions(engine)() as session:
        event = facts(session, slug)
        statuses = _statuses(session, event.id)
        expected = [BookingStatus.BOOKED] * SEATS + [BookingStatus.WAITLISTED] * (CLIENTS - SEATS)
        return statuses == expected and recount(session, event.id) == ()


def _statuses(session: Session, event_id: int) -> list[BookingStatus]:
    """What each has of the session, in the order in which the registrations were committed."""
    rows = session.execute(
        select(SessionBooking.status, SessionBooking.id)
        .join(ProgrammeSession, ProgrammeSession.id == SessionBooking.session_id)
        .join(
            JournalEntry,
            (JournalEntry.subject_kind == "registration")
            & (JournalEntry.subject_id == SessionBooking.registration_id)
            & (JournalEntry.action == "submitted"),
        )
        .where(ProgrammeSession.event_id == event_id, ProgrammeSession.key == SESSION)
        .order_by(JournalEntry.id)
    ).all()
    ids = [row.id for row in rows]
    return [row.status for row in rows] if ids == sorted(ids) else []


def pages(kind: str) -> list[Figure]:
    """The programme of a thousand sessions against the page of an event with twenty."""
    with house(kind) as at:
        engine = at.engine()
        for slug, number in (("many", MANY), ("few", FEW)):
            with make_sessions(engine)() as session:
                put(session, Shell(), _an_event(slug, number), now=datetime.now(UTC))
        engine.dispose()
        with serving(at):
            large, small = "/events/many/programme", "/events/few/"
            weight_bytes = 0
            took: dict[str, list[float]] = {large: [], small: []}
            for _ in range(ASKED):
                for path, times in took.items():
                    with Person(at.port) as person:
                        began = time.monotonic()
                        answer = expect(200, person.get(path))
                        times.append(time.monotonic() - began)
                        weight_bytes = len(answer.sent) if path == large else weight_bytes
    medians = {path: statistics.median(each) for path, each in took.items()}
    return [
        Figure(
            kind, f"programme of {MANY} sessions : event page with {FEW}", medians[large] / medians[small], at_most=4,
            digits=2,
        ),
        Figure(kind, "weight of that programme, KB packed", weight_bytes / 1000, at_most=120, digits=1),
    ]  # fmt: skip


def _an_event(slug: str, number: int) -> EventDraft:
    """An event of four days with so many sessions, an hour each, in parallel rooms."""
    first = (datetime.now(UTC) + timedelta(days=60)).replace(hour=8, minute=0, second=0, microsecond=0)
    sessions = []
    for place in range(number):
        slot, room = divmod(place, ROOMS)
        starts_at = first + timedelta(days=slot // 10, hours=slot % 10)
        sessions.append(
            SessionDraft(
                f"s{place}",
                {"en": f"Session {place}: local finance that reaches small enterprises, part {place % 7}"},
                "panel",
                starts_at,
                starts_at + timedelta(hours=1),
                room=f"r{room}",
                languages=("en", "fr"),
                booking="open",
                capacity=100,
            )
        )
    return EventDraft(
        slug=slug,
        title={"en": f"Forum of {number} sessions"},
        kind="forum",
        starts_on=first.date(),
        ends_on=first.date() + timedelta(days=max(3, number // (ROOMS * 10))),
        timezone="UTC",
        city="Turin",
        country="IT",
        rooms=tuple(RoomDraft(f"r{room}", {"en": f"Room {room}"}, 200) for room in range(ROOMS)),
        sessions=tuple(sessions),
    )


def brought_in(kind: str) -> list[Figure]:
    """A schedule of 1,500 sessions in 100 rooms, by the command, into an event that has none."""
    with house(kind) as at:
        engine = at.engine()
        with make_sessions(engine)() as session:
            put(session, Shell(), _an_empty_event(), now=datetime.now(UTC))
        engine.dispose()
        file = Path(at.folder) / "schedule.xml"
        file.write_bytes(schedule_xml(sessions_of(LARGE_SESSIONS, LARGE_ROOMS)))
        seconds, peak_bytes = _timed(at, ["programme", "import", "large", str(file)])
    return [
        Figure(kind, f"schedule of {LARGE_SESSIONS} sessions brought in, seconds", seconds, at_most=10, digits=1),
        Figure(kind, "its peak memory, MB", peak_bytes / 1e6, at_most=200),
    ]


def _an_empty_event() -> EventDraft:
    """An event on the days of the schedule."""
    return replace(
        _an_event("large", 0),
        timezone="Europe/Rome",
        starts_on=date(2015, 10, 15),
        ends_on=date(2015, 10, 18),
        rooms=(),
    )


# The kernel's own number for a program that has ended (ru_maxrss) begins with what its parent held when it started it.
_WATCHED = """
import runpy, sys
told = sys.argv.pop(1)
try:
    runpy.run_module("forumreg", run_name="__main__", alter_sys=True)
finally:
    with open("/proc/self/status") as status, open(told, "w") as file:
        file.write(next(line.split()[1] for line in status if line.startswith("VmHWM:")))
"""


def _timed(at: House, arguments: list[str]) -> tuple[float, float]:
    """How long the program took, and the most memory that it held at once, in bytes."""
    began, told = time.monotonic(), at.folder / "most-memory"
    command = [sys.executable, "-c", _WATCHED, str(told), *arguments]
    subprocess.run(command, env=at.environment, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began, int(told.read_text()) * 1024
