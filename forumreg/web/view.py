"""An event in the reader's words, as layouts and pages of every door show it."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from forumreg.rules.event import EventFacts
from forumreg.web.languages import translated
from forumreg.web.when import country_name, zone_name

LONGEST_SHORT = 28  # signs beside the languages on a phone


@dataclass(frozen=True, slots=True)
class EventView:
    """The event's plain words; ``facts`` has the rest."""

    facts: EventFacts
    title: str
    short: str
    slug: str
    contact_email: str
    place: str
    zone: ZoneInfo
    zone_words: str


def short_title(event: EventFacts) -> str:
    """What a narrow bar calls the event: its title, or place and year where that is long."""
    title = translated(event.title)
    return title if len(title) <= LONGEST_SHORT or not event.city else f"{event.city} {event.starts_on.year}"


def event_view(event: EventFacts) -> EventView:
    """The event in the page's language."""
    title = translated(event.title)
    start = event.sessions[0].starts_at if event.sessions else event.over_at
    return EventView(
        facts=event,
        title=title,
        short=short_title(event),
        slug=event.slug,
        contact_email=event.contact_email,
        place=", ".join(filter(None, (event.city, country_name(event.country)))),
        zone=event.zone,
        zone_words=zone_name(event.city, event.zone, start),
    )
