"""What people type, made clean: nothing is lost that a reader would miss."""

from __future__ import annotations

import pytest

from forumreg.base.folding import clean_line, clean_text, fold, person_key, prose, prose_line, search_key

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


@pytest.mark.parametrize("sign", "'’‘`´ʼʹ′ʻ＇")
def test_one_apostrophe_is_as_good_as_another(sign: str) -> None:
    assert fold(f"N{sign}Guessan") == "n'guessan"
    assert person_key("Awa", f"N{sign}Guessan", "a@example.org") == person_key("AWA", "n'guessan", "A@example.org")
    assert search_key(f"Ville d{sign}Odienné", "Koné") == "ville d'odienne kone"


@pytest.mark.parametrize("sign", "-‐‑–—−－")
def test_one_hyphen_is_as_good_as_another(sign: str) -> None:
    assert fold(f"Jean{sign}Noël") == "jean-noel"
    assert person_key(f"Jean{sign}Noël", "", "a@example.org") == person_key("", "Jean-Noel", "a@example.org")
