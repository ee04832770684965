"""A co-organizer's page and files."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from forumreg.rules import partner
from forumreg.rules.event import facts
from forumreg.tables.account import Role, StaffRole
from forumreg.tables.journal import JournalEntry
from forumreg.tables.registration import Consent
from tests.builders import NOW, an_organizer
from tests.doors.partner.conftest import House
from tests.statements import statements

LEAKING = ("Silent", "Elsewhere", "Withdrawn", "secret.example.org")


def people_come(house: House) -> None:
    house.register("Agreed", "ILO", job_title="Mayor")
    house.register("=HYPERLINK(1)", "ILO", "UCLG", phone="+39 011 555 0100")
    house.register("بن عيسى", "ILO", category="press")
    house.register("Silent")
    house.register("Elsewhere", "UCLG")
    house.register("Withdrawn", "ILO")
    consent = house.session.scalars(select(Consent).order_by(Consent.id.desc())).first()
    assert consent is not None
    consent.withdrawn_at = NOW
    house.session.commit()


def words(response: TestResponse) -> str:
    """The page as it is read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def takings(house: House) -> list[tuple[str, int]]:
    entries = house.session.scalars(select(JournalEntry).where(JournalEntry.action == "roster_taken"))
    return [(entry.after["format"], entry.after["rows"]) for entry in entries]


def test_the_numbers_count_those_who_hold_a_place_and_the_page_says_so(house: House) -> None:
    statuses = ("confirmed", "pending", "waitlisted", "declined", "cancelled")
    people = [
        (house.register(f"{name} {status}", *sharing), status)
        for status in statuses
        for name, sharing in (("Silent", ()), ("Agreed", ("ILO",)))
    ]
    for reference, status in people:
        house.become(reference, status)
    browser = house.somebody_of("ILO")

    english, french = (words(browser.get(f"/partners/forum/roster?lang={code}")) for code in ("en", "fr"))

    assert "2 of 4 people who hold a place agreed to share their details with ILO." in english
    assert "Those who wait, were declined or cancelled are not counted." in english
    assert "données avec ILO : 2 sur 4 qui ont une place." in french
    assert "sur liste d’attente, refusées ou annulées ne sont pas comptées." in french


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("en", "1 of 1 person who holds a place agreed to share their details with ILO."),
        ("fr", "leurs données avec ILO : 1 sur 1 qui a une place."),
    ],
)
def test_one_person_is_counted_in_the_singular(house: House, code: str, told: str) -> None:
    house.register("Only", "ILO")

    assert told in words(house.somebody_of("ILO").get(f"/partners/forum/roster?lang={code}"))


def test_a_search_that_finds_nobody_promises_no_file(house: House) -> None:
    house.register("Agreed", "ILO")

    page = house.somebody_of("ILO").get("/partners/forum/roster?q=zzz")

    assert "Your search found nobody, so there is nothing to download." in words(page)
    assert "The files hold what you searched for." not in words(page)
    assert "roster.xlsx" not in page.text


def test_the_page_says_first_how_many_and_that_there_is_no_one_else(house: House) -> None:
    people_come(house)

    response = house.somebody_of("ILO").get("/partners/forum/roster")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    page = words(response)
    told = "3 of 6 people who hold a place agreed to share their details with ILO. You see those, and no one else."
    assert told in page
    assert "3 people" in page
    assert "Agreed" in page
    assert "بن عيسى" in page
    for leaking in (*LEAKING, "+39 011 555 0100"):
        assert leaking not in response.text
    assert takings(house) == []


def test_a_csv_holds_the_rows_and_columns_of_the_scope(house: House) -> None:
    people_come(house)

    response = house.somebody_of("ILO", name="Officer").get("/partners/forum/roster.csv")

    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"] == "attachment; filename=forum-roster-ILO-2015-09-01.csv"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert int(response.headers["Content-Length"]) == len(response.data)
    rows = list(csv.reader(response.data.decode("utf-8-sig").splitlines(keepends=True)))
    assert rows == [
        ["status", "category", "honorific", "given_name", "family_name", "organisation", "job_title",
         "country", "country_name", "sessions"],
        ["confirmed", "local", "", "", "\u200b=HYPERLINK(1)", "City of Odienné", "", "CI", "Côte d’Ivoire",
         "Session opening"],
        ["confirmed", "local", "", "", "Agreed", "City of Odienné", "Mayor", "CI", "Côte d’Ivoire",
         "Session opening"],
        ["pending", "press", "", "", "بن عيسى", "City of Odienné", "", "CI", "Côte d’Ivoire",
         "Session opening"],
    ]  # fmt: skip
    assert takings(house) == [("csv", 3)]


def test_a_workbook_says_who_took_it_and_how_many(house: House) -> None:
    people_come(house)

    response = house.somebody_of("ILO", name="Officer").get("/partners/forum/roster.xlsx")

    book = openpyxl.load_workbook(BytesIO(response.data))
    assert [row[4].value for row in book["Roster"].rows] == [
        "family_name",
        "=HYPERLINK(1)",
        "Agreed",
        "بن عيسى",
    ]
    assert book["Roster"]["E2"].data_type == "s"
    about = {row[0].value: row[1].value for row in book["About"].rows}
    assert (about["Taken by"], about["People in this file"], about["Time zone"]) == (
        "Officer",
        3,
        "Europe/Rome",
    )
    assert not any(leaking.encode() in response.data for leaking in LEAKING)
    assert takings(house) == [("xlsx", 3)]


def test_json_holds_the_same_for_programs(house: House) -> None:
    people_come(house)

    found = json.loads(house.somebody_of("ILO").get("/partners/forum/roster.json").data)

    assert (found["count"], found["event"], found["session_titles"]) == (
        3, "forum", {"opening": "Session opening"},
    )  # fmt: skip
    assert found["people"][1] == {
        "status": "confirmed",
        "category": "local",
        "honorific": "",
        "given_name": "",
        "family_name": "Agreed",
        "organisation": "City of Odienné",
        "job_title": "Mayor",
        "country": "CI",
        "country_name": "Côte d’Ivoire",
        "sessions": ["opening"],
    }
    assert takings(house) == [("json", 3)]


def test_a_file_holds_what_was_searched_for_and_the_button_says_so(house: House) -> None:
    people_come(house)
    browser = house.somebody_of("ILO")

    page = words(browser.get("/partners/forum/roster?q=AGREED"))
    rows = browser.get("/partners/forum/roster.csv?q=AGREED").data.decode("utf-8-sig").splitlines()

    assert "CSV, 1 person" in page
    assert "1 of 3 people" in page
    assert len(rows) == 2
    assert "Nobody found" in words(browser.get("/partners/forum/roster?q=nothing"))


def grant_email(house: House) -> None:
    partner.set_scope(
        house.session, an_organizer(house.event), facts(house.session, "forum"), house.organisation("ILO"),
        extra_columns=["email"], purpose={"en": "Invite to training"}, now=NOW,
    )  # fmt: skip
    house.event = facts(house.session, "forum")


def test_an_address_is_there_once_it_is_granted(house: House) -> None:
    house.register("Earlier", "ILO")
    grant_email(house)
    people_come(house)
    browser = house.somebody_of("ILO")

    page, file = browser.get("/partners/forum/roster"), browser.get("/partners/forum/roster.csv")

    assert "agreed@secret.example.org" in page.text
    assert "Invite to training" in page.text
    assert b"agreed@secret.example.org" in file.data
    assert b"withdrawn@secret.example.org" not in file.data
    assert "Earlier" in page.text
    assert b"Earlier" in file.data
    for source in (page.text, file.data.decode(), browser.get("/partners/forum/roster?q=earlier@secret").text):
        assert "earlier@secret.example.org" not in source


def test_pages_follow_each_other(house: House) -> None:
    for number in range(51):
        house.register(f"Name{number:02}", "ILO", sessions=())
    browser = house.somebody_of("ILO")

    first = browser.get("/partners/forum/roster")
    link = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert link is not None
    second = browser.get(unescape(link.group(1)))

    assert "1–50 of 51" in words(first)
    assert "51–51 of 51" in words(second)
    assert "Name50" in second.text
    assert "Name49" not in second.text


def test_addresses_of_further_pages_name_nobody(house: House) -> None:
    references = [house.register(f"Name{number:02}", "ILO", sessions=()) for number in range(101)]
    browser = house.somebody_of("ILO")

    first = browser.get("/partners/forum/roster")
    second = browser.get(link_to(first, "next"))
    third = browser.get(link_to(second, "next"))
    back = browser.get(link_to(third, "prev"))

    assert ["51–100 of 101" in words(each) for each in (first, second, third, back)] == [False, True, False, True]
    for page in (first, second, third, back):
        assert [each for each in references if each in page.text or each.replace("-", "") in page.text] == []
        addresses = re.findall(r"(?:after|before)=([\w=%-]+)", page.text)
        assert len(set(map(len, addresses))) == 1


def link_to(page: TestResponse, relation: str) -> str:
    link = re.search(rf'rel="{relation}" href="([^"]+)"', page.text)
    assert link is not None
    return unescape(link.group(1))


def test_a_cursor_that_is_not_ours_gives_the_first_page(house: House) -> None:
    references = [house.register(f"Name{number:02}", "ILO", "UCLG", sessions=()) for number in range(51)]
    browser, uclg = house.somebody_of("ILO", "UCLG"), house.organisation("UCLG")
    of_uclg = link_to(browser.get(f"/partners/forum/roster?organisation={uclg}"), "next").partition("after=")[2]

    for cursor in (references[-2], "x", "gAAAA", "é" * 50, "A" * 3000, of_uclg, of_uclg[:-4]):
        page = browser.get(f"/partners/forum/roster?after={cursor}")

        assert page.status_code == 200
        assert "1–50 of 51" in words(page)


def test_somebody_of_two_organisations_chooses(house: House) -> None:
    people_come(house)
    browser, uclg = house.somebody_of("ILO", "UCLG"), house.organisation("UCLG")

    assert "Roster for ILO" in words(browser.get("/partners/forum/roster"))
    page = browser.get(f"/partners/forum/roster?organisation={uclg}")

    assert "Roster for UCLG" in words(page)
    assert f"/partners/forum/roster.csv?organisation={uclg}" in page.text
    assert "Elsewhere" in page.text
    assert "Agreed" not in page.text


@pytest.mark.parametrize("address", ["roster", "roster.csv", "roster.xlsx", "roster.json"])
def test_who_may_not_see_a_roster_is_turned_away(house: House, address: str) -> None:
    people_come(house)
    path = f"/partners/forum/{address}"
    uclg = house.organisation("UCLG")

    assert house.app.test_client().get(path).status_code == 303
    assert house.somebody_of(role=Role.DESK).get(path).status_code == 403
    assert house.somebody_of(role=Role.ORGANIZER).get(path).status_code == 403
    assert house.somebody_of("ILO").get(f"{path}?organisation={uclg}").status_code == 404
    assert house.somebody_of("ILO").get(f"/partners/nowhere/{address}").status_code == 404
    assert takings(house) == []


def test_a_role_taken_away_holds_from_the_next_request(house: House) -> None:
    browser = house.somebody_of("ILO")
    assert browser.get("/partners/forum/roster").status_code == 200

    house.session.query(StaffRole).delete()
    house.session.commit()

    assert browser.get("/partners/forum/roster").status_code == 403


def test_asking_for_the_head_of_a_file_takes_nothing(house: House) -> None:
    people_come(house)

    response = house.somebody_of("ILO").head("/partners/forum/roster.csv")

    assert (response.status_code, response.mimetype) == (200, "text/csv")
    assert takings(house) == []


def test_the_last_downloads_are_shown(house: House) -> None:
    people_come(house)
    browser = house.somebody_of("ILO", name="Sample Officer")
    browser.get("/partners/forum/roster.xlsx")

    page = words(browser.get("/partners/forum/roster"))

    assert "Last downloads" in page
    assert re.search(r"1 Sept?, 09:00 Sample Officer XLSX, 3 people Everybody 10 columns", page)
    assert "Last downloads" not in words(house.somebody_of("UCLG").get("/partners/forum/roster"))


def test_an_empty_roster_says_what_will_be_there(house: House) -> None:
    page = words(house.somebody_of("ILO").get("/partners/forum/roster"))

    assert "Nobody yet" in page
    assert "0 of 0 people" in page


def test_the_first_page_lists_events_and_organisations(house: House) -> None:
    page = house.somebody_of("ILO", "UCLG").get("/partners/")

    assert "Forum on Local Development" in page.text
    assert "2015, Turin Roster for ILO Roster for UCLG" in words(page)
    for name in ("ILO", "UCLG"):
        assert f"/partners/forum/roster?organisation={house.organisation(name)}" in page.text
    assert "No roster yet" in words(house.somebody_of(role=Role.ORGANIZER).get("/partners/"))
    assert house.app.test_client().get("/partners/").status_code == 303


def test_no_download_goes_out_of_sight_behind_later_ones(house: House) -> None:
    people_come(house)
    browser = house.somebody_of("ILO", name="Sample Officer")
    browser.get("/partners/forum/roster.xlsx")
    for _number in range(5):
        browser.get("/partners/forum/roster.csv?q=Agreed")

    roster = browser.get("/partners/forum/roster")
    downloads = browser.get("/partners/forum/downloads")
    elsewhere = house.somebody_of("UCLG").get("/partners/forum/downloads")

    assert "XLSX, 3 people Everybody" not in words(roster)
    assert 'href="/partners/forum/downloads"' in roster.text
    assert words(downloads).count("Sample Officer CSV, 1 person found by a search") == 5
    assert "Sample Officer XLSX, 3 people Everybody status , category" in words(downloads)
    assert "None yet." in words(elsewhere)


def test_pages_of_downloads_follow_each_other_and_cost_the_same(house: House) -> None:
    browser = house.somebody_of("ILO")
    browser.get("/partners/forum/roster.csv")
    browser.get("/partners/forum/downloads")
    with house.app.app_context():
        engine = house.app.extensions["sqlalchemy"].engine
    with statements(engine) as of_one:
        browser.get("/partners/forum/downloads")
    for _number in range(51):
        browser.get("/partners/forum/roster.csv")

    with statements(engine) as of_fifty:
        first = browser.get("/partners/forum/downloads")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older
    second = browser.get(unescape(older[1]))

    assert len(of_fifty) == len(of_one) > 0
    assert [words(page).count("CSV, 0 people") for page in (first, second)] == [50, 2]
    assert 'href="/partners/forum/downloads">Latest</a>' in second.text


def test_a_column_that_is_not_shown_is_not_described(house: House) -> None:
    house.register("Agreed", "ILO")

    page = words(house.somebody_of("ILO").get("/partners/forum/roster"))

    assert "Email No The organizers alone see it." in page
    assert "For the purpose that the form named." not in page
