"""The process that opens a workbook: bytes on its input, sheets as JSON on its output, little memory, little time."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

MEMORY_BYTES = (
    600 * 1024 * 1024
)  # of addresses; the interpreter takes a fifth, a workbook of 1,500 sessions little more
PROCESSOR_S = 10
BROKEN, TOO_LARGE, TOO_SLOW = 3, 4, 5  # how it ends where it cannot answer


def main(most_rows: int, most_columns: int) -> int:
    """Read the workbook on standard input; the answer is the exit status."""
    _limit()
    from python_calamine import (  # noqa: PLC0415 (loaded under the limits)
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        XmlError,
        ZipError,
    )

    try:
        with CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read())) as book:
            sheets = list(_sheets(book, most_rows, most_columns))
    except MemoryError:
        return TOO_LARGE
    except (CalamineError, PasswordError, XmlError, ZipError, ValueError, OSError):
        return BROKEN
    sys.stdout.write(json.dumps(sheets))
    return 0


def _limit() -> None:
    for name, most in (("RLIMIT_AS", MEMORY_BYTES), ("RLIMIT_CPU", PROCESSOR_S), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (ValueError, OSError):  # macOS sets no limit of addresses; time and size still end it
            continue


def _sheets(book: Any, most_rows: int, most_columns: int) -> Iterator[dict[str, Any]]:
    for number, known in enumerate(book.sheets_metadata):
        if str(known.visible).rpartition(".")[2] != "Visible":
            continue
        sheet = book.get_sheet_by_index(number)
        height, width = int(sheet.total_height), int(sheet.total_width)
        is_fit = height <= most_rows and width <= most_columns
        rows = sheet.to_python(skip_empty_area=False) if is_fit else []
        yield {
            "name": known.name,
            "first": 1,
            "height": height,
            "width": width,
            "rows": [[_text(cell) for cell in row] for row in rows],
        }


def _text(cell: object) -> str:  # noqa: PLR0911 (one line a kind)
    """A cell as a person would type it."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ", "seconds") if cell.time() != time() else cell.date().isoformat()
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("seconds")
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            return f"{minutes // 60}:{minutes % 60:02}"
    return str(cell)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
