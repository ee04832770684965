"""CSV as programs of all countries write it, as a grid of texts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from forumreg.adapters.schedule.reading_items import Place, problem
from forumreg.adapters.schedule.reading_text import broken, text_of
from forumreg.base.errors import Invalid

MOST_ROWS = 6_000
MOST_COLUMNS = 60
_SEPARATORS = ",;\t|"
_SAMPLE_LINES = 30
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a sheet as texts; ``numbers`` are theirs in the file, from 1. ``name``: empty where it has none."""

    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
    name: str = ""


def grid_of(blob: bytes) -> Grid:
    """The rows of a CSV file.

    Raises:
        Invalid: it is too large, or no text.
    """
    text = broken(text_of(blob))
    first, _break, rest = text.partition("\n")
    named = _SEP_LINE.fullmatch(first.strip("\r"))
    separator = named[1] if named else _separator(text)
    rows, numbers = [], []
    # The first line may be no row; rows are counted as a spreadsheet does, each once however many lines it has.
    try:
        for number, row in enumerate(csv.reader(StringIO(rest if named else text, newline=""), delimiter=separator), 1):
            if any(cell.strip() for cell in row):
                rows.append(row)
                numbers.append(number + bool(named))
            if len(rows) > MOST_ROWS:
                raise Invalid(problem(Place(str(number)), "too_many_rows", most=MOST_ROWS))
    except csv.Error:
        raise Invalid(problem(Place(""), "unknown_file")) from None
    return checked(Grid(rows, numbers))


def checked(grid: Grid) -> Grid:
    """The grid, if it is not too wide.

    Raises:
        Invalid: it has too many columns.
    """
    if max((_width(row) for row in grid.rows), default=0) > MOST_COLUMNS:
        raise Invalid(problem(Place(grid.name), "too_many_columns", most=MOST_COLUMNS))
    return grid


def _width(row: Sequence[str]) -> int:
    return max((number for number, cell in enumerate(row, 1) if cell.strip()), default=0)


def _separator(text: str) -> str:
    """The sign that parts most cells in rows that have the same number of them."""
    return max(_SEPARATORS, key=lambda separator: _fit(text, separator))


def _fit(text: str, separator: str) -> int:
    """How many separators the first rows of the most telling width have: a line of prose has few, and not always so."""
    widths: Counter[int] = Counter()
    try:
        for row, _number in zip(
            csv.reader(StringIO(text, newline=""), delimiter=separator), range(_SAMPLE_LINES), strict=False
        ):
            widths[len(row)] += 1
    except csv.Error:
        return 0
    return max(((width - 1) * times for width, times in widths.items()), default=0)
