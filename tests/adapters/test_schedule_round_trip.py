"""What goes out as a schedule comes in again as the same: in all four formats, whatever the programme says."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from forumreg.adapters.schedule.items import schedule_of
from forumreg.adapters.schedule.reading import read
from forumreg.adapters.schedule.writing_csv import programme_csv
from forumreg.adapters.schedule.writing_json import schedule_json
from forumreg.adapters.schedule.writing_xml import schedule_xml
from forumreg.base.folding import clean_line, clean_text
from forumreg.rules.access import Shell
from forumreg.rules.event import draft_of, facts, put
from forumreg.rules.event.drafts import SESSION_KINDS, RoomDraft, SessionDraft, SpeakerDraft, TrackDraft
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.event.reading import forget_all
from forumreg.rules.planning import check_programme, compare
from forumreg.store.engine import make_engine, make_sessions
from tests.builders import NOW, a_draft
from tests.schedules import xlsx_of

START = datetime(2015, 10, 15, 6, 0, tzinfo=UTC)
ROOMS = (
    RoomDraft("hall", {"en": "Great Hall"}, 100),
    RoomDraft("b", {"it": "Sala B", "ar": "القاعة ب"}),
    RoomDraft("b2", {"it": "Sala B"}),
)
TRACKS = (
    TrackDraft("jobs", {"en": "Jobs; and more | all", "fr": "Emploi"}),
    TrackDraft("food", {"en": "=Food", "fr": "Alimentation"}),
)
_slugs = (f"trip-{number}" for number in itertools.count())

# Every sign but controls, private and unassigned ones; some words that spreadsheets and markup trip over.
signs = st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
awkward = st.sampled_from(
    [
        "=1+1",
        "a; b",
        "a | b",
        "back\\slash",
        '"quoted"',
        "<b>&amp;</b>",
        "تنمية محلية",
        "日本語の題",
        "é",
        "12",
        "none",
        "- 3",
        "x, y",
    ]
)
lines = st.one_of(awkward, st.text(signs, min_size=1, max_size=40)).map(clean_line).filter(bool)
paragraphs = st.lists(lines, min_size=1, max_size=3).map("\n\n".join).map(clean_text).filter(bool)
languages = st.sampled_from(["en", "fr", "ar", "pt-BR", "zh-Hant"])
persons = st.builds(SpeakerDraft, lines, st.one_of(st.just(""), lines), st.one_of(st.just(""), lines))
extras = st.fixed_dictionaries(
    {},
    optional={
        "subtitle": lines,
        "code": st.just("ABC123"),
        "url": st.just("https://conf.example.org/talk"),
        "type": st.just("Lecture"),
        "description": paragraphs,
        "do_not_record": st.booleans(),
        "links": st.just([{"url": "https://example.org/a", "title": "A"}, {"url": "https://example.org/b"}]),
        "persons": st.just([{"name": "Nobody here", "biography": "Was."}]),
        "of another program": st.just({"deep": [1, "two"]}),
    },
)


@st.composite
def sessions(draw: st.DrawFn, key: str) -> SessionDraft:
    """One session of anybody's programme."""
    start = START + timedelta(minutes=draw(st.integers(0, 4 * 24 * 60 - 300)))
    kind = draw(st.sampled_from(SESSION_KINDS))
    is_booked = kind != "break" and draw(st.booleans())
    capacity = draw(st.one_of(st.none(), st.integers(10, 90)))
    return SessionDraft(
        id=key,
        title=draw(st.dictionaries(languages, lines, min_size=1, max_size=3)),
        abstract=draw(st.dictionaries(languages, paragraphs, max_size=2)),
        kind=kind,
        starts_at=start,
        ends_at=start + timedelta(minutes=draw(st.integers(1, 300))),
        room=draw(st.sampled_from([None, "hall", "b", "b2"])),
        track=draw(st.sampled_from([None, "jobs", "food"])),
        capacity=capacity,
        languages=tuple(draw(st.lists(languages, max_size=3, unique=True))),
        interpreted=tuple(draw(st.lists(languages, max_size=2, unique=True))),
        speakers=tuple(draw(st.lists(persons, max_size=3))),
        booking=draw(st.sampled_from(["open", "invitation"])) if is_booked else "none",
        visibility=draw(st.sampled_from(["public", "public", "draft"])),
        held={"press": 3} if is_booked and capacity and draw(st.booleans()) else {},
        lead=draw(st.sampled_from([None, "ILO", "City of Turin"])),
        extra=draw(extras) | ({"id": int(key[1:]) + 7} if draw(st.booleans()) else {}),
    )


programmes = st.integers(1, 4).flatmap(
    lambda count: st.tuples(*(sessions(f"s{number}") for number in range(count)))
)  # fmt: skip


def as_xml(_store: Session, event: EventFacts) -> bytes:
    return schedule_xml(schedule_of(event, base_url="https://forum.example.org", language="fr", program="1"))


def as_json(_store: Session, event: EventFacts) -> bytes:
    return schedule_json(schedule_of(event, base_url="https://forum.example.org", language="en", program="1"))


def as_csv(store: Session, event: EventFacts) -> bytes:
    return programme_csv(draft_of(store, Shell(), event.slug))


def as_xlsx(store: Session, event: EventFacts) -> bytes:
    rows: list[tuple[Any, ...]] = [
        tuple(row) for row in csv.reader(StringIO(as_csv(store, event).decode("utf-8-sig"), newline=""))
    ]
    return xlsx_of(rows)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Session]:
    """A database that all examples share; each has an event of its own."""
    path = tmp_path_factory.mktemp("trip") / "trip.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    forget_all()
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()


FORMATS: dict[str, Callable[[Session, EventFacts], bytes]] = {
    "xml": as_xml,
    "json": as_json,
    "csv": as_csv,
    "xlsx": as_xlsx,
}


@pytest.mark.parametrize("form", FORMATS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(programme=programmes)
def test_a_programme_that_goes_out_and_in_again_is_the_same(
    form: str, store: Session, programme: tuple[SessionDraft, ...]
) -> None:
    slug = next(_slugs)
    put(store, Shell(), a_draft(slug, rooms=ROOMS, tracks=TRACKS, sessions=programme), now=NOW)
    event = facts(store, slug)
    shown = event.planned if form in {"csv", "xlsx"} else event.sessions

    if not shown:
        return
    brought = read(FORMATS[form](store, event), event)
    comparison = compare(event, brought.programme)

    assert (comparison.changed, comparison.added) == ({}, ())
    assert len(comparison.same) == len(shown)
    assert comparison.is_empty
    assert check_programme(event, brought.programme) == ()
    assert brought.named == {} or form in {"xml", "json"}
