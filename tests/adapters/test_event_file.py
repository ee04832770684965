"""Reading event files: what becomes of each key, and every wrong place named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from forumreg.adapters.event_file.reading import read
from forumreg.base.errors import Invalid
from forumreg.rules.event.checks import problems
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


def a_file(**changes: object) -> dict[str, Any]:
    """A small event file that is right; ``None`` takes a key out."""
    event: dict[str, Any] = {
        "format": "forumreg-event/1",
        "slug": "small",
        "title": "Small meeting",
        "kind": "meeting",
        "starts_on": "2015-10-15",
        "ends_on": "2015-10-16",
        "timezone": "Europe/Rome",
        "organisations": [{"name": "City of Turin", "short_name": "Turin", "role": "organizer"}],
        "categories": [{"id": "city", "title": "City"}, {"id": "press", "title": "Press"}],
        "rooms": [{"id": "hall", "name": "Hall"}],
        "tracks": [{"id": "work", "title": "Work"}],
    }
    return {key: value for key, value in {**event, **changes}.items() if value is not None}


def a_session(**changes: object) -> dict[str, Any]:
    session: dict[str, Any] = {
        "id": "talk",
        "title": "Talk",
        "kind": "panel",
        "starts_at": "2015-10-15T10:00:00+02:00",
        "ends_at": "2015-10-15T11:00:00+02:00",
    }
    return {**session, **changes}


def a_question(key: str = "asked", kind: str = "text", **changes: object) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": "Question", **changes}


def blob(event: object) -> bytes:
    return json.dumps(event).encode()


def said_of(file: bytes) -> list[str]:
    """What reading the file complains of."""
    with pytest.raises(Invalid) as refused:
        read(file)
    return [f"{problem.place}: {problem.message}" for problem in refused.value.problems]


def a_choice(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "label": value} for value in values]


# What is read


def test_a_file_becomes_a_draft_with_texts_by_language_and_instants_in_utc() -> None:
    file = a_file(
        languages=["fr", "en"],
        title={"fr": "Petite réunion", "en": "Small meeting"},
        categories=[{"id": "city", "title": "Ville", "capacity": 4e1, "approval": "manual"}],
        rooms=[{"id": "hall", "name": "Salle"}],
        tracks=[{"id": "work", "title": "Travail"}],
        registration={"closes_at": "2015-10-09T23:59+02:00", "waitlist": False},
        fields=[
            a_question("visa", "yes-no", label="Visa ?"),
            a_question("passport", show_if={"field": "visa", "is": "yes"}, erase_after_days=30),
            a_question("themes", "choices", options=a_choice("food"), categories=["city"]),
        ],
        sessions=[a_session(room="hall", track="work", lead="Turin", languages=["fr"], booking="open")],
    )

    assert read(blob(file)) == EventDraft(
        slug="small",
        title={"fr": "Petite réunion", "en": "Small meeting"},
        kind="meeting",
        starts_on=date(2015, 10, 15),
        ends_on=date(2015, 10, 16),
        timezone="Europe/Rome",
        languages=("fr", "en"),
        registration=RegistrationDraft(closes_at=datetime(2015, 10, 9, 21, 59, tzinfo=UTC), waitlist=False),
        organisations=(OrganisationDraft("City of Turin", "organizer", "Turin"),),
        categories=(CategoryDraft("city", {"fr": "Ville"}, capacity=40, approval="manual"),),
        fields=(
            FieldDraft("visa", "yes-no", {"fr": "Visa ?"}),
            FieldDraft("passport", "text", {"fr": "Question"}, show_if=ShowIf("visa", "yes"), erase_after_days=30),
            FieldDraft(
                "themes",
                "choices",
                {"fr": "Question"},
                options=(OptionDraft("food", {"fr": "food"}),),
                categories=("city",),
            ),
        ),
        rooms=(RoomDraft("hall", {"fr": "Salle"}),),
        tracks=(TrackDraft("work", {"fr": "Travail"}),),
        sessions=(
            SessionDraft(
                "talk",
                {"fr": "Talk"},
                "panel",
                datetime(2015, 10, 15, 8, tzinfo=UTC),
                datetime(2015, 10, 15, 9, tzinfo=UTC),
                track="work",
                room="hall",
                languages=("fr",),
                booking="open",
                lead="Turin",
            ),
        ),
    )


def test_whole_numbers_are_integers_however_they_are_written() -> None:
    draft = read(blob(a_file(capacity=4e3)))

    assert (draft.capacity, type(draft.capacity)) == (4000, int)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read(b"\xef\xbb\xbf" + blob(a_file())) == read(blob(a_file()))


# What keeps a file from being read


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b" " * 5_000_001, "file: larger than 5 MB"),
        (b'{"slug": "\xff"}', "file: not UTF-8 at byte 10"),
        (b"", "file: not JSON at line 1, column 1"),
        (b'{\n "slug": }', "file: not JSON at line 2, column 10"),
        (b'{"capacity": NaN}', "file: NaN is not JSON"),
        (b'{"capacity": -Infinity}', "file: -Infinity is not JSON"),
        (b'{"capacity": ' + b"9" * 5000 + b"}", "file: a number of more than 18 digits"),
        (b"[" * 21 + b"]" * 21, "file: nested deeper than 20 levels"),
        (b"[" * 1_000_000, "file: nested deeper than 20 levels"),
        (b"[]", "file: must be an object"),
        (b"null", "file: must be an object"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(file: bytes, said: str) -> None:
    assert said_of(file) == [said]


def test_twenty_levels_are_read_and_then_refused_by_name() -> None:
    assert said_of(b"[" * 20 + b"]" * 20) == ["file: must be an object"]


def test_keys_written_twice_are_named_where_they_are() -> None:
    file = blob(a_file(sessions=[a_session()])).replace(b'"id": "talk"', b'"id": "talk", "id": "other"')

    assert said_of(file.replace(b'"slug"', b'"kind": "forum", "slug"')) == [
        "kind: written twice",
        "sessions[0].id: written twice",
    ]


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x85", "\ud800"])
def test_signs_that_no_text_holds_are_refused(sign: str) -> None:
    file = a_file(title={"en": f"Small{sign}meeting"}, tracks=[{"id": "work", "title": f"W{sign}"}])

    assert said_of(blob(file)) == [
        "title.en: has a control character",
        "tracks[0].title: has a control character",
    ]


# What its shape gets wrong


def test_every_fault_of_shape_is_told_at_once_in_the_order_of_places() -> None:
    sessions = [a_session(id=f"s{number}") for number in range(11)]
    sessions[2] = a_session(colour="red", starts_at="tomorrow", ends_at="2015-02-30T10:00Z")
    sessions[10] = a_session(kind="talk", booking=True)
    file = a_file(
        categories=[{"title": " "}],
        languages=[],
        sessions=sessions,
        capacity=-1,
        timezone=None,
        title={"EN": "Small"},
        visibility="hidden",
        country="Italy",
    )

    assert said_of(blob(file)) == [
        "capacity: below 0",
        "categories[0].id: required",
        "categories[0].title: must be one line with more than blanks in it",
        "country: must be an ISO 3166-1 code of two capital letters, such as IT",
        "languages: empty",
        "sessions[2].colour: unknown key",
        "sessions[2].ends_at: must be a day and an hour with its offset, such as 2015-10-15T14:30:00+02:00",
        "sessions[2].starts_at: must be a day and an hour with its offset, such as 2015-10-15T14:30:00+02:00",
        "sessions[10].booking: must be a text",
        "sessions[10].booking: must be one of open, invitation, none",
        "sessions[10].kind: must be one of plenary, panel, workshop, side-event, world-cafe, site-visit,"
        " meeting, break",
        "timezone: required",
        "title.EN: must be a language tag such as en, pt-BR or zh-Hant",
        "visibility: must be one of public, unlisted",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "forumreg-event/2"}, "format: must be forumreg-event/1"),
        ({"title": "T" * 301}, "title: longer than 300 signs"),
        ({"title": {"en": "T" * 301}}, "title.en: longer than 300 signs"),
        ({"title": "two\nlines"}, "title: must be one line with more than blanks in it"),
        ({"title": {}}, "title: empty"),
        ({"title": 3}, "title: must be a text or an object"),
        ({"description": "T" * 20_001}, "description: longer than 20000 signs"),
        ({"slug": "Small"}, "slug: must be small letters, digits and single hyphens, such as led-forum-2015"),
        (
            {"slug": "small\n"},
            "slug: must be small letters, digits and single hyphens, such as led-forum-2015",
        ),
        ({"starts_on": "2015-10-32"}, "starts_on: must be a day such as 2015-10-15"),
        ({"starts_on": "1066-10-14"}, "starts_on: must be a day such as 2015-10-15"),
        ({"capacity": 1.5}, "capacity: must be a whole number"),
        ({"capacity": True}, "capacity: must be a whole number"),
        ({"capacity": 1_000_001}, "capacity: above 1000000"),
        ({"rooms": {}}, "rooms: must be a list"),
        ({"registration": {"waitlist": 1}}, "registration.waitlist: must be true or false"),
        ({"contact_email": ""}, "contact_email: empty"),
        ({"languages": ["en"] * 31}, "languages: more than 30 items"),
    ],
)
def test_faults_of_shape_are_plain_sentences(changes: Mapping[str, object], said: str) -> None:
    assert said_of(blob(a_file(**changes))) == [said]


def test_a_hostile_file_gets_a_bounded_answer() -> None:
    assert len(said_of(blob(a_file(sessions=[{}] * 20_000)))) == 500


# What its sense gets wrong


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends_on": "2015-10-14"}, ["ends_on: before starts_on"]),
        ({"ends_on": "2016-10-15"}, ["ends_on: more than 366 days after starts_on"]),
        ({"timezone": "Europe/Turin"}, ["timezone: unknown time zone “Europe/Turin”"]),
        ({"contact_email": "forum at example.org"}, ["contact_email: not an e-mail address"]),
        ({"country": "UK"}, ["country: unknown country “UK”"]),
        ({"languages": ["en", "qq"]}, ["languages[1]: unknown language “qq”"]),
        ({"languages": ["en", "en"]}, ["languages[1]: “en” is also languages[0]"]),
        ({"title": {"en": "Small", "qq": "Small"}}, ["title.qq: unknown language"]),
        (
            {"languages": ["fr", "en"], "title": {"en": "Small"}},
            ["title: missing in “fr”, the event's first language"],
        ),
        (
            {"registration": {"opens_at": "2015-06-01T09:00Z", "closes_at": "2015-05-01T09:00Z"}},
            ["registration.closes_at: before opens_at"],
        ),
        (
            {"registration": {"opens_at": "2015-06-01T09:00Z", "closes_at": "2015-06-01T11:00+02:00"}},
            ["registration.closes_at: the same as opens_at"],
        ),
        (
            {
                "organisations": [
                    {"name": "ILO", "short_name": "ILO", "role": "organizer", "country": "XX"},
                    {"name": "ILO", "short_name": "ILO", "role": "partner"},
                ]
            },
            [
                "organisations[0].country: unknown country “XX”",
                "organisations[1].name: “ILO” is also organisations[0].name",
                "organisations[1].short_name: “ILO” is also organisations[0].short_name",
            ],
        ),
        (
            {"rooms": [{"id": "hall", "name": "A"}, {"id": "hall", "name": "B"}]},
            ["rooms[1].id: “hall” is also rooms[0].id"],
        ),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(changes: Mapping[str, object], said: list[str]) -> None:
    assert said_of(blob(a_file(**changes))) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends_at": "2015-10-15T09:59:00+02:00"}, "sessions[1].ends_at: before starts_at"),
        ({"ends_at": "2015-10-15T10:00:00+02:00"}, "sessions[1].ends_at: the same as starts_at"),
        (
            {"ends_at": "2015-10-18T00:00:00+02:00"},
            "sessions[1].ends_at: more than a day outside the event's days",
        ),
        (
            {"starts_at": "2015-10-13T23:59:00+02:00"},
            "sessions[1].starts_at: more than a day outside the event's days",
        ),
        ({"room": "cellar"}, "sessions[1].room: unknown room “cellar”"),
        ({"track": "play"}, "sessions[1].track: unknown track “play”"),
        ({"lead": "UNDP"}, "sessions[1].lead: unknown organisation “UNDP”"),
        ({"kind": "break", "booking": "open"}, "sessions[1].booking: a break cannot be booked"),
        ({"id": "first"}, "sessions[1].id: “first” is also sessions[0].id"),
        ({"languages": ["en", "qq"]}, "sessions[1].languages[1]: unknown language “qq”"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(changes: Mapping[str, object], said: str) -> None:
    sessions = [a_session(id="first"), a_session(**changes)]

    assert said_of(blob(a_file(sessions=sessions))) == [said]


def test_a_session_may_lie_on_the_day_before_or_after_in_the_zone_of_the_event() -> None:
    before = a_session(id="before", starts_at="2015-10-13T22:00Z", ends_at="2015-10-13T23:00Z")
    after = a_session(id="after", starts_at="2015-10-17T20:00Z", ends_at="2015-10-17T21:59Z")

    assert len(read(blob(a_file(sessions=[before, after]))).sessions) == 2


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (a_question("themes", "choices"), "fields[1].options: a field of kind choices needs options"),
        (
            a_question("themes", options=a_choice("food")),
            "fields[1].options: only for fields of kind choice or choices",
        ),
        (
            a_question("themes", "choice", options=a_choice("food", "work", "food")),
            "fields[1].options[2].value: “food” is also fields[1].options[0].value",
        ),
        (
            a_question(categories=["city", "staff"]),
            "fields[1].categories[1]: unknown category “staff”",
        ),
        (
            a_question(show_if={"field": "vise", "is": "yes"}),
            "fields[1].show_if.field: unknown field “vise”",
        ),
        (
            a_question(show_if={"field": "later", "is": "yes"}),
            "fields[1].show_if.field: not before this field",
        ),
        (
            a_question(show_if={"field": "asked", "is": "yes"}),
            "fields[1].show_if.field: not before this field",
        ),
        (
            a_question(show_if={"field": "visa", "is": "maybe"}),
            "fields[1].show_if.is: “maybe” is not an answer to visa",
        ),
        (a_question("visa"), "fields[1].key: “visa” is also fields[0].key"),
        (a_question("email"), "fields[1].key: “email” is a column of every roster; take another key"),
        (
            a_question("asked", label={"fr": "Question"}),
            "fields[1].label: missing in “en”, the event's first language",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(question: dict[str, Any], said: str) -> None:
    fields = [a_question("visa", "yes-no"), question, a_question("later", "yes-no")]

    assert said_of(blob(a_file(fields=fields))) == [said]


def test_a_condition_needs_a_question_of_few_answers_that_the_same_people_are_asked() -> None:
    fields = [
        a_question("notes", "long-text"),
        a_question("medium", "choice", options=a_choice("radio"), categories=["press"]),
        a_question("home", "country"),
        a_question("one", show_if={"field": "notes", "is": "yes"}),
        a_question("two", show_if={"field": "medium", "is": "radio"}),
        a_question("three", show_if={"field": "home", "is": "UK"}),
        a_question("four", show_if={"field": "home", "is": "GB"}, categories=["city"]),
    ]

    assert said_of(blob(a_file(fields=fields))) == [
        "fields[3].show_if.field: a field of kind long-text cannot be a condition",
        "fields[4].categories: some are not asked medium, which show_if names",
        "fields[5].show_if.is: “UK” is not an answer to home",
    ]


def test_a_draft_that_no_file_made_is_held_to_the_same() -> None:
    draft = replace(
        read(blob(a_file(sessions=[a_session()], fields=[a_question()]))),
        accent="pink",
        capacity=-1,
        languages=(),
        kind="party",
        rooms=(RoomDraft("hall", {}, capacity=-5),),
    )

    assert [f"{problem.place}: {problem.message}" for problem in problems(draft)] == [
        "accent: “pink” is not one of ochre, brick, sage, lagoon, plum, slate",
        "capacity: below 0",
        "kind: “party” is not one of forum, workshop, training, meeting",
        "languages: needs at least one language",
        "rooms[0].capacity: below 0",
        "rooms[0].name: required",
    ]
