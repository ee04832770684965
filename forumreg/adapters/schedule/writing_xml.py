"""schedule.xml as conference apps read it: valid against the published schema of the format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from forumreg.adapters.schedule.items import GENERATOR, TIMESLOT, Day, Item, Link, Schedule, hours

_SLUG = re.compile(r"[a-z0-9_]{4,}-[a-z0-9\-_]{4,}")  # what the schema takes; apps make their own without one
_TRACK_SLUG = re.compile(r"[a-z][a-z0-9-]+")
_CODE_LENGTH = 6
LONGEST = timedelta(hours=99, minutes=59)  # the schema has two digits for the hours
_PLAIN = ("video_download_url", "feedback_url", "origin_url")


def schedule_xml(schedule: Schedule) -> bytes:
    """The schedule, in UTF-8."""
    root = Element("schedule")
    SubElement(root, "generator", name=GENERATOR, version=schedule.program)
    _add(root, "url", f"{schedule.url}schedule.xml")
    _add(root, "version", schedule.version)
    _add_conference(root, schedule)
    writer = _Days(schedule)
    for day in schedule.days:
        writer.add(root, day)
    indent(root, space=" ")
    return tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(parent: Element, name: str, text: str, attributes: Mapping[str, str] | None = None) -> Element:
    element = SubElement(parent, name, dict(attributes or {}))
    element.text = text
    return element


def _add_conference(root: Element, schedule: Schedule) -> None:
    event, conference = schedule.event, SubElement(root, "conference")
    for name, text in (
        ("title", schedule.title),
        ("acronym", schedule.acronym),
        ("start", event.starts_on.isoformat()),
        ("end", event.ends_on.isoformat()),
        ("days", str(len(schedule.days))),
        ("timeslot_duration", TIMESLOT),
        ("base_url", schedule.url),
        ("url", schedule.url),
        ("time_zone_name", event.timezone),
    ):
        _add(conference, name, text)
    for key, title in schedule.tracks:
        slug = {"slug": key} if _TRACK_SLUG.fullmatch(key) else {}
        SubElement(conference, "track", {"name": title, **slug})


class _Days:
    """Writes days; slugs and codes are written once in a file, as the schema asks."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.said: set[str] = set()

    def add(self, root: Element, day: Day) -> None:
        attributes = {
            "index": str(day.index),
            "date": day.date.isoformat(),
            "start": day.starts.isoformat(),
            "end": day.ends.isoformat(),
        }
        element = SubElement(root, "day", attributes)
        for place in day.places:
            room = SubElement(element, "room", {"name": place.name, **({"guid": place.guid} if place.guid else {})})
            for item in place.items:
                self._add_item(room, item, place.name)

    def _add_item(self, room: Element, item: Item, place: str) -> None:
        attributes = {"id": str(item.id), "guid": item.session.guid}
        code = item.plain.get("code", "")
        if len(code) == _CODE_LENGTH and self._is_new(code):
            attributes["code"] = code
        element = SubElement(room, "event", attributes)
        for name, text in _words(item, place):
            _add(element, name, text)
        if _SLUG.fullmatch(item.slug) and self._is_new(item.slug):
            _add(element, "slug", item.slug)
        _add_recording(element, item)
        persons = SubElement(element, "persons")
        for person in item.persons:
            _add(persons, "person", person.name, {"id": str(person.id), "guid": person.guid})
        _add_links(element, "links", "link", item.links)
        _add_links(element, "attachments", "attachment", item.attachments)

    def _is_new(self, word: str) -> bool:
        is_new = word not in self.said
        self.said.add(word)
        return is_new


def _words(item: Item, place: str) -> Iterator[tuple[str, str]]:
    yield "date", item.starts.isoformat()
    yield "start", f"{item.starts:%H:%M}"
    yield "duration", hours(min(item.ends - item.starts, LONGEST))
    yield "room", place
    yield "title", item.title
    yield "subtitle", item.plain.get("subtitle", "")
    yield "track", item.track
    yield "type", item.kind
    yield "language", item.language
    yield "abstract", item.abstract
    yield "description", item.plain.get("description", "")
    yield "logo", item.plain.get("logo", "")
    yield "url", item.url
    for name in _PLAIN:
        if name in item.plain:
            yield name, item.plain[name]


def _add_recording(element: Element, item: Item) -> None:
    found = item.plain
    if not found.keys() & {"recording_license", "do_not_record", "recording_url", "recording_link"}:
        return
    recording = SubElement(element, "recording")
    _add(recording, "license", found.get("recording_license", ""))
    _add(recording, "optout", "true" if found.get("do_not_record") else "false")
    for name, key in (("url", "recording_url"), ("link", "recording_link")):
        if key in found:
            _add(recording, name, found[key])


def _add_links(element: Element, name: str, each: str, links: Sequence[Link]) -> None:
    parent = SubElement(element, name)
    for link in links:
        _add(parent, each, link.title or link.url, {"href": link.url, **({"type": link.kind} if link.kind else {})})
