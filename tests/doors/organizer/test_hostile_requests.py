"""Requests that no page of ours sends."""

from __future__ import annotations

import pytest

from tests.builders import a_registration, an_event
from tests.doors.organizer.conftest import Browser, Office

BEYOND = "99999999999999999999"  # what no database takes as a number


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (f"messages?before={BEYOND}", 200),
        (f"messages?before=-{BEYOND}", 200),
        ("messages?before=3000000000", 200),
        (f"messages/{BEYOND}", 404),
        (f"messages/{BEYOND}/html", 404),
        (f"attendees?after={BEYOND}&before=x", 200),
        ("attendees?q=" + "a%20" * 3000, 200),
        ("attendees?q=%ED%A0%80&country=%FF&category=%ED%A0%80", 200),
        ("attendees.csv?q=%ED%A0%80", 200),
        ("attendees/%ED%A0%80", 404),
    ],
)
def test_what_an_address_cannot_mean_breaks_nothing(
    organizer: Browser, office: Office, address: str, code: int
) -> None:
    office.register()

    assert organizer.get(f"/organize/forum/{address}").status_code == code


@pytest.mark.parametrize("act", ["confirm", "promote", "waitlist", "decline", "cancel"])
def test_an_organizer_decides_nothing_of_another_event_through_the_own_one(
    organizer: Browser, office: Office, act: str
) -> None:
    theirs = a_registration(office.session, an_event(office.session, "other"), category="press").reference

    answer = organizer.send(f"/organize/forum/attendees/{theirs}/{act}", {"version": "1", "reason": "No"})
    organizer.send("/organize/forum/attendees", {"do": "confirmed", "reference": theirs})

    assert (answer.status_code, office.status_of(theirs)) == (403, "pending")
