"""What the programme's pages say: of concerns, of people whom a change touches, of what became of a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning import Concern, Planned, Saved
from forumreg.web import translated
from forumreg.web.when import clock, day

LONGEST_NAMED = 80  # signs of a title inside a sentence


@dataclass(frozen=True, slots=True)
class Linked:
    """A sentence and where it leads."""

    text: str
    url: str


def booking_words() -> Mapping[str, str]:
    """How seats in a session are given."""
    return {
        "open": _("Open to all registrants"),
        "invitation": _("By invitation, organizers give the seats"),
        "none": _("No booking, everybody just comes"),
    }


def visibility_words() -> Mapping[str, str]:
    """Who sees a session."""
    return {"draft": _("Draft, only organizers see it"), "public": _("Public")}


def short_words(concern: Concern) -> str:
    """A concern in a word or two, for the card of a session."""
    words = {
        "room_taken": _("Room taken"),
        "speaker_elsewhere": _("Speaker elsewhere"),
        "above_room": _("More seats than the room"),
        "outside_days": _("Outside the event’s days"),
        "clock_change": _("The clocks change"),
        "below_bookings": _("Fewer seats than bookings"),
    }
    return words.get(concern.kind, concern.kind)


def concern_words(event: EventFacts, concern: Concern, drafts: Mapping[str, SessionDraft]) -> str:
    """A concern about a session that is being written, as a sentence."""
    other = drafts.get(concern.other_key or "")
    facts = {
        "title": named(other) if other else "",
        "when": day_and_hours(event, other) if other else "",
        "speaker": concern.speaker,
        "num": concern.number or 0,
    }
    words = {
        "room_taken": _("“%(title)s” is in the same room, %(when)s.", **facts),
        "speaker_elsewhere": _("%(speaker)s also speaks in “%(title)s”, %(when)s.", **facts),
        "above_room": ngettext(
            "The room has %(num)s seat only.", "The room has %(num)s seats only.", facts["num"], **_without_num(facts)
        ),
        "outside_days": _("It lies outside the event’s days."),
        "clock_change": _("The clocks change while it runs. Look at its hours again."),
        "below_bookings": ngettext(
            "%(num)s person more has a seat than it would take.",
            "%(num)s people more have a seat than it would take.",
            facts["num"],
            **_without_num(facts),
        ),
    }
    return words.get(concern.kind, concern.kind)


def _without_num(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name != "num"}


def clash_link(event: EventFacts, concern: Concern, plan: Mapping[str, Planned]) -> Linked:
    """A clash of the plan in words, with the way to it."""
    draft = plan[concern.session_key].draft
    rooms = {room.key: translated(room.name) for room in event.rooms}
    when = f"{day(draft.starts_at, event.zone, form='MMMEd')}, {clock(draft.starts_at, event.zone)}"
    if concern.kind == "room_taken":
        said = _("%(room)s is booked twice, %(when)s", room=cut(rooms.get(draft.room or "", "")), when=when)
    else:
        said = _("%(speaker)s is in two sessions, %(when)s", speaker=cut(concern.speaker), when=when)
    return Linked(said, place_in_grid(event, draft))


def place_in_grid(event: EventFacts, draft: SessionDraft) -> str:
    """Where a session stands in the grid, chosen."""
    return url_for(
        "organizer.programme.index",
        slug=event.slug,
        day=draft.starts_at.astimezone(event.zone).date().isoformat(),
        chosen=draft.id,
        _anchor=f"s-{draft.id}",
    )


def said_of(saved: Saved) -> tuple[str, str]:
    """What became of a change: a sentence and its category."""
    sentences = {
        "created": (_("The session is in the programme."), "success"),
        "saved": (_("The session is saved."), "success"),
        "unchanged": (_("Nothing was changed."), "info"),
        "draft": (_("Saved as a draft, because it clashes. Only organizers see it."), "warning"),
        "proposed": (
            _("Saved, but not public: it clashes. Published pages still show the last version without clashes."),
            "warning",
        ),
    }
    sentence, category = sentences[saved.outcome]
    if saved.told:
        sentence += " " + ngettext("%(num)s person is told.", "%(num)s people are told.", saved.told)
    return sentence, category


def named(draft: SessionDraft) -> str:
    """A session's title as a sentence holds it."""
    return cut(translated(draft.title))


def cut(text: str) -> str:
    """A name that is not longer than a sentence bears."""
    return text if len(text) <= LONGEST_NAMED else f"{text[: LONGEST_NAMED - 1]}…"


def hours(event: EventFacts, draft: SessionDraft) -> str:
    """From when to when (``09:30–11:00``); with the day it ends where that is another."""
    starts_at, ends_at = (each.astimezone(event.zone) for each in (draft.starts_at, draft.ends_at))
    until = clock(ends_at, event.zone)
    if ends_at.date() != starts_at.date():
        until = f"{until}, {day(ends_at, event.zone, form='MMMEd')}"
    return f"{clock(starts_at, event.zone)}–{until}"


def day_and_hours(event: EventFacts, draft: SessionDraft) -> str:
    """The day and the hours."""
    return f"{day(draft.starts_at, event.zone, form='MMMEd')}, {hours(event, draft)}"
