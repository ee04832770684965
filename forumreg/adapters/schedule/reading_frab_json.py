"""schedule.json, of frab, pretalx and others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from forumreg.adapters.schedule.reading_frab import Entry, Frab
from forumreg.adapters.schedule.reading_items import Place, problem
from forumreg.adapters.schedule.reading_text import text_of
from forumreg.base.errors import Invalid

DEEPEST = 30  # levels; the format itself needs 10
# What says how the file is built, or what the event says itself.
_STRUCTURE = frozenset({"version", "conference"})
_USED = frozenset(
    {"title", "acronym", "start", "end", "daysCount", "days", "timeslot_duration", "time_zone_name", "tracks", "rooms"}
)
_DAY = frozenset({"index", "date", "day_start", "day_end", "rooms"})
_ROOM = frozenset({"name", "capacity"})
_TRACK = frozenset({"name"})


def read(blob: bytes) -> Frab:
    """What the file tells.

    Raises:
        Invalid: it is no schedule.
    """
    parsed = _parsed(text_of(blob, is_json=True))
    schedule = parsed.get("schedule") if isinstance(parsed, dict) else None
    if not isinstance(schedule, dict):
        raise Invalid(problem(Place(""), "not_a_schedule"))
    conference = _object(schedule.get("conference"), "schedule/conference")
    named: Counter[str] = Counter()
    named.update(f"schedule/{name}" for name in schedule if name not in _STRUCTURE and schedule[name])
    named.update(f"conference/{name}" for name in conference if name not in _USED and conference[name])
    zone = conference.get("time_zone_name")
    entries = tuple(_entries(conference, named))
    return Frab(
        entries=entries,
        zone=zone if isinstance(zone, str) else "",
        rooms={entry.room: None for entry in entries} | dict(_rooms(conference, named)),
        tracks=tuple(_tracks(conference, named)),
        named=named,
    )


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text, parse_constant=_no_constant, parse_int=_number)
    except json.JSONDecodeError as error:
        ends = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        word = "cut_off" if ends and text.strip() else "not_json"
        raise Invalid(problem(Place("", error.lineno), word)) from None
    except RecursionError:
        raise Invalid(problem(Place(""), "nested", most=DEEPEST)) from None
    if _is_deep(parsed):
        raise Invalid(problem(Place(""), "nested", most=DEEPEST))
    return parsed


def _no_constant(_name: str) -> NoReturn:
    raise Invalid(problem(Place(""), "not_json"))


def _number(digits: str) -> int:
    if len(digits) > 18:
        raise Invalid(problem(Place(""), "not_json"))
    return int(digits)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _inside(outer)]
    return bool(level)


def _inside(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(problem(Place(where), "should_be_object"))
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise Invalid(problem(Place(where), "should_be_list"))
    return value


def _entries(conference: Mapping[str, Any], named: Counter[str]) -> Iterator[Entry]:
    for number, each in enumerate(_list(conference.get("days"), "schedule/conference/days")):
        at = f"days[{number}]"
        day = _object(each, at)
        named.update(f"day/{name}" for name in day if name not in _DAY and day[name])
        for room, events in _object(day.get("rooms"), f"{at}/rooms").items():
            where = f"{at}/rooms/{room[:60]}"
            for place, event in enumerate(_list(events, where)):
                inside = Place(f"{where}[{place}]")
                yield Entry(_object(event, inside.where), inside, day, room)


def _rooms(conference: Mapping[str, Any], named: Counter[str]) -> Iterator[tuple[str, int | None]]:
    for number, each in enumerate(_list(conference.get("rooms") or [], "schedule/conference/rooms")):
        room = _object(each, f"rooms[{number}]")
        named.update(f"room/{name}" for name in room if name not in _ROOM and room[name])
        name, capacity = room.get("name"), room.get("capacity")
        if isinstance(name, dict):
            name = next((text for text in name.values() if isinstance(text, str)), None)
        if not isinstance(name, str):
            raise Invalid(problem(Place(f"rooms[{number}]/name"), "should_be_text"))
        if capacity is not None and (not isinstance(capacity, int | float) or capacity < 0):
            raise Invalid(problem(Place(f"rooms[{number}]/capacity"), "bad_capacity", value=str(capacity)[:60]))
        yield name, None if capacity is None else int(capacity)


def _tracks(conference: Mapping[str, Any], named: Counter[str]) -> Iterator[str]:
    for number, each in enumerate(_list(conference.get("tracks") or [], "schedule/conference/tracks")):
        track = _object(each, f"tracks[{number}]")
        named.update(f"track/{name}" for name in track if name not in _TRACK and track[name])
        if isinstance(track.get("name"), str):
            yield track["name"]
