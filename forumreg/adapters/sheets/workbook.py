"""XLSX: a sheet of rows with real dates, and a sheet that says whose they are. Nothing in it is a formula."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import IO, Any

from forumreg.adapters.sheets.cells import as_text, is_live
from forumreg.adapters.sheets.sheet import Cell, Rows, Sheet
from forumreg.base.late import Late

xlsxwriter = Late("xlsxwriter")  # 2.3 MB
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
EXACT_BELOW = 10**15  # a spreadsheet keeps 15 digits of a number (IEEE 754 double)
FIRST_YEAR = 1900  # of the calendar of spreadsheets
_WIDTHS: Mapping[str, int] = {  # in digits
    "reference": 16,
    "status": 11,
    "category": 24,
    "honorific": 10,
    "given_name": 20,
    "family_name": 24,
    "organisation": 36,
    "job_title": 28,
    "country": 8,
    "country_name": 22,
    "language": 9,
    "email": 32,
    "phone": 20,
    "delegation": 20,
    "sessions": 48,
    "registered_at": 17,
    "checked_in_at": 17,
}
_OWN_WIDTH = 20
_ABOUT_WIDTHS = (24, 80)


class _Book:
    """A workbook with its formats; XlsxWriter ships no types."""

    def __init__(self, file: IO[bytes]) -> None:
        self.book: Any = xlsxwriter.Workbook(file, _OPTIONS)
        self.head = self.book.add_format({"bold": True, "bottom": 1})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.instant = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self.quoted = self.book.add_format({"quote_prefix": True})  # stays text when somebody edits the cell

    def put(self, sheet: Any, row: int, column: int, cell: Cell, facts: Sheet) -> None:
        """Write one cell with its own kind; what a spreadsheet has no kind for is text."""
        match cell:
            case datetime() if cell.year >= FIRST_YEAR:
                local = cell.astimezone(facts.zone).replace(tzinfo=None)
                sheet.write_datetime(row, column, local, self.instant)
            case date() if cell.year >= FIRST_YEAR and not isinstance(cell, datetime):
                sheet.write_datetime(row, column, cell, self.day)
            case int() | float() if not isinstance(cell, bool) and abs(cell) < EXACT_BELOW:
                sheet.write_number(row, column, cell)
            case _:
                self.put_text(sheet, row, column, as_text(cell, facts))

    def put_text(self, sheet: Any, row: int, column: int, text: str) -> None:
        """Write text as text, whatever it begins with."""
        if text:
            sheet.write_string(row, column, text, self.quoted if is_live(text) else None)


def write_xlsx(file: IO[bytes], sheet: Sheet, rows: Rows) -> None:
    """Write the workbook; one row is held in memory at a time."""
    book = _Book(file)
    roster = book.book.add_worksheet(_sheet_name(sheet.labels.roster))
    about = book.book.add_worksheet(_sheet_name(sheet.labels.about))
    book.book.set_properties({"title": sheet.event, "subject": sheet.scope, "created": sheet.taken_at})
    count = _fill(book, roster, sheet, rows)
    _tell(book, about, sheet, count)
    book.book.close()


def _fill(book: _Book, roster: Any, sheet: Sheet, rows: Rows) -> int:
    for place, key in enumerate(sheet.columns):
        roster.set_column(place, place, _WIDTHS.get(key, _OWN_WIDTH))
        roster.write_string(0, place, key, book.head)
    roster.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            book.put(roster, count, place, cell, sheet)
    roster.autofilter(0, 0, count, len(sheet.columns) - 1)
    return count


def _tell(book: _Book, about: Any, sheet: Sheet, count: int) -> None:
    labels = sheet.labels
    facts: list[tuple[str, Cell]] = [
        (labels.event, sheet.event),
        (labels.scope, sheet.scope),
        (labels.chosen_by, sheet.chosen_by),
        (labels.who, sheet.who),
        (labels.at, sheet.at),
        (labels.zone, str(sheet.zone)),
        (labels.count, count),
    ]
    for column, width in enumerate(_ABOUT_WIDTHS):
        about.set_column(column, column, width)
    for row, (label, fact) in enumerate((label, fact) for label, fact in facts if fact != ""):
        about.write_string(row, 0, label, book.head)
        book.put(about, row, 1, fact, sheet)


def _sheet_name(label: str) -> str:
    """A label as a sheet may be called: at most 31 signs, none that an address of a cell uses."""
    return "".join(sign for sign in label if sign not in "[]:*?/\\'")[:31]
