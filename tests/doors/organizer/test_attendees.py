"""The attendee list: search, filters, pages, bulk decisions, files."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import BytesIO, StringIO

import openpyxl
import pytest
from sqlalchemy import select, update

from forumreg.tables.journal import JournalEntry
from forumreg.tables.seats import SeatPool
from tests.builders import seats_in
from tests.doors.organizer.conftest import Browser, Office
from tests.statements import statements

LIST = "/organize/forum/attendees"


def names(page: str) -> list[str]:
    """Who stands in the list, in order."""
    return [unescape(name) for name in re.findall(r'<th class="who" scope="row"><a [^>]+><bdi>(.*?)</bdi>', page)]


def counted(page: str) -> tuple[str, str]:
    """How many the page says it shows, of how many."""
    found = re.search(r"<b>([\d,]+)</b> of ([\d,]+) people", page)
    assert found
    return found[1], found[2]


def test_everybody_stands_in_the_list_by_name(office: Office, organizer: Browser) -> None:
    office.register(family_name="Zebra", given_name="Ada")
    office.register(family_name="Ångström", given_name="Björk")
    office.register(family_name="", given_name="Madonna")

    page = organizer.get(LIST)

    assert (page.status_code, names(page.text)) == (200, ["Ångström, Björk", "Madonna", "Zebra, Ada"])
    assert counted(page.text) == ("3", "3")


def test_searching_within_what_the_overview_led_to_stays_within_it(organizer: Browser) -> None:
    asked = f"{LIST}?waits_for=opening&since=2015-09-01T09:00:00%2B02:00&place=free"

    page = unescape(organizer.get(asked).text)

    hidden = dict(re.findall(r'<input type="hidden" name="(waits_for|since|place)" value="([^"]*)"', page))
    assert hidden == {"waits_for": "opening", "since": "2015-09-01T09:00:00+02:00", "place": "free"}
    assert re.findall(r'<span class="chip"><span>(.*?): <b>(.*?)</b>', page) == [
        ("Waits for", "Session opening"),
        ("Registered after", "Tuesday, 1 September 2015, 09:00"),
        ("Status", "Waiting list, though there are places"),
    ]


def test_every_filter_is_a_chip_that_can_be_dropped(office: Office, organizer: Browser) -> None:
    office.register(family_name="Wanted", country="IT", category="press", sessions=seats_in("opening"))
    office.register(family_name="Other", country="IT")
    asked = f"{LIST}?q=wanted&status=pending&category=press&country=IT&session=opening"

    page = organizer.get(asked).text

    chips = re.findall(r'<span class="chip"><span>(.*?): <b>(.*?)</b></span>\s*<a href="([^"]+)"', page)
    assert [(name, value) for name, value, _url in chips] == [
        ("Search", "wanted"),
        ("Status", "Pending"),
        ("Category", "Press"),
        ("Country", "Italy"),
        ("Session", "Session opening"),
    ]
    assert ([name.partition(",")[0] for name in names(page)], counted(page)) == (["Wanted"], ("1", "2"))
    without_status = unescape(chips[1][2])
    assert without_status == f"{LIST}?q=wanted&category=press&country=IT&session=opening"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=koffi", ["Kouassi"]),
        ("q=KOUASSI+odienne", ["Kouassi"]),
        ("q=k%40example.org", ["Kouassi"]),
        ("status=pending", ["Rossi"]),
        ("status=pending&status=confirmed", ["Kouassi", "Rossi"]),
        ("category=press", ["Rossi"]),
        ("country=it", ["Rossi"]),
        ("session=opening", ["Kouassi"]),
        ("country=XX", []),
        ("status=nonsense", []),
        ("category=nonsense", []),
        ("session=nonsense", []),
        ("q=%25", []),
    ],
)
def test_the_address_says_who_is_shown(office: Office, organizer: Browser, asked: str, found: list[str]) -> None:
    office.register(family_name="Kouassi", given_name="Koffi", email="k@example.org", sessions=seats_in("opening"))
    office.register(
        family_name="Rossi",
        given_name="Ada",
        email="r@example.net",
        organisation="Turin",
        country="IT",
        category="press",
    )

    page = organizer.get(f"{LIST}?{asked}")

    assert (page.status_code, [name.partition(",")[0] for name in names(page.text)]) == (200, found)


def test_an_empty_answer_names_the_filter_to_drop_and_what_that_gives(office: Office, organizer: Browser) -> None:
    office.register(country="CI")
    office.register(country="CI")

    page = organizer.get(f"{LIST}?status=confirmed&country=IT").text

    assert "Nobody fits all of these filters" in page
    assert re.findall(r"Without (.*?)</a>\s*(\d+) ", page) == [("Country: Italy", "2")]


def test_an_event_without_people_teaches(organizer: Browser) -> None:
    page = organizer.get(LIST)

    assert (page.status_code, "Nobody has registered yet" in page.text) == (200, True)


def test_pages_follow_each_other_there_and_back(office: Office, organizer: Browser) -> None:
    for number in range(103):
        office.register(family_name=f"Family{number:03}", given_name="")

    first = organizer.get(f"{LIST}?country=CI").text
    second = organizer.get(next_of(first)).text
    third = organizer.get(next_of(second)).text
    back = organizer.get(previous_of(third)).text

    assert [names(page)[0] for page in (first, second, third, back)] == [
        "Family000", "Family050", "Family100", "Family050",
    ]  # fmt: skip
    assert [said(page) for page in (first, second, third)] == ["1–50 of 103", "51–100 of 103", "101–103 of 103"]
    assert "country=CI" in next_of(first)
    assert 'rel="next"' not in third


def next_of(page: str) -> str:
    """Where the next page is."""
    found = re.search(r'rel="next" href="([^"]+)"', page)
    assert found
    return unescape(found[1])


def previous_of(page: str) -> str:
    """Where the page before is."""
    found = re.search(r'rel="prev" href="([^"]+)"', page)
    assert found
    return unescape(found[1])


def said(page: str) -> str:
    """Which rows the page says it shows."""
    found = re.search(r'<nav class="pager"[^>]*>\s*<p>(.*?)</p>', page)
    assert found
    return found[1]


def test_the_list_costs_the_same_for_one_row_and_for_thirty(office: Office, organizer: Browser) -> None:
    office.register(category="press", sessions=seats_in("opening"))
    with office.app.app_context():
        engine = office.app.extensions["sqlalchemy"].engine
    organizer.get(LIST)
    with statements(engine) as of_one:
        organizer.get(LIST)
    for _number in range(29):
        office.register(sessions=seats_in("opening"))

    with statements(engine) as of_thirty:
        shown = organizer.get(LIST)

    assert len(names(shown.text)) == 30
    assert len(of_one) == len(of_thirty)


def test_sensitive_answers_are_not_in_the_list(office: Office, organizer: Browser) -> None:
    office.register(phone="+39 011 555 0100", dietary=("halal",), accessibility="A seat near the door")

    columns = "&".join(f"col={column}" for column in ("phone", "dietary", "accessibility", "email", "status"))
    page = organizer.get(f"{LIST}?{columns}").text

    assert [word for word in ("555 0100", "Halal", "near the door") if word in page] == []
    assert re.findall(r'<th scope="col">(.*?)</th>', page) == ["Status", "Email"]


def test_names_that_are_code_are_only_shown(office: Office, organizer: Browser) -> None:
    hostile = '<script>alert("1")</script>'
    reference = office.register(family_name=hostile, organisation="<img src=x onerror=alert(1)>", category="press")

    pages = [organizer.get(address).text for address in (LIST, f"{LIST}?q=%3Cscript%3E", f"{LIST}/{reference}")]

    assert [page.count("<script>") + page.count("<img") for page in pages] == [0, 0, 0]
    assert names(pages[0])[0].startswith(hostile)


def test_ticked_people_are_confirmed_and_the_rest_stays(office: Office, organizer: Browser) -> None:
    first, second, third = (office.register(category="press") for _number in range(3))

    answer = organizer.send(f"{LIST}?category=press", {"reference": [first, second], "do": "confirmed"})
    after = organizer.get(answer.location).text

    assert (answer.status_code, answer.location) == (303, f"{LIST}?category=press")
    assert [office.status_of(each) for each in (first, second, third)] == ["confirmed", "confirmed", "pending"]
    assert "2 people are confirmed." in after


def test_ticked_people_who_wait_are_given_places(office: Office, organizer: Browser) -> None:
    waiting = office.register(category="press")
    organizer.send(LIST, {"reference": [waiting], "do": "waitlisted", "sure": "1"})
    shown = organizer.get(f"{LIST}?status=waitlisted").text

    answer = organizer.send(f"{LIST}?status=waitlisted", {"reference": [waiting], "do": "promoted"})

    assert f'name="reference" value="{waiting}"' in shown
    assert "Give a place" in shown
    assert office.status_of(waiting) == "confirmed"
    assert "1 person has a place now." in organizer.get(answer.location).text


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00%2B10:00", "9999-12-31T23:59:59-10:00", "9999-12-31T23:59:59Z"])
def test_an_instant_that_no_zone_has_finds_nobody(office: Office, organizer: Browser, since: str) -> None:
    office.register()

    pages = [organizer.get(f"{LIST}{ending}?since={since}") for ending in ("", ".csv")]

    assert [page.status_code for page in pages] == [200, 200]
    assert names(pages[0].text) == []


def test_places_are_given_away_only_after_a_question(office: Office, organizer: Browser) -> None:
    first, second = (office.register(category="press") for _number in range(2))

    asked = organizer.send(f"{LIST}?category=press", {"reference": [first, second, first], "do": "waitlisted"})

    assert (asked.status_code, office.status_of(first)) == (200, "pending")
    assert "Put 2 people on the waiting list?" in asked.text
    assert re.findall(r'name="reference" value="([^"]+)"', asked.text) == [first, second]
    assert f'action="{LIST}?category=press"' in asked.text


def test_who_could_not_be_decided_is_named_with_the_reason(office: Office, organizer: Browser) -> None:
    for_press = select(SeatPool.id).where(SeatPool.key == "press")
    waiting = office.register(category="press")
    done = office.register()
    office.session.execute(update(SeatPool).where(SeatPool.id.in_(for_press)).values(capacity=1))
    office.session.commit()

    ticked = {"reference": [waiting, done, "TUR-2222-2222"], "do": "waitlisted", "sure": "1"}
    answer = organizer.send(LIST, ticked)
    after = unescape(organizer.get(answer.location).text)

    assert office.status_of(waiting) == "waitlisted"
    assert "1 person is on the waiting list." in after
    assert f"1 was left as it was. This registration has been decided already. {done}" in after
    assert "TUR-2222-2222" in after


def test_only_the_two_decisions_of_the_bar_are_taken(office: Office, organizer: Browser) -> None:
    reference = office.register(category="press")

    refused = organizer.send(LIST, {"reference": reference, "do": "declined"})
    nobody = organizer.send(LIST, {"do": "confirmed"})

    assert (refused.status_code, nobody.status_code, office.status_of(reference)) == (400, 303, "pending")
    assert "Nobody was ticked." in organizer.get(LIST).text


def test_only_the_pending_can_be_ticked(office: Office, organizer: Browser) -> None:
    pending = office.register(category="press")
    office.register()

    ticks = re.findall(r'name="reference" value="([^"]+)"', organizer.get(LIST).text)

    assert ticks == [pending]


def test_the_csv_is_the_view_with_the_columns_of_the_contract(office: Office, organizer: Browser) -> None:
    office.register(family_name="=cmd()", given_name="", country="IT", phone="+39 011 555 0100")
    office.register(country="CI")

    answer = organizer.get("/organize/forum/attendees.csv?country=IT&col=status")

    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=forum-attendees-2015-09-01.csv"
    assert ",".join(rows[0]) == (
        "reference,status,category,honorific,given_name,family_name,organisation,job_title,country,country_name,"
        "language,email,phone,delegation,sessions,registered_at,checked_in_at"
    )
    assert [(row[8], row[5][-6:], row[5].startswith("=")) for row in rows[1:]] == [("IT", "=cmd()", False)]


def test_the_spreadsheet_says_whose_it_is(office: Office, organizer: Browser) -> None:
    office.register(family_name="Kouassi", country="IT")
    office.register(country="CI")

    answer = organizer.get("/organize/forum/attendees.xlsx?country=IT")

    book = openpyxl.load_workbook(BytesIO(answer.data))
    people, about = book.worksheets
    facts = {row[0].value: row[1].value for row in about.iter_rows() if len(row) > 1}
    assert [row[5].value for row in people.iter_rows()] == ["family_name", "Kouassi"]
    assert (facts["Chosen by"], facts["Taken by"]) == ("Country: Italy", "Sample Staff")


FILED = {
    "Anna": {"country": "IT", "sessions": seats_in("opening")},
    "Berta": {"country": "IT", "category": "press"},
    "Carla": {"country": "CI", "category": "press", "sessions": seats_in("opening")},
    "Dora": {"country": "CI"},
}


@pytest.mark.parametrize(
    ("asked", "people", "told"),
    [
        ("status=pending", ["Berta", "Carla"], "Status: Pending"),
        ("status=confirmed&status=cancelled", ["Anna", "Dora", "Elsa"], "Status: Confirmed; Status: Cancelled"),
        ("category=press", ["Berta", "Carla"], "Category: Press"),
        ("session=opening", ["Anna", "Carla"], "Session: Session opening"),
        ("country=CI", ["Carla", "Dora", "Elsa"], "Country: Côte d’Ivoire"),
        ("q=anna", ["Anna"], "Search: anna"),
        ("category=press&session=opening&country=CI&status=pending", ["Carla"], None),
        ("category=press&session=opening&country=IT", [], None),
    ],
)
def test_each_file_holds_the_people_of_the_view(
    office: Office, organizer: Browser, asked: str, people: list[str], told: str | None
) -> None:
    for name, facts in {**FILED, "Elsa": {"country": "CI"}}.items():
        reference = office.register(family_name=name, given_name="", **facts)
    organizer.send(f"/organize/forum/attendees/{reference}/cancel", {"version": 1})

    sheet = organizer.get(f"/organize/forum/attendees.csv?{asked}").data.decode("utf-8-sig")
    book = openpyxl.load_workbook(BytesIO(organizer.get(f"/organize/forum/attendees.xlsx?{asked}").data))
    rows, about = book.worksheets
    facts = {row[0].value: row[1].value for row in about.iter_rows() if len(row) > 1}

    assert office.status_of(reference) == "cancelled"
    assert [row["family_name"] for row in csv.DictReader(StringIO(sheet))] == people
    assert [row[5].value for row in rows.iter_rows(min_row=2)] == people
    assert names(organizer.get(f"{LIST}?{asked}").text) == people
    assert facts["People in this file"] == len(people)
    assert told is None or facts["Chosen by"] == told


def test_each_file_is_in_the_journal(office: Office, organizer: Browser) -> None:
    office.register()

    organizer.get("/organize/forum/attendees.csv?country=CI")
    organizer.client.head("/organize/forum/attendees.csv")

    office.session.rollback()
    entries = office.session.scalars(select(JournalEntry).where(JournalEntry.action == "roster_taken")).all()
    assert [(entry.after["format"], entry.after["rows"], entry.after["chosen_by"]) for entry in entries] == [
        ("csv", 1, ["country"])
    ]


def test_the_button_says_how_many_rows_the_file_has(office: Office, organizer: Browser) -> None:
    office.register(country="IT")
    office.register(country="CI")

    assert "Download 1<" in organizer.get(f"{LIST}?country=IT").text


def test_strange_arguments_do_no_harm(office: Office, organizer: Browser) -> None:
    office.register()
    asked = "endpoint=x&_external=1&_scheme=javascript&slug=other&after=zzz&before=%27&order=%3Cb%3E&col=nothing"

    page = organizer.get(f"{LIST}?{asked}")

    assert (page.status_code, len(names(page.text)), "javascript:" in page.text) == (200, 1, False)
