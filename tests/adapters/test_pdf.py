"""Sheets to sign, as a PDF: what was typed is there as text, and nothing of it runs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from forumreg.adapters.pdf import NotPrinted, SignIn, printed, sign_in_sheets
from forumreg.adapters.pdf.sign_in import uncovered

HOSTILE = '#eval("1+1") *bold* $x^2$ @ref <label> \\u{1F600} #import "@preview/x:0.1.0"'


def sheet(*people: tuple[str, str], title: str = "Local finance") -> SignIn:
    return SignIn(title, "Sala Dora", "Thursday 15 October, 11:30–13:00", people)


def pages_of(sheets: list[SignIn], folder: Path, **facts: object) -> list[str]:
    """The text of each page."""
    made = sign_in_sheets(
        sheets,
        **{
            "event": "Forum",
            "words": ("No.", "Name", "Organization", "Signature"),
            "note": "Taken by Giulia",
            "language": "en",
            "is_rtl": False,
            "instance": folder,
            **facts,
        },  # type: ignore[arg-type]
    )
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(made)).pages]


def test_each_session_has_pages_of_its_own_with_its_people_in_order(tmp_path: Path) -> None:
    many = [(f"Family{number:03}, Given", f"City {number}") for number in range(60)]

    pages = pages_of([sheet(*many), sheet(("Rossi, Ana", "Turin"), title="Food")], tmp_path)

    assert len(pages) == 4
    assert [f"Family{number:03}" in "".join(pages[:3]) for number in range(60)] == [True] * 60
    assert "Food" in pages[3]
    assert "Rossi, Ana" in pages[3]
    assert [f"{number} / 4" in page for number, page in enumerate(pages, 1)] == [True] * 4
    assert all("Taken by Giulia" in page for page in pages)


def test_what_people_typed_is_text_and_never_markup(tmp_path: Path) -> None:
    [page] = pages_of([sheet((HOSTILE, HOSTILE), title=HOSTILE)], tmp_path, event=HOSTILE, note=HOSTILE)

    # Long words may be broken anywhere, so blanks do not count.
    assert page.replace(" ", "").count('#eval("1+1")*bold*$x^2$@ref<label>') == 5


def test_a_page_from_right_to_left_is_made(tmp_path: Path) -> None:
    assert len(pages_of([sheet(("ليلى بن علي", "شفشاون"))], tmp_path, language="ar", is_rtl=True)) == 1


def test_names_that_would_print_as_boxes_are_known() -> None:
    people = [("Coulibaly, Mariam", ""), ("李 小龙", ""), ("ليلى", ""), ("O’Neill-Жук, Ñ.", ""), ("王", "")]

    assert uncovered([sheet(*people)]) == ("李 小龙", "王")


def test_what_cannot_be_printed_says_so_without_its_words(tmp_path: Path) -> None:
    with pytest.raises(NotPrinted) as failed:
        printed("sign_in", {"event": "Secret name"}, instance=tmp_path)

    assert str(failed.value) == "sign_in ended with 1"
