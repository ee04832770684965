"""What each co-organizer may see, set by an organizer."""

from __future__ import annotations

import re
from html import unescape

from forumreg.rules.event import facts
from forumreg.rules.roster import PARTNER_COLUMNS
from forumreg.tables.account import Role
from tests.doors.organizer.conftest import Browser, Office

PARTNERS = "/organize/forum/partners"


def form_of(office: Office) -> str:
    """Where the form of the first organisation goes."""
    return f"{PARTNERS}/{office.event.sharing[0].id}"


def test_each_organisation_stands_there_with_who_agreed(office: Office, organizer: Browser) -> None:
    first, second, _third = office.event.sharing
    for _number in range(2):
        office.register(sharing=frozenset({first.id}))
    office.register(sharing=frozenset({second.id}), category="press")

    page = organizer.get(PARTNERS)

    found = re.findall(r"<h2 id=\"o\d+-h\">(.*?)</h2>\s*<p[^>]*>(\d+) ", page.text)
    assert page.status_code == 200
    assert found == [
        ("International Labour Organization", "2"),
        ("United Cities and Local Governments", "1"),
        ("City of Turin", "0"),
    ]


def test_the_page_names_the_default_scope(organizer: Browser) -> None:
    sentence = "name, organization, job title, country, category, status and sessions"

    assert sentence in organizer.get(PARTNERS).text
    assert set(PARTNER_COLUMNS) == {
        "honorific", "given_name", "family_name", "organisation", "job_title", "country", "country_name", "category",
        "status", "sessions",
    }  # fmt: skip


def test_the_email_address_is_granted_with_its_purpose(office: Office, organizer: Browser) -> None:
    purposes = {"purpose-en": "To send the minutes.", "purpose-fr": "Pour envoyer le compte rendu."}

    answer = organizer.press(PARTNERS, form_of(office), column="email", **purposes)

    office.session.rollback()
    granted = facts(office.session, "forum").sharing[0]
    after = organizer.get(answer.location).text
    assert (answer.status_code, answer.location) == (303, PARTNERS)
    assert (granted.extra_columns, granted.purpose) == (
        ("email",),
        {"en": "To send the minutes.", "fr": "Pour envoyer le compte rendu."},
    )
    assert "ILO sees the email address of those who agree from now on." in unescape(after)
    assert after.count(" checked") == 1


def test_the_page_says_how_many_agreed_before_the_present_terms(office: Office, organizer: Browser) -> None:
    ilo = office.event.sharing[0].id
    office.register(sharing=frozenset({ilo}))
    organizer.press(PARTNERS, form_of(office), column="email")
    office.session.rollback()
    office.event = facts(office.session, "forum")
    office.register(sharing=frozenset({ilo}))

    page = organizer.get(PARTNERS).text

    sentence = "1 of 2 agreed before the email address was asked for; it is not shown for this person."
    assert page.count("agreed before") == 1
    assert sentence in page


def test_a_grant_is_taken_back(office: Office, organizer: Browser) -> None:
    organizer.press(PARTNERS, form_of(office), column="email")

    organizer.press(PARTNERS, form_of(office))

    office.session.rollback()
    assert facts(office.session, "forum").sharing[0].extra_columns == ()
    assert office.acts() == ["scope_set", "scope_set"]


def test_a_purpose_that_is_too_long_comes_back_as_it_was_typed(office: Office, organizer: Browser) -> None:
    typed = "long " * 101

    answer = organizer.press(PARTNERS, form_of(office), column="email", **{"purpose-en": typed, "purpose-fr": "Court"})

    assert answer.status_code == 422
    number = office.event.sharing[0].id
    assert f'<a href="#o{number}-en">Shorten the purpose to 500 characters.</a>' in answer.text
    assert typed in answer.text
    assert "Court" in answer.text
    assert office.acts() == []


def test_a_column_that_cannot_be_granted_is_refused(office: Office, organizer: Browser) -> None:
    answer = organizer.press(PARTNERS, form_of(office), column="phone")

    assert (answer.status_code, office.acts()) == (422, [])


def test_an_organisation_without_a_part_is_not_found(organizer: Browser) -> None:
    assert organizer.send(f"{PARTNERS}/999").status_code == 404


def test_downloads_tell_who_took_what(office: Office, organizer: Browser) -> None:
    office.register(sharing=frozenset({office.event.sharing[0].id}))
    office.browser_of(Role.PARTNER).get("/partners/forum/roster.csv")
    organizer.get("/organize/forum/attendees.xlsx")

    page = organizer.get(PARTNERS).text

    assert rows_of(page) == [
        "Sample Staff CSV, 1 person Everybody 10 columns",
        "Sample Staff XLSX, 1 person Everybody 17 columns, email too",
    ]


def test_every_download_is_told_with_its_columns_and_what_it_was_of(office: Office, organizer: Browser) -> None:
    ilo = office.event.sharing[0].id
    office.register(sharing=frozenset({ilo}))
    partner = office.browser_of(Role.PARTNER)
    for address in ("roster.xlsx", *["roster.csv?q=Nobody"] * 5):
        partner.get(f"/partners/forum/{address}")
    organizer.get("/organize/forum/programme/sessions/opening/people.csv")

    page = organizer.get(PARTNERS).text
    of_ilo = organizer.get(f"{PARTNERS}/downloads?organisation={ilo}")
    own = organizer.get(f"{PARTNERS}/downloads")

    assert f'href="{PARTNERS}/downloads?organisation={ilo}"' in page
    assert len(rows_of(of_ilo.text)) == 6
    assert rows_of(of_ilo.text)[-1].startswith("Sample Staff XLSX, 1 person Everybody status, category, honorific")
    [row] = rows_of(own.text)
    assert row.startswith("Sample Staff CSV, 0 people in “Session opening” reference, status")
    assert organizer.get(f"{PARTNERS}/downloads?organisation=999").status_code == 404
    assert partner.get(f"{PARTNERS}/downloads").status_code == 403


def rows_of(page: str) -> list[str]:
    """The rows of the tables of downloads, without their times."""
    rows = re.findall(r"<tr role=\"row\">\s*<td.*?</td>(.*?)</tr>", page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub("</?code>", "", row))).split()) for row in rows]
