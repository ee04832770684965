"""The formats that a roster is taken in, by the ending of the file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

from forumreg.adapters.sheets.comma_separated import write_csv
from forumreg.adapters.sheets.records import write_json
from forumreg.adapters.sheets.sheet import Rows, Sheet
from forumreg.adapters.sheets.workbook import write_xlsx

IN_MEMORY_BYTES = 512 * 1024  # a larger file lies on disk until it is sent


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its media type, and what writes it."""

    name: str
    mimetype: str
    write: Callable[[IO[bytes], Sheet, Rows], None]


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv", write_csv),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "json": Format("json", "application/json", write_json),
}


def spooled() -> IO[bytes]:
    """An empty file that nobody else can open, gone when it is closed."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)
