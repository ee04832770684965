"""CSV as RFC 4180 has it: commas, CRLF, a header row; UTF-8 with a BOM, by which spreadsheets know it."""

from __future__ import annotations

import codecs
import csv
from io import TextIOWrapper
from typing import IO

from forumreg.adapters.sheets.cells import as_text, harmless
from forumreg.adapters.sheets.sheet import Cell, Rows, Sheet


def write_csv(file: IO[bytes], sheet: Sheet, rows: Rows) -> None:
    """Write the header and the rows; texts are made harmless, numbers and instants stay as they are."""
    file.write(codecs.BOM_UTF8)
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    writer.writerows([_cell(cell, sheet) for cell in row] for row in rows)
    text.detach()


def _cell(cell: Cell, sheet: Sheet) -> str:
    text = as_text(cell, sheet)
    return harmless(text) if isinstance(cell, str | tuple) else text
