"""RFC 5545 as we write it: stable UIDs, times in the event's zone, lines of 75 octets at most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from forumreg.adapters.calendar.zones import zone_rules
from forumreg.base.folding import clean_line, clean_text
from forumreg.base.late import Late

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

icalendar = Late("icalendar")  # 3.2 MB

PRODUCT = "-//forumreg//forumreg//EN"
PUBLISH = "PUBLISH"  # RFC 5546, 3.2.1: entries without a reply
CANCEL = "CANCEL"  # RFC 5546, 3.2.5
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"  # RFC 5545, 3.8.1.11
_FIRST, _LAST, _END = b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"END:VCALENDAR\r\n"
LONGEST_DESCRIPTION = 2_000  # characters; a calendar shows the first lines


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a calendar; two days instead of instants make an entry of whole days, both included."""

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    sequence: int = 0
    status: str = CONFIRMED
    place: str = ""
    description: str = ""
    url: str = ""
    category: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """What a whole calendar file says: ``organizer`` is an address, ``moment`` when the file was made."""

    name: str
    zone: ZoneInfo
    organizer: str
    moment: datetime
    method: str = PUBLISH
    refresh: timedelta | None = None  # of a feed: how often a calendar looks again (RFC 7986, 5.7)


def write(heading: Heading, entries: Iterable[Entry]) -> bytes:
    """Answer the file, in UTF-8 with CRLF."""
    known = list(entries)
    frame = _frame(heading.name, heading.zone.key, heading.method, heading.refresh)
    written = [_event(heading, entry) for entry in known]
    return b"".join((frame, _zone(heading.zone, known), *written, _END))


# What a file says of an event and its sessions is the same for all who are there, and putting it together takes most of
# the time of a mail (measured, 2026-11): it is kept. What is one registrant's own is never part of it.


@lru_cache(maxsize=64)
def _frame(name: str, zone: str, method: str, refresh: timedelta | None) -> bytes:
    """A calendar up to its first entry."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add("x-wr-calname", clean_line(name))
    calendar.add("x-wr-timezone", zone)
    if refresh is not None:
        calendar.add("refresh-interval", icalendar.vDuration(refresh), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", icalendar.vDuration(refresh))  # the name that Outlook knows
    written: bytes = calendar.to_ical()
    return written.removesuffix(_END)


def _event(heading: Heading, entry: Entry) -> bytes:
    own: Event = icalendar.Event()
    own.add("uid", entry.uid)
    own.add("dtstamp", heading.moment)
    own.add("sequence", entry.sequence)
    own.add("status", entry.status)
    if entry.changed_at is not None:
        own.add("last-modified", entry.changed_at)
    written: bytes = own.to_ical()
    common = replace(entry, uid="", sequence=0, status=CONFIRMED, changed_at=None)
    return written.removesuffix(_LAST) + _common(heading.name, heading.organizer, heading.zone, common)


@lru_cache(maxsize=512)
def _common(name: str, organizer: str, zone: ZoneInfo, entry: Entry) -> bytes:
    """An entry from its times on to its end."""
    event: Event = icalendar.Event()
    event.add("summary", clean_line(entry.title))
    _add_times(event, entry, zone)
    if organizer:
        event.add("organizer", _organizer(name, organizer))
    _add_words(event, entry)
    written: bytes = event.to_ical()
    return written.removeprefix(_FIRST)


def _add_times(event: Event, entry: Entry, zone: ZoneInfo) -> None:
    if isinstance(entry.starts, datetime) and isinstance(entry.ends, datetime):
        event.add("dtstart", entry.starts.astimezone(zone))
        event.add("dtend", entry.ends.astimezone(zone))
        return
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends + timedelta(days=1))  # RFC 5545, 3.6.1: the end is not part of it
    event.add("transp", "TRANSPARENT")  # being at a forum leaves its sessions to be chosen


def _add_words(event: Event, entry: Entry) -> None:
    if entry.place:
        event.add("location", clean_line(entry.place))
    if entry.description:
        event.add("description", clean_text(entry.description)[:LONGEST_DESCRIPTION])
    if entry.url:
        event.add("url", entry.url)
    if entry.category:
        event.add("categories", [clean_line(entry.category)])


def _organizer(name: str, mailbox: str) -> vCalAddress:
    address: vCalAddress = icalendar.vCalAddress(f"mailto:{mailbox}")
    # RFC 5545, 3.2: a parameter in quotes takes no quote.
    address.params["CN"] = icalendar.vText(clean_line(name).replace('"', "'"))
    return address


def _zone(zone: ZoneInfo, entries: Iterable[Entry]) -> bytes:
    """The rules of the zone for the years in use; none where every entry has whole days."""
    moments = [moment for entry in entries for moment in (entry.starts, entry.ends)]
    years = [moment.astimezone(zone).year for moment in moments if isinstance(moment, datetime)]
    return zone_rules(zone.key, min(years), max(years)) if years else b""
