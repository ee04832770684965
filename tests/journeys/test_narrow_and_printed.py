"""Pages of staff where there is little room: nothing is cut, nothing is broken, and paper has every column."""

from __future__ import annotations

from io import BytesIO
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from forumreg.rules.access import Role
from tests.builders import a_draft
from tests.journeys.house import House, turin
from tests.journeys.windows import Windows

pytestmark = pytest.mark.browser
SLUG = "narrow"
ORGANIZER, PARTNER = "organizer@narrow.example.org", "ilo@paper.example.org"
LEAST_TARGET = 24  # CSS pixels; WCAG 2.2, 2.5.8
# A card of a quarter of an hour has one line, and a longer one two of its number and its meter.
CARDS = """cards => cards.map(card => {
  const edge = card.getBoundingClientRect(), inside = part => {
    const box = part.getBoundingClientRect();
    return box.height > 0 && box.bottom <= edge.bottom + 1 && box.right <= edge.right + 1;
  };
  const minutes = Number(card.dataset.fh) * 60 + Number(card.dataset.fm) * 5;
  return [minutes, [...card.querySelectorAll(".num, .meter")].every(inside), card.innerText];
})"""
# Words for screen readers alone take one pixel behind the last word.
CUT = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth + 1).length"
TOO_LOW = """links => links.filter(link => {
  const around = link.closest("td, th, p, dd, li") ?? link.parentElement;
  const alone = around.innerText.trim() === link.innerText.trim();
  const box = link.getBoundingClientRect();
  return alone && box.height > 0 && box.height < LEAST;
}).map(link => link.innerText)""".replace("LEAST", str(LEAST_TARGET))


@pytest.fixture(scope="module")
def forum(house: House) -> None:
    """The Turin forum with its real titles, rooms and tracks."""
    house.store(turin(slug=SLUG))
    house.hire(ORGANIZER, Role.ORGANIZER, SLUG, name="Giulia Verdi")


@pytest.mark.usefixtures("forum")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_card_of_the_board_shows_its_number_and_its_meter(windows: Windows, language: str) -> None:
    page = windows.staff(ORGANIZER, language=language)
    page.goto(f"/organize/{SLUG}/programme?day=2015-10-16")

    cards = page.locator(".ses").evaluate_all(CARDS)

    assert len(cards) > 10
    assert [text for minutes, is_whole, text in cards if minutes >= 45 and not is_whole] == []


@pytest.mark.usefixtures("forum")
@pytest.mark.parametrize("path", ["programme/rooms", "programme/list"])
def test_a_table_on_a_phone_gives_names_the_width_of_the_page(windows: Windows, path: str) -> None:
    page = windows.staff(ORGANIZER, width=360)
    page.goto(f"/organize/{SLUG}/{path}")

    names = page.locator("tbody th").evaluate_all("cells => cells.map(cell => cell.clientWidth)")
    cut = page.locator(".scroll").evaluate_all(CUT)

    assert (min(names) > 200, cut) == (True, 0)


@pytest.mark.usefixtures("forum")
@pytest.mark.parametrize("width", [1360, 360])
def test_a_link_that_stands_alone_is_high_enough_to_be_hit(windows: Windows, width: int) -> None:
    page = windows.staff(ORGANIZER, width=width)
    found = {}
    for path in (
        "",
        "/attendees",
        "/programme/list",
        "/programme/rooms",
        "/programme/limits",
        "/messages",
        "/partners",
    ):
        page.goto(f"/organize/{SLUG}{path}")
        found[path] = page.locator("main a:visible").evaluate_all(TOO_LOW)

    assert {path: texts for path, texts in found.items() if texts} == {}


def test_paper_has_every_column_of_the_roster_and_says_how_many_are_on_it(windows: Windows, house: House) -> None:
    event = house.store(a_draft("paper"))
    house.hire(PARTNER, Role.PARTNER, "paper", "ILO", name="Sample Officer")
    for number in range(51):
        house.register(event, ("ILO",), given_name=f"Given{number:02}", family_name="Name", job_title="Mayor")
    page = windows.staff(PARTNER)
    page.goto("/partners/paper/roster")

    paper = PdfReader(BytesIO(page.pdf(format="A4"))).pages
    read = [" ".join(normalize("NFKC", sheet.extract_text()).split()) for sheet in paper]  # a ligature is two letters
    words = " ".join(read)

    assert paper[0].mediabox.width > paper[0].mediabox.height
    assert "This sheet has 1–50 of 51. A file that you download has all of them." in words
    assert "Name Organization Job title Country Category Status Sessions" in words
    assert "Given00" in read[0]
    assert "Download" not in words
