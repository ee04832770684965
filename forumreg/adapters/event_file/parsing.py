"""From bytes to JSON, and what is wrong with either that no schema can say."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from forumreg.adapters.event_file.places import FILE, inside
from forumreg.base.errors import Invalid, Problem

LARGEST_BYTES = 5_000_000  # a forum of 300 sessions in five languages takes a tenth of it
DEEPEST = 20  # levels; the format itself needs 6
LONGEST_NUMBER = 18  # digits; every number of the format is far below


def parse(blob: bytes) -> object:
    """The JSON in the bytes: not too large, not too deep, every key still knowing whether it came twice.

    Raises:
        Invalid: with the one thing that keeps the file from being read.
    """
    parsed = _parsed(_text(blob))
    if _too_deep(parsed):
        raise _unreadable(f"nested deeper than {DEEPEST} levels")
    return parsed


class _Object(dict[str, Any]):
    """An object of the file that remembers which of its keys were written twice."""

    doubles: tuple[str, ...] = ()


def _text(blob: bytes) -> str:
    if len(blob) > LARGEST_BYTES:
        raise _unreadable(f"larger than {LARGEST_BYTES // 1_000_000} MB")
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(f"not UTF-8 at byte {error.start}") from None


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_whole_number
        )
    except json.JSONDecodeError as error:
        raise _unreadable(f"not JSON at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _unreadable(f"nested deeper than {DEEPEST} levels") from None
    return parsed


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        made.doubles = tuple(name for name, times in counted.items() if times > 1)
    return made


def _no_constant(name: str) -> NoReturn:
    raise _unreadable(f"{name} is not JSON")


def _whole_number(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _unreadable(f"a number of more than {LONGEST_NUMBER} digits")
    return int(digits)


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _parts(outer)]
    return bool(level)


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def unclean(value: object, place: str) -> Iterator[Problem]:
    """Keys written twice, and signs that no text holds (controls but tab and line ends, lone surrogates)."""
    if isinstance(value, _Object):
        for name in value.doubles:
            yield Problem(inside(place, name), "written twice")
    for step, inner in _steps(value):
        yield from unclean(inner, inside(place, step))
    if isinstance(value, str) and _has_control(value):
        yield Problem(place or FILE, "has a control character")


def _steps(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _has_control(text: str) -> bool:
    return any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\t\n\r" for sign in text)


def _unreadable(message: str) -> Invalid:
    return Invalid(Problem(FILE, message))
