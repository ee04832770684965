"""A French mail is French from its subject to its foot, in text and HTML; and what its calendar file says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask, render_template
from icalendar import Calendar

from forumreg.adapters.smtp import Draft
from forumreg.adapters.smtp.draft import Letter
from forumreg.base.settings import Settings
from forumreg.doors.worker.rendering import draft_of
from forumreg.rules.event import EventFacts
from forumreg.rules.registration.letters import AnnouncementFacts, ChosenSession
from forumreg.tables.booking import BookingStatus
from forumreg.tables.event import EventStatus
from forumreg.tables.mail import Message
from forumreg.tables.registration import Status
from forumreg.web.bare import bare_app
from tests.french import english_in
from tests.letters import a_letter, a_session_facts, a_staff_letter, an_event_facts

ROOT = Path(__file__).parents[3]
ACCOUNT_MAILS = sorted(path.name for path in (ROOT / "templates" / "account" / "mail").iterdir())
STATUS = {
    "received": Status.PENDING,
    "waitlisted": Status.WAITLISTED,
    "declined": Status.DECLINED,
    "cancelled": Status.CANCELLED,
}
WAS = {"starts_at": "2015-10-15T07:00:00+00:00", "ends_at": "2015-10-15T08:00:00+00:00", "room": {"fr": "Salle Po"}}
SAID = AnnouncementFacts("Ordinateur", "Apportez le vôtre.\n\nMerci.", {"fr": "Emploi"})


@pytest.fixture(scope="module")
def worker_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = Settings(
        database_url="sqlite://",
        secret_key="a-secret-of-this-test-long-enough",
        base_url="https://forum.example.org",
        mail_from="no-reply@example.org",
        instance=tmp_path_factory.mktemp("instance"),
    )
    return bare_app(settings)


@pytest.fixture(autouse=True)
def _inside(worker_app: Flask) -> Iterator[None]:
    with worker_app.app_context():
        yield


def a_french_event(**changes: Any) -> EventFacts:
    """A forum whose organizers wrote French."""
    sessions = tuple(a_session_facts(number, title={"fr": f"Séance {number}"}) for number in (1, 2, 3))
    return an_event_facts(title={"fr": "Forum des exemples"}, languages=("fr",), sessions=sessions, **changes)


def a_move(seat: str, *, is_gone: bool = False) -> dict[str, object]:
    return {"session": "s1", "title": {"fr": "Emploi"}, "was": WAS, "now": None if is_gone else WAS, "seat": seat}


MOVES = [
    *(a_move(seat) for seat in ("kept", "clashing", "freed", "waitlisted", "waiting")),
    *(a_move(seat, is_gone=True) for seat in ("freed", "waiting")),
]
FIELDS = [
    "accessibility", "answers", "badge_name", "country", "dietary", "email", "family_name", "given_name", "honorific",
    "interpretation", "job_title", "language", "organisation", "phone", "sessions", "sharing",
]  # fmt: skip
# What a mail may say beside its usual words.
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "waitlisted": [{"place": 12}, {"is_held": True}, {"place": 3, "needs_decision": True}],
    "promoted": [{}, {"status": Status.PENDING}],
    "declined": [{}, {"reason": "La salle est pleine."}],
    "changed": [{"payload": {"fields": FIELDS, "joined": [2], "gave_up": [3]}}, {"shared_with": ()}],
    "link_again": [{}, {"payload": {"replaced": True}}],
    "moved": [{"payload": {"changes": MOVES}}],
    "passed_over": [{"payload": {"passed": [2]}}],
    "announcement": [{"announcement": SAID}],
}


def drafts(message: str) -> Iterator[Draft]:
    """The mail in each of its variants, in French; and as who gave the address up reads it."""
    event = a_french_event()
    clash = ChosenSession(event.sessions[1], BookingStatus.CLASHING, None, event.sessions[0])
    seats = (
        ChosenSession(event.sessions[0], BookingStatus.BOOKED, None),
        ChosenSession(event.sessions[1], BookingStatus.WAITLISTED, 12),
        ChosenSession(event.sessions[2], BookingStatus.WISHED, None),
        clash,
    )
    for variant in VARIANTS.get(message, [{}]):
        usual = {"status": STATUS.get(message, Status.CONFIRMED), "sessions": seats, "gained": event.sessions[:1]}
        letter = a_letter(message, event=event, language="fr", **{**usual, "left": event.sessions[1:], **variant})
        yield draft_of(letter)
        yield draft_of(replace(letter, recipient="former@example.org"))


TO_REGISTRANTS = [message.value for message in Message if message is not Message.STAFF]


@pytest.mark.parametrize("message", TO_REGISTRANTS)
def test_a_french_mail_has_no_english_word(message: str) -> None:
    found = [(draft.subject, draft.text, draft.html) for draft in drafts(message)]

    assert [english_in(part) for parts in found for part in parts] == [set()] * 3 * len(found)
    assert all('lang="fr"' in html for _subject, _text, html in found)


@pytest.mark.parametrize("name", ACCOUNT_MAILS)
def test_a_french_mail_of_an_account_has_no_english_word(app: Flask, name: str) -> None:
    facts = {"base_url": "https://forum.example.org", "name": "Téléphone", "reset_token": "abc"}
    with app.test_request_context("/account/reset?lang=fr"):
        words = render_template(f"account/mail/{name}", **facts)

    form = "html" if name.endswith(".html") else "text"
    said = {"subject": "Mot de passe", "text": "", form: words}
    draft = draft_of(replace(a_staff_letter(**said), language="fr"))
    assert [english_in(part) for part in (words, draft.text, draft.html)] == [set()] * 3


OF_MAILS = ("templates/mail/", "templates/account/mail/", "forumreg/doors/worker/")


def test_each_sentence_of_the_mails_would_be_found_if_it_were_left_in_english() -> None:
    with (ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    sentences = [
        sentence
        for message in catalogue
        if any(place.startswith(OF_MAILS) for place, _line in message.locations)
        for sentence in ([message.id] if isinstance(message.id, str) else message.id)
    ]

    assert len(sentences) > 60
    assert sorted(each for each in sentences if not english_in(each)) == [
        "%(subject)s: %(event)s",
        "Code %(code)s",
        "Questions:",
        "“%(title)s”, %(when)s",
    ]


# The calendar file ------------------------------------------------------------------------------------------------


def calendar_of(draft: Draft) -> tuple[str, Calendar]:
    """The calendar as it leaves: what the mail's part says its method is, and what is in it."""
    mail = message_from_bytes(Letter(draft).as_bytes(), policy=policy.default)
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return str(part.get_param("method")), Calendar.from_ical(part.get_payload(decode=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "changes", "event"),
    [
        ("declined", {"status": Status.DECLINED}, {}),
        ("cancelled", {"status": Status.CANCELLED}, {}),
        ("link_again", {"status": Status.DECLINED}, {}),
        ("changed", {}, {"status": EventStatus.CANCELLED}),
        ("link_again", {}, {"status": EventStatus.CANCELLED}),
        ("received", {"status": Status.PENDING}, {"status": EventStatus.CANCELLED}),
    ],
)
def test_what_was_called_off_is_taken_out_of_calendars(
    message: str, changes: dict[str, Any], event: dict[str, Any]
) -> None:
    letter = a_letter(message, event=an_event_facts(**event), **changes)

    method, calendar = calendar_of(draft_of(letter))

    entries = list(calendar.walk("VEVENT"))
    assert (method, str(calendar["METHOD"])) == ("CANCEL", "CANCEL")
    assert entries
    assert {str(entry["STATUS"]) for entry in entries} == {"CANCELLED"}
    assert all({"UID", "DTSTAMP", "SEQUENCE", "ORGANIZER"} <= set(entry) for entry in entries)  # RFC 5546, 3.2.5


@pytest.mark.parametrize("message", ["already_registered", "link_again"])
@pytest.mark.parametrize(
    ("status", "standing"),
    [(Status.CONFIRMED, "CONFIRMED"), (Status.PENDING, "TENTATIVE"), (Status.WAITLISTED, "TENTATIVE")],
)
def test_who_is_told_of_the_registration_again_gets_the_calendar_again(
    message: str, status: Status, standing: str
) -> None:
    method, calendar = calendar_of(draft_of(a_letter(message, status=status)))

    entries = {str(entry["UID"]): str(entry["STATUS"]) for entry in calendar.walk("VEVENT")}
    first = calendar_of(draft_of(a_letter("confirmed")))[1]
    assert (method, str(calendar["METHOD"])) == ("PUBLISH", "PUBLISH")
    assert entries.keys() == {str(entry["UID"]) for entry in first.walk("VEVENT")}  # it replaces, it does not double
    assert standing in entries.values()


@pytest.mark.parametrize("message", ["already_registered", "link_again"])
def test_an_address_that_was_given_up_gets_no_calendar(message: str) -> None:
    draft = draft_of(replace(a_letter(message), recipient="former@example.org"))

    assert (draft.calendar, "text/calendar" in Letter(draft).as_bytes().decode()) == (b"", False)
