"""A schedule file as a programme: what kind of file it is, what it tells, and what that is beside the event's own.

``read`` writes nothing and asks nobody; ``rules.planning`` compares and stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from forumreg.adapters.schedule import reading_book, reading_csv, reading_frab, reading_frab_json, reading_frab_xml
from forumreg.adapters.schedule.reading_items import Brought, Column, Place, problem
from forumreg.adapters.schedule.reading_matching import programme_of
from forumreg.adapters.schedule.reading_sheet import Sheet, sheet_of
from forumreg.adapters.schedule.reading_sheet import told as told_by_sheet
from forumreg.adapters.schedule.reading_text import LARGEST_BYTES
from forumreg.base.errors import Invalid, Refused
from forumreg.rules.event.facts import EventFacts

XML, JSON, BOOK, OLD_BOOK, TABLE = "xml", "json", "book", "old-book", "table"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"{\\rtf", b"\x7fELF")
_NOTHING: Mapping[int, str] = {}


class Unmatched(Invalid):
    """What keeps a sheet from being read, with its columns, so that somebody can say what they are."""

    def __init__(self, invalid: Invalid, columns: tuple[Column, ...]) -> None:
        super().__init__(*invalid.problems)
        self.columns = columns


def kind_of(blob: bytes) -> str:
    """What kind of file it is, by its content.

    Raises:
        Refused: "unknown_file".
    """
    if blob.startswith(b"PK\x03\x04"):
        return BOOK
    if blob.startswith(b"\xd0\xcf\x11\xe0"):
        return OLD_BOOK
    if blob.startswith(_OTHERS) or not blob.strip():
        raise Refused("unknown_file")
    head = blob[:400]
    for mark in _BOMS:
        head = head.removeprefix(mark)
    plain = head.replace(b"\0", b"").lstrip()
    if plain.startswith(b"<"):
        return XML
    if plain.startswith((b"{", b"[")):
        return JSON
    if 0 < head.count(0) * 3 <= len(head) and not blob.startswith(_BOMS):
        raise Refused("unknown_file")  # zeros are in no text of one byte a letter, and every second byte of two
    return TABLE


def read(blob: bytes, event: EventFacts, chosen: Mapping[int, str] = _NOTHING) -> Brought:
    """The programme that the file tells; ``chosen`` says of a sheet's columns, from 0, what they are taken for.

    Raises:
        Refused: "unknown_file", it is of a kind that we do not know.
        Invalid: every place that is wrong; ``Unmatched`` where it is a sheet.
    """
    if len(blob) > LARGEST_BYTES:
        raise Invalid(problem(Place(""), "too_large", most=LARGEST_BYTES >> 20))
    kind = kind_of(blob)
    if kind == OLD_BOOK:
        raise Invalid(problem(Place(""), "old_book"))
    if kind == XML:
        return programme_of(reading_frab.told(reading_frab_xml.read(blob), event), event, "frab-xml")
    if kind == JSON:
        return programme_of(reading_frab.told(reading_frab_json.read(blob), event), event, "frab-json")
    grids = reading_book.grids_of(blob) if kind == BOOK else [reading_csv.grid_of(blob)]
    sheet = sheet_of(grids, chosen)
    try:
        return _of_sheet(sheet, grids, event)
    except Invalid as invalid:
        raise Unmatched(invalid, sheet.columns) from invalid


def _of_sheet(sheet: Sheet, grids: list[reading_csv.Grid], event: EventFacts) -> Brought:
    return replace(programme_of(told_by_sheet(sheet, grids, event), event, "sheet"), columns=sheet.columns)
