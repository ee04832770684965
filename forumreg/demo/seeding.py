"""Fills the demo's database: the events, the staff, the weeks of registrations before its clock starts.

Everything goes through the rules that people's clicks go through, told the time that it would have been.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from forumreg.adapters.event_file.reading import read
from forumreg.demo.mails import line_up
from forumreg.demo.people import People
from forumreg.demo.purposes import tell_purposes
from forumreg.demo.registering import Registering
from forumreg.demo.staff import hire
from forumreg.demo.times import ANNOUNCED_BEFORE, START
from forumreg.rules.access import Shell
from forumreg.rules.event import facts, put
from forumreg.store import schema
from forumreg.store.engine import make_engine, make_sessions

FORUM = "led-forum-2015"
USUAL = 400  # registrations for the forum
SMALL = {
    "maputo-2012": 24,
    "lleida-2013": 30,
    "chefchaouen-2014": 34,
    "pasto-2015": 28,
    "ilo-academy-2015": 84,
}
SEED = 20150901
Progress = Callable[[int], object]  # told of each registration: how many more there are


def counts(registrations: int) -> Mapping[str, int]:
    """How many registrations each event gets, where the forum has so many; a small forum has small sisters."""
    share = min(1.0, registrations / USUAL)
    return {FORUM: registrations, **{slug: round(count * share) for slug, count in SMALL.items()}}


def fill(url: str, registrations: int, *, progress: Progress, moment: datetime) -> None:
    """Make the SQLite database that the address names, with so many registrations for the forum.

    ``moment`` is the machine's time, which mails and accounts go by.
    """
    engine = make_engine(url)
    # Written without waiting for the disk: the file gets its name when it is whole.
    sqlalchemy_event.listen(engine, "connect", _hurry)
    with engine.connect() as connection:
        schema.upgrade(connection)
        connection.commit()
    with make_sessions(engine)() as session:
        slugs = store_events(session)
        team = hire(session, FORUM, now=START - ANNOUNCED_BEFORE, moment=moment)
        tell_purposes(session, team.organizer, FORUM, now=START - ANNOUNCED_BEFORE)
        people, wanted = People(random.Random(SEED)), counts(registrations)
        for slug in slugs:
            Registering(session, facts(session, slug), people, team).run(wanted.get(slug, 0), progress)
        line_up(session)
    engine.dispose()


def _hurry(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def store_events(session: Session) -> list[str]:
    """Store the events of the package; their names by first day."""
    folder = files("forumreg.demo").joinpath("events")
    drafts = [read(entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith(".json")]
    drafts.sort(key=lambda draft: (draft.starts_on, draft.slug))
    for draft in drafts:
        opens_at = draft.registration.opens_at or START
        put(session, Shell(), draft, now=min(opens_at, START) - ANNOUNCED_BEFORE)
    return [draft.slug for draft in drafts]
