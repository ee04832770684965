"""JSON for programs: what the file is, then one object a person; its shape is in docs/roster-columns.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from forumreg.adapters.sheets.cells import instant, title
from forumreg.adapters.sheets.sheet import Cell, Rows, Sheet

FORMAT = "forumreg-roster/1"


def write_json(file: IO[bytes], sheet: Sheet, rows: Rows) -> None:
    """Write the object; a person a line, numbers and sessions' titles after the last one."""
    for part in _parts(sheet, rows):
        file.write(part.encode())  # a spooled file would keep all of writelines() in memory


def _parts(sheet: Sheet, rows: Rows) -> Iterator[str]:
    yield _dumped(_head(sheet))[:-1] + ',"people":['
    titles: dict[str, str] = {}
    count = 0
    for count, row in enumerate(rows, 1):
        yield (",\n" if count > 1 else "\n") + _dumped(_person(sheet, row, titles))
    yield f'\n],"count":{count},"session_titles":{_dumped(titles)}}}\n'


def _head(sheet: Sheet) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "event": sheet.slug,
        "event_title": sheet.event,
        "timezone": str(sheet.zone),
        "scope": sheet.scope,
        "taken_by": sheet.who,
        "taken_at": sheet.taken_at.isoformat(),
        "columns": list(sheet.columns),
    }


def _person(sheet: Sheet, row: tuple[Cell, ...], titles: dict[str, str]) -> dict[str, Any]:
    return {key: _json(cell, sheet, titles) for key, cell in zip(sheet.columns, row, strict=True)}


def _json(cell: Cell, sheet: Sheet, titles: dict[str, str]) -> Any:
    match cell:
        case datetime():
            return instant(cell, sheet)
        case date():
            return cell.isoformat()
        case tuple():
            sessions = [each for each in cell if not isinstance(each, str)]
            titles.update((each.key, title(each, sheet)) for each in sessions)
            return [each if isinstance(each, str) else each.key for each in cell]
    return cell


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
