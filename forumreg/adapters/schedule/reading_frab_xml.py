"""schedule.xml in the shape of schedule.json, so that both are read by one reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from forumreg.adapters.schedule.reading_frab import Entry, Frab
from forumreg.adapters.schedule.reading_items import Place, problem
from forumreg.adapters.schedule.reading_xml import Node, parse
from forumreg.base.errors import Invalid

_STRUCTURE = frozenset({"version", "generator", "conference", "day"})
_USED = frozenset({"title", "acronym", "start", "end", "days", "timeslot_duration", "time_zone_name", "track"})
_LISTS = frozenset({"links", "attachments", "persons"})


def read(blob: bytes) -> Frab:
    """What the file tells.

    Raises:
        Invalid: it is no schedule, or has what is refused.
    """
    root = parse(blob)
    if root.tag != "schedule":
        raise Invalid(problem(Place(root.tag, root.line), "not_a_schedule"))
    conference = root.first("conference") or Node("conference", root.line)
    named: Counter[str] = Counter()
    named.update(f"schedule/{child.tag}" for child in root.children if child.tag not in _STRUCTURE and _says(child))
    named.update(f"conference/{child.tag}" for child in conference.children if child.tag not in _USED and _says(child))
    tracks = conference.all("track")
    for track in tracks:
        named.update(f"track/{name}" for name in track.attributes if name != "name")
    return Frab(
        entries=tuple(_entries(root, named)),
        zone=conference.words("time_zone_name"),
        rooms=_rooms(root),
        tracks=tuple(filter(None, (track.attributes.get("name", track.text).strip() for track in tracks))),
        named=named,
    )


def _says(node: Node) -> bool:
    return bool(node.text.strip() or node.attributes or node.children)


def _rooms(root: Node) -> dict[str, int | None]:
    return {room.attributes.get("name", "").strip(): None for day in root.all("day") for room in day.all("room")}


def _entries(root: Node, named: Counter[str]) -> Iterator[Entry]:
    for number, day in enumerate(root.all("day"), 1):
        for child in day.children:
            if child.tag != "room":
                named[f"day/{child.tag}"] += 1
        for place, room in enumerate(day.all("room"), 1):
            for at, event in enumerate(room.all("event"), 1):
                where = Place(f"day[{number}]/room[{place}]/event[{at}]", event.line)
                yield Entry(_event(event), where, day.attributes, room.attributes.get("name", ""), _lines(event, where))


def _lines(event: Node, where: Place) -> dict[str, Place]:
    return {child.tag: Place(f"{where.where}/{child.tag}", child.line) for child in event.children}


def _event(event: Node) -> dict[str, Any]:
    """One event as schedule.json has it."""
    said: dict[str, Any] = dict(event.attributes)
    for child in event.children:
        if child.tag == "recording":
            said |= _recording(child)
        elif child.tag in _LISTS:
            said[child.tag] = [_part(part, child.tag) for part in child.children]
        else:
            said[child.tag] = _whole(child)
    return said


def _recording(node: Node) -> dict[str, Any]:
    names = {"license": "recording_license", "optout": "do_not_record"}
    said: dict[str, Any] = {names.get(part.tag, f"recording_{part.tag}"): _whole(part) for part in node.children}
    if "do_not_record" in said:
        said["do_not_record"] = str(said["do_not_record"]).lower() in {"true", "1"}
    return said


def _part(node: Node, within: str) -> dict[str, Any]:
    said: dict[str, Any] = {("url" if name == "href" else name): value for name, value in node.attributes.items()}
    text = node.text.strip()
    if text:
        said["name" if within == "persons" else "title"] = text
    said |= {child.tag: _whole(child) for child in node.children}
    if said.get("id", "").isdecimal():
        said["id"] = int(said["id"])
    return said


def _whole(node: Node) -> Any:
    """An element as a value: its text, or an object of what is in it."""
    text = node.text.strip()
    if not node.children and not node.attributes:
        return text
    inner: dict[str, Any] = dict(node.attributes)
    for child in node.children:
        value = _whole(child)
        inner[child.tag] = (
            [*inner[child.tag], value]
            if isinstance(inner.get(child.tag), list)
            else ([inner[child.tag], value] if child.tag in inner else value)
        )
    return {**inner, "text": text} if text else inner
