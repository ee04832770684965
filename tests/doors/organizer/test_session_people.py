"""Who is in a session, for an organizer."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from forumreg.rules.access import Shell
from forumreg.rules.registration import decline, waitlist
from forumreg.tables.account import Role
from tests.builders import NOW, a_registration, a_session, an_event, mails, seats_in
from tests.doors.organizer.conftest import Browser, Office
from tests.statements import statements

PEOPLE = "/organize/forum/programme/sessions/opening/people"


def test_the_page_shows_who_has_a_seat_and_how_many_wait(office: Office, organizer: Browser) -> None:
    office.register(family_name="<b>Rossi", sessions=seats_in("opening"))
    office.register(family_name="Elsewhere")

    page = organizer.get(PEOPLE)

    assert page.status_code == 200
    assert "1 person has a seat." in page.text
    assert "&lt;b&gt;Rossi" in page.text
    assert "Elsewhere" not in page.text


def test_the_page_costs_the_same_for_one_and_for_thirty(office: Office, organizer: Browser) -> None:
    office.register(sessions=seats_in("opening"))
    with office.app.app_context():
        engine = office.app.extensions["sqlalchemy"].engine
    organizer.get(PEOPLE)
    with statements(engine) as few:
        organizer.get(PEOPLE)
    for _number in range(29):
        office.register(sessions=seats_in("opening"))

    with statements(engine) as many:
        organizer.get(PEOPLE)

    assert len(many) == len(few)


def test_a_seat_is_given_and_taken_by_hand(office: Office, organizer: Browser) -> None:
    reference = office.register(family_name="Rossi")

    given = organizer.press(PEOPLE, PEOPLE, reference=f" {reference.lower()} ")
    asked = organizer.get(f"{PEOPLE}/{reference}/remove")
    assert office.acts()[-1] == "seat_given"
    taken = organizer.press(f"{PEOPLE}/{reference}/remove", f"{PEOPLE}/{reference}/remove")

    assert "Take back the seat of" in asked.text
    assert (given.status_code, given.location, taken.status_code) == (303, PEOPLE, 303)
    assert office.acts()[-2:] == ["seat_given", "seat_taken"]
    assert f"{reference} has no seat in this session any more" in organizer.get(PEOPLE).text


@pytest.mark.parametrize("stands", ["in line", "nowhere", "declined"])
def test_who_has_no_seat_is_not_asked_about_and_loses_nothing(office: Office, stands: str) -> None:
    event = an_event(office.session, "small", sessions=(a_session("opening", capacity=1),))
    people = PEOPLE.replace("forum", "small")
    browser = office.browser_of(Role.ORGANIZER, event)
    a_registration(office.session, event, sessions=seats_in("opening"))
    wanted = seats_in("opening", waitlist=True) if stands == "in line" else ()
    reference = a_registration(office.session, event, sessions=wanted).reference
    if stands == "declined":
        decline(office.session, Shell(), reference, reason="No.", now=NOW)
    written = mails(office.session)

    asked = browser.get(f"{people}/{reference}/remove")
    said = browser.get(people).text
    taken = browser.send(f"{people}/{reference}/remove")
    page = browser.get(people).text

    assert [(answer.status_code, answer.location) for answer in (asked, taken)] == [(303, people), (303, people)]
    assert ["They have no seat in this session." in each for each in (said, page)] == [True, True]
    assert ("1 person waits for one." in page) is (stands == "in line")
    assert mails(office.session) == written


def test_nobody_is_asked_about_somebody_of_another_event(office: Office) -> None:
    elsewhere = an_event(office.session, "elsewhere")
    theirs = a_registration(office.session, elsewhere).reference
    administrator = office.browser_of(Role.DESK, is_admin=True)

    answers = [administrator.get(f"{PEOPLE}/{reference}/remove") for reference in (theirs, "TUR-2222-2222")]

    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nobody", "Type a reference such as TUR-7K3M-9QXA."),
        ("TUR-2222-2222", "Nobody at this event has this reference."),
    ],
)
def test_a_reference_that_leads_nowhere_comes_back_with_what_to_do(organizer: Browser, typed: str, said: str) -> None:
    answer = organizer.press(PEOPLE, PEOPLE, reference=typed)

    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{typed}"' in answer.text


def test_a_registrant_without_a_place_gets_no_seat(office: Office, organizer: Browser) -> None:
    reference = office.register()
    waitlist(office.session, Shell(), reference, now=NOW)

    answer = organizer.press(PEOPLE, PEOPLE, reference=reference)

    assert (answer.status_code, "They have no place at the event." in answer.text) == (422, True)


def test_files_hold_the_list_and_are_written_down(office: Office, organizer: Browser) -> None:
    office.register(family_name="=1+1", given_name="Ana", sessions=seats_in("opening"))
    office.register(family_name="Elsewhere")

    text = organizer.get(f"{PEOPLE}.csv")
    book = organizer.get(f"{PEOPLE}.xlsx")

    [row] = csv.DictReader(StringIO(text.data.decode("utf-8-sig")))
    assert (row["given_name"], row["family_name"]) == ("Ana", "\u200b=1+1")
    assert book.data.startswith(b"PK")
    assert office.acts()[-2:] == ["roster_taken", "roster_taken"]


def test_the_sheet_to_sign_has_their_names(office: Office, organizer: Browser) -> None:
    office.register(family_name="Rossi", given_name="Ana", organisation="City of Turin", sessions=seats_in("opening"))
    office.register(family_name="Elsewhere")

    one = organizer.get(f"{PEOPLE}.pdf")
    day = organizer.get("/organize/forum/programme/sign-in.pdf?day=2015-10-16")
    none = organizer.get("/organize/forum/programme/sign-in.pdf?day=2015-10-17")

    for answer in (one, day):
        [page] = PdfReader(BytesIO(answer.data)).pages
        words = " ".join(page.extract_text().split())
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert [word in words for word in ("Session opening", "Rossi, Ana", "City of Turin")] == [True] * 3
        assert "Elsewhere" not in words
    assert none.status_code == 404
    assert office.acts()[-2:] == ["roster_taken", "roster_taken"]


def test_a_mail_to_a_session_is_shown_once_before_it_leaves(office: Office, organizer: Browser) -> None:
    office.register(email="ana@example.org", sessions=seats_in("opening"))
    write = "/organize/forum/programme/sessions/opening/write"
    typed = {"subject": "Bring your badge", "body": "At nine.\nThank you."}

    empty = organizer.press(write, write, subject="", body="Words that stay")
    sure = organizer.press(write, write, **typed)
    back = organizer.press(write, write, **typed, back="1")
    before = mails(office.session)
    sent = organizer.press(write, write, **typed, sure="1")
    office.session.rollback()

    assert (empty.status_code, "Write a subject." in empty.text, "Words that stay" in empty.text) == (422, True, True)
    assert (sure.status_code, "Send 1 mail" in sure.text) == (200, True)
    assert "At nine." in back.text
    assert ("announcement", "ana@example.org") not in before
    assert (sent.status_code, mails(office.session)[-1]) == (303, ("announcement", "ana@example.org"))
    assert "Bring your badge" in organizer.get(PEOPLE).text


def test_the_planner_shows_who_would_be_lost(office: Office, organizer: Browser) -> None:
    office.register(language="es", sessions=seats_in("opening"))

    page = organizer.get("/organize/forum/programme/languages").text

    assert "Spanish for 1" in page


def test_a_name_that_the_printer_lacks_is_told_at_the_foot(office: Office, organizer: Browser) -> None:
    office.register(family_name="田中", sessions=seats_in("opening"))

    sheet = PdfReader(BytesIO(organizer.get(f"{PEOPLE}.pdf").data))

    told = " ".join(sheet.pages[0].extract_text().split())
    assert "1 name has letters that this printer lacks, which stand here as boxes." in told


@pytest.mark.parametrize(
    "address", [PEOPLE, f"{PEOPLE}.csv", f"{PEOPLE}.pdf", "/organize/forum/programme/languages",
                "/organize/forum/programme/sign-in.pdf"]
)  # fmt: skip
def test_nobody_else_sees_any_of_it(office: Office, address: str) -> None:
    assert office.browser_of(Role.PARTNER).get(address).status_code == 403
    assert office.browser_of(None).get(address).status_code == 303


def test_sessions_that_are_not_there_have_no_people(organizer: Browser) -> None:
    assert organizer.get("/organize/forum/programme/sessions/nowhere/people").status_code == 404
