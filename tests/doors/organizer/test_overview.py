"""The overview page: numbers that lead to the people behind them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from forumreg.rules.access import Participant, Shell
from forumreg.rules.event.drafts import CategoryDraft
from forumreg.rules.registration import cancel, change, waitlist
from forumreg.tables.account import Role
from forumreg.tables.mail import MailStatus, OutboxMessage
from tests.builders import NOW, a_registration, a_session, a_submission, an_event, seats_in
from tests.doors.organizer.conftest import Browser, Office
from tests.statements import statements

OVERVIEW = "/organize/forum/"


def test_numbers_lead_to_as_many_people(office: Office, organizer: Browser) -> None:
    for _number in range(6):
        office.register(country="CI")
    office.register(category="press", country="IT", sessions=seats_in("opening"))

    page = organizer.get(OVERVIEW).text

    bars = re.findall(r'<li><a href="([^"]+)">.*?<span class="n">(\d+)', page, re.DOTALL)
    for address, number in bars:
        shown = organizer.get(unescape(address)).text
        assert re.search(rf"<b>{number}</b> of 7 people", shown), address
    assert [number for _address, number in bars] == ["1", "0", "6", "0", "0", "6", "6"]


def test_sentences_lead_to_exactly_the_people_that_they_count(office: Office) -> None:
    categories = (CategoryDraft("local", {"en": "Local"}), CategoryDraft("press", {"en": "Press"}, capacity=1))
    event = an_event(
        office.session, "long", categories=categories, capacity=90, sessions=(a_session("opening", capacity=1),)
    )
    browser, today = office.browser_of(Role.ORGANIZER, event), office.app.extensions["forumreg"].clock.now()
    seats = seats_in("opening", waitlist=True)
    for number in range(4):
        a_registration(office.session, event, today - timedelta(hours=23), sessions=seats if number < 3 else ())
    a_registration(office.session, event, today - timedelta(days=3), category="press")
    for category in ("local", "local", "press"):
        row = a_registration(office.session, event, today - timedelta(days=2), category=category, accept_waitlist=True)
        if category == "local":  # the press is full and waits in line
            waitlist(office.session, Shell(), row.reference, now=NOW)
    cancelled = a_registration(office.session, event, today - timedelta(hours=1))
    cancel(office.session, Shell(), cancelled.reference, now=NOW)

    page = unescape(browser.get("/organize/long/").text)

    assert "2 people wait though there are places" in page
    assert "85 places are free for them." in page
    found = {}
    for words in ("Give places", "in the last 24 hours", "2 waiting"):
        [address] = re.findall(rf'<a[^>]* href="([^"]+)">{words}<', page)
        shown = browser.get(address).text
        found[words] = (re.findall(r"<b>(\d+)</b> of 9 people", shown), re.findall(r'chip"><span>(.*?): <b>', shown))
    assert found == {
        "Give places": (["2"], ["Status"]),
        "in the last 24 hours": (["4"], ["Status", "Status", "Status", "Registered after"]),
        "2 waiting": (["2"], ["Waits for"]),
    }


def test_what_needs_a_person_has_its_link(office: Office, organizer: Browser) -> None:
    office.register(category="press")
    for mail in office.session.query(OutboxMessage):
        mail.status = MailStatus.REFUSED
    office.session.commit()

    page = organizer.get(OVERVIEW).text

    assert re.findall(r"<h3>(.*?)</h3>", page) == ["1 mail was refused", "1 registration to decide"]
    assert '"/organize/forum/messages?status=refused"' in page
    assert '"/organize/forum/attendees?status=pending"' in page


def test_a_possible_double_is_told_with_its_page(office: Office, organizer: Browser) -> None:
    name = {"given_name": "Awa", "family_name": "Koné", "email": "awa@example.org"}
    office.register(**name)
    copy = a_registration(office.session, office.event)
    own = Participant(copy.id)
    change(office.session, own, copy.reference, a_submission(**name), now=NOW, version=copy.version)

    page = organizer.get(OVERVIEW).text

    assert "1 registration may be a double" in page
    assert f'"/organize/forum/attendees/{copy.reference}' in page
    history = organizer.get(f"/organize/forum/attendees/{copy.reference}").text
    assert "Has the name and address of another registration" in history


def test_an_event_without_people_says_what_will_be_there(organizer: Browser) -> None:
    page = organizer.get(OVERVIEW)

    assert page.status_code == 200
    assert "Nothing waits for you." in page.text
    assert "The line begins on the second day of registration." in page.text


def test_the_page_costs_the_same_for_one_and_for_thirty(office: Office, organizer: Browser) -> None:
    office.register()
    with office.app.app_context():
        engine = office.app.extensions["sqlalchemy"].engine
    organizer.get(OVERVIEW)
    with statements(engine) as of_one:
        organizer.get(OVERVIEW)
    for _number in range(29):
        office.register(country="IT")

    with statements(engine) as of_thirty:
        organizer.get(OVERVIEW)

    assert len(of_one) == len(of_thirty)
