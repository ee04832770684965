"""What an organizer should know while planning: two things in one room, one speaker in two, and the like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from forumreg.base.folding import fold
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning.drafts import Concern, Planned
from forumreg.rules.planning.hours import changes_clock
from forumreg.rules.planning.proposals import shown_draft, stored_draft


def shown_plan(event: EventFacts) -> tuple[Planned, ...]:
    """Every session as organizers see it, by start, each with its concerns."""
    drafts = {entry.key: shown_draft(event, entry) for entry in event.planned}
    clashing: dict[str, list[Concern]] = defaultdict(list)
    for concern in between(drafts.values()):
        clashing[concern.session_key].append(concern)
        clashing[str(concern.other_key)].append(_turned(concern))
    planned = [
        Planned(entry, drafts[entry.key], (*clashing[entry.key], *alone(event, drafts[entry.key])))
        for entry in event.planned
    ]
    return tuple(sorted(planned, key=lambda each: (each.draft.starts_at, each.draft.ends_at, each.session.id)))


def clashes(event: EventFacts) -> tuple[Concern, ...]:
    """The clashes of the plan as organizers see it, each pair once, in order of time."""
    return tuple(between([shown_draft(event, entry) for entry in event.planned]))


def concerns(event: EventFacts, draft: SessionDraft) -> tuple[Concern, ...]:
    """What to know of a draft beside the sessions that are stored; clashes first."""
    others = [stored_draft(event, entry) for entry in event.planned if entry.key != draft.id]
    found = [each for other in others if _meet(draft, other) for each in _pair(draft, other)]
    return (*found, *alone(event, draft))


def public_clashes(event: EventFacts, draft: SessionDraft) -> frozenset[Concern]:
    """The clashes of a draft with what the public sees."""
    shown = {entry.key for entry in event.sessions}
    return frozenset(each for each in concerns(event, draft) if each.other_key in shown)


def alone(event: EventFacts, draft: SessionDraft) -> Iterator[Concern]:
    """What to know of a draft by itself."""
    room = next((each for each in event.rooms if each.key == draft.room), None)
    if room is not None and room.capacity is not None and (draft.capacity or 0) > room.capacity:
        yield Concern("above_room", draft.id, number=room.capacity)
    days = [moment.astimezone(event.zone).date() for moment in (draft.starts_at, draft.ends_at)]
    if days[0] < event.starts_on or days[1] > event.ends_on:
        yield Concern("outside_days", draft.id)
    if changes_clock(event.zone, draft.starts_at, draft.ends_at):
        yield Concern("clock_change", draft.id)


def between(drafts: Iterable[SessionDraft]) -> Iterator[Concern]:
    """The clashes among drafts, in order of time; only what shares a room or a speaker is compared."""
    in_order = sorted(drafts, key=lambda each: (each.starts_at, each.ends_at, each.id))
    seen: set[Concern] = set()
    for group in _sharing(in_order).values():
        for one, other in combinations(group, 2):
            if _meet(one, other):
                for concern in _pair(one, other):
                    if concern not in seen:
                        seen.add(concern)
                        yield concern


def _sharing(drafts: Sequence[SessionDraft]) -> Mapping[tuple[str, str], list[SessionDraft]]:
    groups: dict[tuple[str, str], list[SessionDraft]] = defaultdict(list)
    for draft in drafts:
        if draft.room is not None:
            groups["room", draft.room].append(draft)
        for name in {fold(speaker.name) for speaker in draft.speakers}:
            groups["speaker", name].append(draft)
    return groups


def _meet(one: SessionDraft, other: SessionDraft) -> bool:
    """Whether both are at the same time; a break is in nobody's way."""
    if "break" in {one.kind, other.kind}:
        return False
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _pair(one: SessionDraft, other: SessionDraft) -> Iterator[Concern]:
    if one.room is not None and one.room == other.room:
        yield Concern("room_taken", one.id, other.id)
    elsewhere = {fold(speaker.name) for speaker in other.speakers}
    for speaker in one.speakers:
        if fold(speaker.name) in elsewhere:
            yield Concern("speaker_elsewhere", one.id, other.id, speaker.name)


def _turned(concern: Concern) -> Concern:
    return Concern(concern.kind, str(concern.other_key), concern.session_key, concern.speaker)
