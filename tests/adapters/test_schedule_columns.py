"""The sheet of a programme: what a cell holds comes back as it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forumreg.adapters.schedule.columns import (
    columns_for,
    held_cell,
    held_of,
    key_of,
    list_cell,
    list_of,
    name_cell,
    speakers_cell,
    speakers_of,
)
from forumreg.adapters.sheets import harmless
from forumreg.base.folding import clean_line
from forumreg.rules.event.drafts import SpeakerDraft

WORDS = st.text(st.sampled_from("aé ;|\\=+-@,\"'\n語א"), max_size=12).map(clean_line)
SPEAKERS = st.lists(st.builds(SpeakerDraft, WORDS.filter(bool), WORDS, WORDS), max_size=4).map(tuple)


@given(SPEAKERS)
def test_speakers_come_back_out_of_a_harmless_cell(speakers: tuple[SpeakerDraft, ...]) -> None:
    assert speakers_of(harmless(speakers_cell(speakers))) == speakers


def test_a_speaker_reads_as_a_person_would_write_it() -> None:
    speakers = (SpeakerDraft("Ana Pérez", "Mayor", "City of Pasto"), SpeakerDraft("Bo"), SpeakerDraft("C", "", "ILO"))

    assert speakers_cell(speakers) == "Ana Pérez | Mayor | City of Pasto; Bo; C |  | ILO"


@pytest.mark.parametrize(
    ("cell", "names"),
    [("", []), (" ; | ;", []), ("Ana", ["Ana"]), ("Ana; ;Bo|x|y|z", ["Ana", "Bo"]), ("Ana\\", ["Ana\\"])],
)
def test_a_cell_typed_by_hand_is_read_as_far_as_it_says_something(cell: str, names: list[str]) -> None:
    assert [speaker.name for speaker in speakers_of(cell)] == names


def test_lists_come_back() -> None:
    assert list_of(list_cell(("en", "pt-BR"))) == ("en", "pt-BR")
    assert list_of(" en,fr ;; en") == ("en", "fr")
    assert held_of(held_cell({"press": 5, "local": 0})) == {"press": 5, "local": 0}


@pytest.mark.parametrize("cell", ["press", "press: many", ": 3"])
def test_places_held_without_a_number_or_a_category_are_no_places(cell: str) -> None:
    with pytest.raises(ValueError, match="not a category and a number"):
        held_of(cell)


def test_a_room_is_called_by_its_name_unless_that_is_anothers() -> None:
    rooms = {"hall": {"en": "Great Hall"}, "other": {"en": "great hall"}, "Twin": {"en": "hall"}, "bare": {"en": ""}}

    cells = {key: name_cell(key, rooms, "en") for key in rooms}

    assert cells == {"hall": "Great Hall", "other": "other", "Twin": "Twin", "bare": "bare"}
    assert {key: key_of(cell, rooms) for key, cell in cells.items()} == {key: key for key in rooms}
    assert key_of("Nowhere", rooms) is None


def test_the_header_has_a_title_and_an_abstract_for_each_language() -> None:
    assert columns_for(("en", "pt-BR"))[:6] == (
        "id", "guid", "title_en", "title_pt-BR", "abstract_en", "abstract_pt-BR",
    )  # fmt: skip


def test_every_column_is_documented_and_every_documented_column_exists() -> None:
    documentation = Path(__file__).parents[2] / "docs" / "programme.md"
    sheet = documentation.read_text("utf-8").partition("| column |")[2].partition("\n## ")[0]

    rows = re.findall(r"^\| (`[^|]+) \|", sheet, re.MULTILINE)

    named = [name for row in rows for name in re.findall(r"`([a-z_]+(?:<language>)?)`", row)]
    assert named == list(columns_for(("<language>",)))
