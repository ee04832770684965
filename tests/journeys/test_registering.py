"""From the event's page to the co-organizer's spreadsheet: a phone in French, then no JavaScript in English."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.crowd import Crowd, a_crowd
from tests.journeys.forms import choose_session, fill_in, follow, heading, press, send, typed
from tests.journeys.house import House, turin
from tests.journeys.letters import Letter, opened
from tests.journeys.windows import Windows
from tests.journeys.workbooks import cells_of

pytestmark = [pytest.mark.browser, pytest.mark.smtp]
TURIN_TIME = ZoneInfo("Europe/Rome")
FORUM = "Troisième Forum mondial du développement économique local"
IDENTITY = (
    "Creativity, innovation and sustainability: understanding and enhancing urban-rural linkages through a "
    "territorial development with cultural identity"
)
PEACE = "Local economic development as a strategy for peacebuilding and conflict transformation"
MARIAM = "mairie.odienne@example.org"
ROSTER_COLUMNS = [
    "status", "category", "honorific", "given_name", "family_name", "organisation", "job_title", "country",
    "country_name", "sessions", "administration_size", "bring_home", "first_time", "local_role", "themes",
    "work_country",
]  # fmt: skip
A_CONFIRMED_ITALIAN = {
    "status": "confirmed",
    "category": "local-government",
    "country": "IT",
    "country_name": "Italy",
}


@pytest.fixture(scope="module")
def crowd(house: House) -> Crowd:
    return a_crowd(house, house.store(turin()))


def test_a_mayor_registers_on_her_phone_and_the_ilo_takes_its_roster(
    house: House, windows: Windows, crowd: Crowd, tmp_path: Path
) -> None:
    phone = windows.open(width=360, language="fr-FR", has_touch=True)
    reference = registers_after_a_mistake(phone)
    letter = opened(house.mails_to(MARIAM)[0])
    it_confirms(letter, reference)
    changes_a_session(phone, letter)
    it_tells_the_change(opened(house.mails_to(MARIAM, 2)[1]), letter)
    decides_about_journalists(windows.staff(crowd.organizer), house)
    partner = windows.staff(crowd.ilo)
    it_is_the_roster_of_the_ilo(takes_the_roster(partner, tmp_path))
    it_is_known_who_took_it(partner, windows.staff(crowd.organizer))


def registers_after_a_mistake(page: Page) -> str:
    page.goto("/events/led-forum-2015/")
    assert (page.locator("html").get_attribute("lang"), heading(page)) == ("fr", FORUM)

    follow(page.get_by_role("link", name="S’inscrire", exact=True))
    fill_in(
        page,
        given_name="Mariam",
        family_name="Coulibaly",
        honorific="Mme",
        email="mairie.odienne@example",
        organisation="Mairie d’Odienné",
        job_title="Maire",
        country="CI",
        category="local-government",
        q__local_role="elected",
        q__administration_size="120",
        q__themes="food",
        q__bring_home="Des contacts.\nEt une idée.",
        dietary="halal",
    )
    choose_session(page, "food-smart-cities")
    choose_session(page, "peacebuilding")
    page.get_by_role("checkbox", name="ILO").check()
    before = typed(page)
    send(page)

    summary = page.locator(".errsum")
    expect(summary).to_be_focused()
    assert summary.get_by_role("link").all_inner_texts() == [
        "Saisissez une adresse e-mail, par exemple nom@example.org.",
        "Répondez à la question «\xa0Avez-vous besoin d’une lettre pour votre visa\xa0?\xa0».",
    ]
    assert typed(page) == before

    summary.get_by_role("link").first.click()
    expect(page.locator("#email")).to_be_focused()
    fill_in(page, email=MARIAM, q__visa_letter="no")
    send(page)

    assert heading(page) == "Votre formulaire est bien arrivé"
    return page.locator("bdi.key").inner_text()


def it_confirms(letter: Letter, reference: str) -> None:
    assert (letter.subject, letter.code) == (f"Votre inscription est confirmée : {FORUM}", reference)
    assert [word for word in (reference, "Mariam", "ven. 16 oct., 09:15") if word not in letter.text] == []
    assert [word for word in (reference, "Mariam", "Ouvrir mon inscription") if word not in letter.html] == []
    assert letter.method == "PUBLISH"
    assert [(entry.title[:16], entry.starts) for entry in letter.entries] == [
        ("Troisième Forum ", date(2015, 10, 15)),
        ("Food Smart Citie", datetime(2015, 10, 16, 9, 15, tzinfo=TURIN_TIME)),
        ("Le développement", datetime(2015, 10, 17, 13, 30, tzinfo=TURIN_TIME)),
    ]


def changes_a_session(page: Page, letter: Letter) -> None:
    page.goto(letter.link)
    assert heading(page) == "Votre inscription est confirmée, Mariam"

    follow(page.get_by_role("link", name="Modifier vos données"))
    fill_in(page, job_title="Adjointe")  # a draft, which an older window puts back and says so
    page.reload()
    expect(page.locator("[data-draft-note]")).to_be_visible()
    follow(page.get_by_role("link", name="Revenir sans enregistrer"))
    follow(page.get_by_role("link", name="Modifier vos données"))
    assert (page.locator("#job_title").input_value(), page.locator("[data-draft-note]").is_visible()) == (
        "Maire",
        False,
    )
    follow(page.get_by_role("link", name="Revenir sans enregistrer"))
    follow(page.get_by_role("link", name="Changer de séances"))
    choose_session(page, "territories-with-identity")
    send(page)

    assert page.get_by_role("status").inner_text() == "Enregistré. Nous vous avons écrit ce qui a changé."
    titles = page.locator(".agenda .slot-title").all_inner_texts()
    assert [title[:9] for title in titles] == ["Séance pl", "Créativit", "Le dévelo", "Séance pl"]  # open to all


def it_tells_the_change(letter: Letter, before: Letter) -> None:
    assert letter.subject == f"Votre inscription a changé : {FORUM}"
    assert (letter.link, letter.code) == (before.link, before.code)
    kept = {entry.uid: entry for entry in letter.entries}
    assert [entry.title[:9] for entry in letter.entries if entry.uid not in {old.uid for old in before.entries}] == [
        "Créativit"
    ]
    assert kept[before.entries[2].uid].sequence > before.entries[2].sequence


def decides_about_journalists(page: Page, house: House) -> None:
    assert heading(page) == "Your events"
    follow(page.locator("main").get_by_role("link", name="Third World Forum").first)
    follow(page.get_by_role("link", name="Attendees", exact=True))
    assert names_in(page) == [
        "=2+3, +Ana", "Cancelled, Sample", "Coulibaly, Mariam", "Elsewhere, Sample", "Nowhere, Sample",
        "Rossi, Sample", "Rumour, Sample", "Waiting, Sample", "Withdrawn, Sample", "李, 小龙",
    ]  # fmt: skip

    page.get_by_label("Search name").fill("odienne")
    follow(page.get_by_role("button", name="Search"))
    expect(page.get_by_role("link", name="Coulibaly, Mariam")).to_be_visible()
    assert names_in(page) == ["Coulibaly, Mariam"]
    follow(page.get_by_role("link", name="Coulibaly, Mariam"))
    assert heading(page) == "Mme Mariam Coulibaly"
    told = page.locator("main").inner_text()
    assert [
        word for word in ("Mairie d’Odienné", "Côte d’Ivoire", MARIAM, "Et une idée.", "ILO") if word not in told
    ] == []

    opens(page, "Rossi, Sample")
    press(page, "Confirm")
    assert page.get_by_role("status").inner_text() == "Sample Rossi is confirmed, and a mail says so."
    opens(page, "Rumour, Sample")
    page.get_by_text("Decline, with a reason").click()
    page.get_by_label("Reason").fill("We could not find Radio Sample.")
    press(page, "Decline")

    assert opened(house.mails_to("rossi@radio.example.org", 2)[1]).subject.startswith("You are registered: ")
    declined = opened(house.mails_to("rumour@radio.example.org", 2)[1])
    assert "We could not find Radio Sample." in declined.text


def names_in(page: Page) -> list[str]:
    return page.locator("table.data tbody th").all_inner_texts()


def opens(page: Page, name: str) -> None:
    follow(page.get_by_role("link", name="Attendees", exact=True))
    follow(page.get_by_role("link", name=name))


def takes_the_roster(page: Page, folder: Path) -> Path:
    follow(page.get_by_role("link", name="Roster for ILO"))
    assert page.locator("table.data tbody th").all_inner_texts() == [
        "+Ana =2+3", "Mme Mariam Coulibaly", "Sample Rossi", "小龙 李",
    ]  # fmt: skip

    with page.expect_download() as waiting:
        page.get_by_role("link", name="XLSX, 4 people").click()
    taken = folder / waiting.value.suggested_filename
    waiting.value.save_as(taken)
    assert taken.name == "led-forum-2015-roster-ILO-2015-09-01.xlsx"
    return taken


def it_is_the_roster_of_the_ilo(path: Path) -> None:
    sheets = cells_of(path)
    header, *rows = sheets["Roster"]
    assert header == ROSTER_COLUMNS
    assert [filled(header, row) for row in rows] == [
        {
            **A_CONFIRMED_ITALIAN,
            "given_name": "+Ana",
            "family_name": "=2+3",
            "organisation": "@Santa Fe",
        },
        {
            "status": "confirmed",
            "category": "local-government",
            "honorific": "Mme",
            "given_name": "Mariam",
            "family_name": "Coulibaly",
            "organisation": "Mairie d’Odienné",
            "job_title": "Maire",
            "country": "CI",
            "country_name": "Côte d’Ivoire",
            "sessions": "; ".join((IDENTITY, PEACE)),
            "administration_size": 120,
            "bring_home": "Des contacts.\nEt une idée.",
            "local_role": "elected",
            "themes": "food",
        },
        {
            **A_CONFIRMED_ITALIAN,
            "category": "press",
            "given_name": "Sample",
            "family_name": "Rossi",
            "organisation": "Radio Sample",
            "sessions": "Development challenges for African cities: populations, economies, cultures",
        },
        {
            **A_CONFIRMED_ITALIAN,
            "given_name": "小龙",
            "family_name": "李",
            "organisation": "City of Samples",
            "country": "CN",
            "country_name": "China",
        },
    ]
    about = dict(sheets["About"])
    assert datetime(2015, 9, 1, 9, 0) <= about.pop("Taken at") < datetime(2015, 9, 1, 10, 0)  # noqa: DTZ001 (a cell)
    assert about == {
        "Event": "Third World Forum on Local Economic Development",
        "People and columns": "People with a place who agreed to share with International Labour Organization, "
        "in the columns agreed for International Labour Organization.",
        "Taken by": "Sample Officer",
        "Time zone": "Europe/Rome",
        "People in this file": 4,
    }


def filled(header: list[str], row: list[Any]) -> dict[str, Any]:
    """A person's row by column, without the empty cells."""
    return {key: cell for key, cell in zip(header, row, strict=True) if cell is not None}


def it_is_known_who_took_it(partner: Page, organizer: Page) -> None:
    partner.reload()
    partners_view = partner.get_by_role("region", name="Last downloads").locator("tbody tr")
    assert partners_view.locator("td:not(:first-child)").all_inner_texts() == [
        "Sample Officer", "XLSX, 4 people", "Everybody", f"{len(ROSTER_COLUMNS)} columns",
    ]  # fmt: skip

    organizer.goto("/organize/led-forum-2015/partners")
    ilo = organizer.get_by_role("region", name="International Labour Organization")
    assert "4 people agreed to share with it." in ilo.inner_text()
    row = ilo.get_by_role("table").locator("tbody td:not(:first-child)")
    assert row.all_inner_texts() == [
        "Sample Officer", "XLSX, 4 people", "Everybody", f"{len(ROSTER_COLUMNS)} columns",
    ]  # fmt: skip
