"""schedule.json as conference apps read it: valid against the published schema of the format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from forumreg.adapters.schedule.items import GENERATOR, TIMESLOT, Day, Item, Link, Schedule, hours
from forumreg.adapters.schedule.names import own_slug

_SLUG = re.compile(r"[a-z0-9_-]+[a-z0-9]")
_ZONE = re.compile(r"([A-Z][a-z]+/[A-Z][a-z]+.*)|UTC")  # the schema knows no other
_PLAIN = (
    "code", "logo", "recording_license", "do_not_record", "do_not_stream", "feedback_url", "origin_url", "description",
)  # fmt: skip


def schedule_json(schedule: Schedule) -> bytes:
    """The schedule, in UTF-8."""
    said = {
        "generator": {"name": GENERATOR, "version": schedule.program},
        "schedule": {
            "version": schedule.version,
            "base_url": schedule.url,
            "conference": _conference(schedule),
        },
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _conference(schedule: Schedule) -> dict[str, Any]:
    event = schedule.event
    return {
        "acronym": schedule.acronym,
        "title": schedule.title,
        "start": event.starts_on.isoformat(),
        "end": event.ends_on.isoformat(),
        "daysCount": len(schedule.days),
        "timeslot_duration": TIMESLOT,
        **({"time_zone_name": event.timezone} if _ZONE.fullmatch(event.timezone) else {}),
        "url": schedule.url,
        "tracks": [
            {"name": title, **({"slug": key} if _SLUG.fullmatch(key) else {})} for key, title in schedule.tracks
        ],
        "rooms": [{"name": name, "guid": guid, "capacity": capacity} for name, guid, capacity in schedule.rooms],
        "days": [_day(schedule, day) for day in schedule.days],
    }


def _day(schedule: Schedule, day: Day) -> dict[str, Any]:
    rooms: dict[str, list[Mapping[str, Any]]] = {}
    for place in day.places:  # two rooms of one name are one here
        rooms.setdefault(place.name, []).extend(_item(schedule, item, place.name) for item in place.items)
    return {
        "index": day.index,
        "date": day.date.isoformat(),
        "day_start": day.starts.isoformat(),
        "day_end": day.ends.isoformat(),
        "rooms": rooms,
    }


def _item(schedule: Schedule, item: Item, place: str) -> dict[str, Any]:
    slug = item.slug if _SLUG.fullmatch(item.slug) else own_slug(schedule.event.slug, item.session.guid)
    return {
        "id": item.id,
        "guid": item.session.guid,
        "date": item.starts.isoformat(),
        "start": f"{item.starts:%H:%M}",
        "end": item.ends.isoformat(),
        "duration": hours(item.ends - item.starts),
        "room": place,
        "slug": slug,
        "url": item.url,
        "title": item.title,
        "subtitle": item.plain.get("subtitle", ""),
        "track": item.track or None,
        "type": item.kind,
        "language": item.language or None,
        "abstract": item.abstract,
        "persons": [{"id": one.id, "guid": one.guid, "name": one.name, **one.more} for one in item.persons],
        "links": _links(item.links),
        "attachments": _links(item.attachments),
        **{name: item.plain[name] for name in _PLAIN if name in item.plain},
    }


def _links(links: Sequence[Link]) -> list[dict[str, str]]:
    return [
        {
            "url": link.url,
            **({"title": link.title} if link.title else {}),
            **({"type": link.kind} if link.kind else {}),
        }
        for link in links
    ]
