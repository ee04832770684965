"""What people type, made clean: nothing is lost that a reader would miss."""

from __future__ import annotations

import pytest

from forumreg.base.folding import clean_line, clean_text, prose, prose_line

FRENCH = "L’économie locale\u00a0: une approche efficace\u202f?"


@pytest.mark.parametrize("clean", [clean_line, clean_text, prose, prose_line])
def test_what_cannot_be_read_is_gone_whoever_wrote_it(clean: object) -> None:
    assert callable(clean)
    assert clean(" Awa\u202e\u200b  \tKon\u0065\u0301\x07 ") == "Awa Koné"


def test_an_organizers_words_keep_their_no_break_spaces() -> None:
    assert (prose_line(f"  {FRENCH}\u00a0\n"), prose(f"{FRENCH} \r\n\r\n  fin\u00a0!")) == (
        FRENCH,
        f"{FRENCH}\n\nfin\u00a0!",
    )
    assert clean_line(FRENCH) == "L’économie locale : une approche efficace ?"


@pytest.mark.parametrize("text", ["plain words", "  plain   words ", "tab\there", "two\nlines", "\x7f", ""])
def test_plain_text_takes_the_short_way_to_the_same_end(text: str) -> None:
    assert clean_line(text) == clean_line(f"é{text}")[1:].strip()
