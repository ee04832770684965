"""A session as a draft: from what is stored, into what is kept of a change that is not public yet, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from forumreg.base.errors import NotFound
from forumreg.base.references import guid_of
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.event.drafts import SessionDraft, SpeakerDraft

_INSTANTS = ("starts_at", "ends_at")
_LISTS = ("languages", "interpreted")


def draft_of(event: EventFacts, key: str) -> SessionDraft:
    """The session as it is stored.

    Raises:
        NotFound: the event has no session of this key.
    """
    return stored_draft(event, found(event, key))


def proposed_of(event: EventFacts, key: str) -> SessionDraft | None:
    """The change of the session that is not public yet.

    Raises:
        NotFound: the event has no session of this key.
    """
    proposed = found(event, key).proposed
    return None if proposed is None else _from_json(proposed)


def found(event: EventFacts, key: str) -> SessionFacts:
    """The session of this key, public or not.

    Raises:
        NotFound: the event has none.
    """
    entry = event.find_planned(key)
    if entry is None:
        raise NotFound("session")
    return entry


def shown_draft(event: EventFacts, entry: SessionFacts) -> SessionDraft:
    """The session as organizers see it: with its proposed change, if there is one."""
    return stored_draft(event, entry) if entry.proposed is None else _from_json(entry.proposed)


def stored_draft(event: EventFacts, entry: SessionFacts) -> SessionDraft:
    """The session as it is stored, as a draft that stores it again."""
    lead = event.organisation(entry.lead_id).short if entry.lead_id is not None else None
    return SessionDraft(
        id=entry.key,
        **{name: getattr(entry, name) for name in ("title", "abstract", *_INSTANTS, *_LISTS, "capacity", "extra")},
        kind=entry.kind.value,
        track=entry.track.key if entry.track else None,
        room=entry.room.key if entry.room else None,
        speakers=tuple(SpeakerDraft(each.name, each.title, each.organisation) for each in entry.speakers),
        booking=entry.booking.value,
        visibility=entry.visibility.value,
        held=entry.held_places,
        lead=lead,
        guid=None if entry.guid == guid_of(event.slug, entry.key) else entry.guid,
    )


def to_json(draft: SessionDraft) -> dict[str, Any]:
    """The draft as a column keeps it."""
    values = asdict(draft)
    return values | {name: values[name].isoformat() for name in _INSTANTS}


def _from_json(kept: Mapping[str, Any]) -> SessionDraft:
    values = dict(kept)
    values |= {name: datetime.fromisoformat(values[name]) for name in _INSTANTS}
    values |= {name: tuple(values[name]) for name in _LISTS}
    values["speakers"] = tuple(SpeakerDraft(**each) for each in values["speakers"])
    return SessionDraft(**values)
