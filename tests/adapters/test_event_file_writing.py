"""Writing event files: canonical, and read back without loss."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forumreg.adapters.event_file.reading import read
from forumreg.adapters.event_file.writing import write
from forumreg.rules.event import drafts
from forumreg.rules.event.drafts import (
    CategoryDraft,
    EventDraft,
    FieldDraft,
    OptionDraft,
    OrganisationDraft,
    RegistrationDraft,
    RoomDraft,
    SessionDraft,
    ShowIf,
    TrackDraft,
)

DEMO = sorted((Path(__file__).parents[2] / "forumreg" / "demo" / "events").glob("*.json"))


SMALL = EventDraft("small", {"en": "Small meeting"}, "meeting", date(2015, 10, 25), date(2015, 10, 25), "Europe/Rome")


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_demo_files_are_canonical(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert write(read(text.encode())) == text


def test_defaults_are_left_out_and_the_order_is_that_of_the_schema() -> None:
    draft = replace(SMALL, capacity=0, rooms=(RoomDraft("hall", {"fr": "Salle", "en": "Hall", "ar": "قاعة"}),))

    assert (
        write(draft)
        == """\
{
  "format": "forumreg-event/1",
  "slug": "small",
  "title": "Small meeting",
  "kind": "meeting",
  "starts_on": "2015-10-25",
  "ends_on": "2015-10-25",
  "timezone": "Europe/Rome",
  "capacity": 0,
  "rooms": [
    {
      "id": "hall",
      "name": {
        "en": "Hall",
        "ar": "قاعة",
        "fr": "Salle"
      }
    }
  ]
}
"""
    )


def test_instants_are_written_in_the_zone_of_the_event_on_both_sides_of_a_change_of_clocks() -> None:
    summer = datetime(2015, 10, 25, 0, 30, tzinfo=UTC)
    winter = summer + timedelta(hours=1)
    sessions = tuple(
        SessionDraft(start.isoformat(), {"en": "Talk"}, "panel", start, start + timedelta(minutes=15))
        for start in (summer, winter)
    )

    written = json.loads(write(replace(SMALL, sessions=sessions)))

    assert [session["starts_at"] for session in written["sessions"]] == [
        "2015-10-25T02:30:00+02:00",
        "2015-10-25T02:30:00+01:00",
    ]


TAGS = ("en", "fr", "ar", "pt-BR", "zh-Hant")
signs = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
lines = st.text(signs, min_size=1, max_size=20).filter(str.strip)
numbers = st.none() | st.integers(0, 1_000_000)
moments = st.integers(0, 2 * 24 * 60).map(
    lambda minutes: datetime(2015, 10, 15, tzinfo=UTC) + timedelta(minutes=minutes)
)


def texts(first: str | None = None) -> st.SearchStrategy[dict[str, str]]:
    """Texts by language, one of them in ``first``, or none at all."""
    some = st.dictionaries(st.sampled_from(TAGS), lines, max_size=3)
    return st.builds(lambda more, own: {**more, first: own}, some, lines) if first else some


def listed(kind: st.SearchStrategy[Any], key: str) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(kind, max_size=3, unique_by=lambda part: getattr(part, key)).map(tuple)


ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,5}", fullmatch=True)
keys = st.from_regex(r"x[a-z0-9_]{0,5}", fullmatch=True)


def questions(own: st.SearchStrategy[dict[str, str]], categories: list[str]) -> st.SearchStrategy[Any]:
    """Questions of every kind; where the first is a choice, a last one depends on it."""
    asked = st.sampled_from([(), *((category,) for category in categories)])
    options = listed(st.builds(OptionDraft, ids, own, numbers), "value").filter(bool)
    plain = st.builds(
        FieldDraft,
        keys,
        st.sampled_from([kind for kind in drafts.FIELD_KINDS if not kind.startswith("choice")]),
        own,
        help=texts(),
        purpose=texts(),
        required=st.booleans(),
        categories=asked,
        audience=st.sampled_from(drafts.AUDIENCES),
        erase_after_days=st.none() | st.integers(0, 3650),
    )
    choice = st.builds(FieldDraft, keys, st.sampled_from(("choice", "choices")), own, options=options)
    return listed(plain | choice, "key").map(with_a_last_one)


def with_a_last_one(asked: tuple[FieldDraft, ...]) -> tuple[FieldDraft, ...]:
    if not asked or not asked[0].options:
        return asked
    condition = ShowIf(asked[0].key, asked[0].options[0].value)
    return (*asked, FieldDraft("last", "yes-no", asked[0].label, show_if=condition))


def sessions(
    own: st.SearchStrategy[dict[str, str]], tracks: list[str], rooms: list[str], leads: list[str]
) -> st.SearchStrategy[Any]:
    session = st.builds(
        lambda start, **parts: SessionDraft(starts_at=start, ends_at=start + timedelta(minutes=20), **parts),
        moments,
        id=ids,
        title=own,
        kind=st.sampled_from([kind for kind in drafts.SESSION_KINDS if kind != "break"]),
        abstract=texts(),
        track=st.sampled_from([None, *tracks]),
        room=st.sampled_from([None, *rooms]),
        capacity=numbers,
        languages=st.lists(st.sampled_from(TAGS), max_size=3, unique=True).map(tuple),
        booking=st.sampled_from(drafts.BOOKINGS),
        lead=st.sampled_from([None, *leads]),
    )
    return listed(session, "id")


windows = st.builds(
    RegistrationDraft,
    opens_at=st.none() | moments,
    approval=st.sampled_from(drafts.APPROVALS),
    waitlist=st.booleans(),
)
roles = st.sampled_from(drafts.ROLES)
hosts = listed(st.builds(OrganisationDraft, lines, roles, country=st.sampled_from((None, "CI"))), "name")


@st.composite
def events(draw: st.DrawFn) -> EventDraft:
    languages = tuple(draw(st.lists(st.sampled_from(TAGS), min_size=1, unique=True)))
    own = texts(languages[0])
    approvals = st.sampled_from((None, *drafts.APPROVALS))
    categories = draw(listed(st.builds(CategoryDraft, ids, own, numbers, approvals), "id"))
    rooms = draw(listed(st.builds(RoomDraft, ids, own, numbers), "id"))
    tracks = draw(listed(st.builds(TrackDraft, ids, own), "id"))
    organisations = draw(hosts)
    return EventDraft(
        slug=draw(st.sampled_from(("small", "led-forum-2015"))),
        title=draw(own),
        kind=draw(st.sampled_from(drafts.EVENT_KINDS)),
        starts_on=date(2015, 10, 15),
        ends_on=date(2015, 10, 16),
        timezone=draw(st.sampled_from(("Europe/Rome", "UTC", "America/Bogota", "Africa/Maputo"))),
        summary=draw(texts()),
        description=draw(texts()),
        venue=draw(texts()),
        city=draw(st.just("") | lines),
        country=draw(st.sampled_from((None, "IT"))),
        status=draw(st.sampled_from(drafts.STATUSES)),
        visibility=draw(st.sampled_from(drafts.VISIBILITIES)),
        accent=draw(st.sampled_from(drafts.ACCENTS)),
        contact_email=draw(st.sampled_from(("", "forum@example.org"))),
        privacy_notice=draw(texts()),
        languages=languages,
        capacity=draw(numbers),
        registration=draw(windows),
        organisations=organisations,
        categories=categories,
        fields=draw(questions(own, [category.id for category in categories])),
        rooms=rooms,
        tracks=tracks,
        sessions=draw(sessions(own, [t.id for t in tracks], [r.id for r in rooms], [o.name for o in organisations])),
    )


@settings(max_examples=60, deadline=None)
@given(events())
def test_every_event_comes_back_as_it_was_written(draft: EventDraft) -> None:
    text = write(draft)

    again = read(text.encode())

    assert again == draft
    assert write(again) == text
