"""The names under which a schedule that was brought in keeps what we have no column for, and what is ours by making.

``extra`` of a session has the names of schedule.json, whichever file it came from: what stands in XML under another
name or in another shape is kept under JSON's. What goes out goes out under its own name again.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from forumreg.base.folding import fold

# Of a session: plain values.
PLAIN = (
    "id", "code", "slug", "subtitle", "description", "type", "logo", "url", "recording_license", "do_not_record",
    "do_not_stream", "recording_url", "recording_link", "video_download_url", "feedback_url", "origin_url",
)  # fmt: skip
# Of a session: lists of {"url", "title", "type", "service"}.
LISTS = ("links", "attachments")
# Of a session: {"name", "id", "guid", "code", "avatar", "biography", "url", "links"} of its speakers, by name.
PERSONS = "persons"
EXTRA = (*PLAIN, *LISTS, PERSONS)

_BELOW = 2**31 - 1  # the apps that read ids keep them in 32 bits with a sign


def own_id(guid: str) -> int:
    """The number of a session that came without one; apps ask for one."""
    return uuid.UUID(guid).int % _BELOW + 1


def own_slug(event_slug: str, key: str) -> str:
    """The slug of a session that came without one."""
    return re.sub(r"[^a-z0-9_-]+", "-", f"{event_slug}-{key}".lower()).strip("-")


def own_person(event_slug: str, name: str) -> str:
    """The UUID of a speaker who came without one; the same in every session of an event."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:forumreg:{event_slug}/person/{fold(name)}"))


def own_room(event_slug: str, key: str) -> str:
    """The UUID of a room."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:forumreg:{event_slug}/room/{key}"))


def own_path(event_slug: str, key: str) -> str:
    """Where a session's page is."""
    return f"/events/{event_slug}/sessions/{key}"


def without_own(extra: Mapping[str, Any], event_slug: str, key: str, guid: str, kind: str) -> dict[str, Any]:
    """What of a file's words is not what we would write ourselves, so that our own file brings nothing new."""
    ours: Mapping[str, Any] = {
        "id": own_id(guid),
        "slug": own_slug(event_slug, key),
        "type": kind,
    }
    kept = {name: value for name, value in extra.items() if value not in ("", None, []) and ours.get(name) != value}
    if str(kept.get("url", "")).endswith(own_path(event_slug, key)):
        del kept["url"]
    persons = [person for person in kept.pop(PERSONS, ()) if not _is_own(person, event_slug)]
    return {**kept, PERSONS: persons} if persons else kept


def _is_own(person: Mapping[str, Any], event_slug: str) -> bool:
    """Whether the file says no more of a person than we do."""
    guid = own_person(event_slug, str(person.get("name", "")))
    said = {name for name, value in person.items() if value not in ("", None, [])}
    return said <= {"name", "id", "guid", "title", "organisation"} and person.get("guid") == guid
