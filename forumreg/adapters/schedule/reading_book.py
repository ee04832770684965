"""XLSX, read in a process of its own: a small file can make the library take all memory and end the program."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from forumreg.adapters.schedule import reading_book_child as child
from forumreg.adapters.schedule.reading_csv import MOST_COLUMNS, MOST_ROWS, Grid, checked
from forumreg.adapters.schedule.reading_items import Place, problem
from forumreg.adapters.schedule.reading_text import broken
from forumreg.base.errors import Invalid

LARGEST_UNPACKED_BYTES = 100_000_000  # what the entries of the file say they are, together
MOST_ENTRIES = 2_000
LONGEST_S = 20  # by the clock; the process has less of the processor
_WORDS = {child.BROKEN: "book_broken", child.TOO_LARGE: "book_too_large", child.TOO_SLOW: "book_too_slow"}


def grids_of(blob: bytes) -> list[Grid]:
    """The sheets that are not hidden, in the order of the workbook.

    Raises:
        Invalid: it cannot be read, or takes too much.
    """
    _look(blob)
    grids = [_grid(sheet) for sheet in _read(blob)]
    return [grid for grid in grids if grid.rows]


def _look(blob: bytes) -> None:
    """Look at what the archive says of itself before anything opens it."""
    try:
        with ZipFile(BytesIO(blob)) as archive:
            entries = archive.infolist()
    except (BadZipFile, ValueError, OSError, NotImplementedError):  # the last: of a version that zipfile does not know
        raise Invalid(problem(Place(""), "book_broken")) from None
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED_BYTES:
        raise Invalid(problem(Place(""), "book_too_large"))


def _read(blob: bytes) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", child.__name__, str(MOST_ROWS), str(MOST_COLUMNS)]
    try:
        done = subprocess.run(command, input=blob, capture_output=True, check=False, timeout=LONGEST_S)  # noqa: S603 (our own module, no word of the file's)
    except subprocess.TimeoutExpired:
        raise Invalid(problem(Place(""), "book_too_slow")) from None
    if done.returncode != 0:
        # Ended by a signal: the library gave up where memory or the processor's time did.
        raise Invalid(problem(Place(""), _WORDS.get(done.returncode, "book_too_large")))
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _grid(sheet: dict[str, Any]) -> Grid:
    name = str(sheet["name"])
    if sheet["height"] > MOST_ROWS:
        raise Invalid(problem(Place(name), "too_many_rows", most=MOST_ROWS))
    if sheet["width"] > MOST_COLUMNS:
        raise Invalid(problem(Place(name), "too_many_columns", most=MOST_COLUMNS))
    rows = [(number, [broken(cell) for cell in row]) for number, row in enumerate(sheet["rows"], sheet["first"])]
    filled = [(number, row) for number, row in rows if any(cell.strip() for cell in row)]
    return checked(Grid([row for _number, row in filled], [number for number, _row in filled], name))
