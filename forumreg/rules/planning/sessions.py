"""Programme sessions made, changed, moved, published and removed by organizers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Invalid, Problem, Refused
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.checks import problems
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.event.storing import settled_draft
from forumreg.rules.planning.acting import Act, act
from forumreg.rules.planning.concerns import concerns, public_clashes
from forumreg.rules.planning.drafts import Choice, Concern, Removed, Review, Saved, Touched
from forumreg.rules.planning.people import counts_by_session, keep_bookable, over_capacity, touched_by_move
from forumreg.rules.planning.proposals import found, shown_draft, stored_draft, to_json
from forumreg.rules.planning.whole import as_draft
from forumreg.tables.booking import BookingStatus
from forumreg.tables.programme import ProgrammeSession

LONGEST_KEY = 48
_NEW = Choice()


def new_key(event: EventFacts, title: str) -> str:
    """A free key made of the title: small Latin letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_KEY].strip("-") or "session"
    taken = {entry.key for entry in event.planned}
    return next(key for key in _numbered(stem) if key not in taken)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    for number in range(2, 10_000):
        yield f"{stem}-{number}"


def check(event: EventFacts, draft: SessionDraft) -> tuple[Problem, ...]:
    """What is wrong with the session by itself; places are its fields."""
    others = [stored_draft(event, entry) for entry in event.planned if entry.key != draft.id]
    at = f"sessions[{len(others)}]."
    whole = as_draft(event, sessions=(*others, draft))
    return tuple(
        replace(problem, place=problem.place.removeprefix(at)) for problem in problems(whole) if at in problem.place
    )


def review(session: Session, actor: Actor, slug: str, draft: SessionDraft) -> Review:
    """What saving the draft would do: what to know, whom it touches, whether it stays a draft. Nothing is written.

    Raises:
        NotFound: no event has this slug.
        Forbidden: the actor does not plan the event.
        Invalid: what is wrong with the draft, by its fields.
        Refused: "has_bookings" with ``number``: people would lose seats by a closed booking or a draft.
    """
    event = facts(session, slug)
    require(actor, Action.PLAN, event.id)
    draft = settled_draft(as_draft(event), draft)
    wrong = check(event, draft)
    if wrong:
        raise Invalid(*wrong)
    entry = event.find_planned(draft.id)
    if entry is not None:
        keep_bookable(session, entry, draft)
    stays = _stays_draft(event, draft)
    touched = Touched() if stays else _touched(session, event, draft)
    over = (Concern("below_bookings", draft.id, number=touched.over),) if touched.over else ()
    return Review(draft, (*concerns(event, draft), *over), touched, stays)


def _touched(session: Session, event: EventFacts, draft: SessionDraft) -> Touched:
    entry = event.find_planned(draft.id)
    if entry is None:
        return Touched()
    room = next((each for each in event.rooms if each.key == draft.room), None)
    total = draft.capacity if draft.capacity is not None else room.capacity if room else None
    over = over_capacity(session, entry, draft, total)
    moved = replace(entry, starts_at=draft.starts_at, ends_at=draft.ends_at, room=room)
    if (entry.starts_at, entry.ends_at, entry.room) == (moved.starts_at, moved.ends_at, room):
        return Touched(over=over)
    return replace(touched_by_move(session, [(entry, moved)]), over=over)


def _stays_draft(event: EventFacts, draft: SessionDraft) -> bool:
    """Whether it brings the public a clash that there was not before."""
    if draft.visibility != "public":
        return False
    entry = event.find_planned(draft.id)
    before = public_clashes(event, stored_draft(event, entry)) if entry is not None and entry.is_public else frozenset()
    return not public_clashes(event, draft) <= before


def save(
    session: Session,
    actor: Actor,
    slug: str,
    draft: SessionDraft,
    *,
    version: int | None,
    now: datetime,
    choice: Choice = _NEW,
) -> Saved:
    """Make a session, or make it what the draft says; people in it move along, lose a seat or wait, as chosen.

    A change that would bring the public a clash is kept as a draft, and the public keeps the last version.

    Raises:
        NotFound: no event has this slug; with ``version``, no session has the draft's id.
        Forbidden: the actor does not plan the event.
        Changed: it was changed since ``version``; without one, its id is taken.
        Invalid: what is wrong with the draft, by its fields.
        Refused: "touched" with ``touched``: people are touched, and ``choice`` does not say what becomes of them;
            "has_bookings" with ``number``: people would lose seats by a closed booking or a draft.
    """
    with act(session, actor, slug, now, choice) as acting:
        draft = settled_draft(as_draft(acting.event), draft)
        row = _row(acting, draft.id, version)
        wrong = check(acting.event, draft)
        if wrong:
            raise Invalid(*wrong)
        said = concerns(acting.event, draft)
        outcome = _write(acting, row, draft)
    return Saved(draft.id, outcome, row.version, acting.told, said)


def _row(acting: Act, key: str, version: int | None) -> ProgrammeSession:
    if version is None:
        if acting.event.find_planned(key) is not None:
            raise Changed
        last = acting.session.scalar(
            select(func.max(ProgrammeSession.position)).where(ProgrammeSession.event_id == acting.event.id)
        )
        return ProgrammeSession(
            event_id=acting.event.id, key=key, position=(last or 0) + 1, version=1, sequence=acting.event.version
        )
    row = acting.row(key)
    if row.version != version:
        raise Changed
    return row


def _write(acting: Act, row: ProgrammeSession, draft: SessionDraft) -> str:
    is_new, stays = row.id is None, _stays_draft(acting.event, draft)
    if not stays:
        had_proposal = row.proposed is not None
        changed = acting.write(row, draft)
        if had_proposal and not changed:
            row.version += 1
        return "created" if is_new else "saved" if changed or had_proposal else "unchanged"
    entry = acting.event.find_planned(draft.id)
    if entry is None or not entry.is_public:
        acting.write(row, replace(draft, visibility="draft"))
        return "draft"
    proposed = to_json(draft)
    if row.proposed != proposed:
        row.proposed = proposed
        row.version += 1
    acting.session.flush()
    return "proposed"


def move(  # noqa: PLR0913 (all but the first four are said by name)
    session: Session,
    actor: Actor,
    slug: str,
    key: str,
    *,
    room: str | None,
    starts_at: datetime,
    version: int,
    now: datetime,
    choice: Choice = _NEW,
) -> Saved:
    """Put a session, as organizers see it, into another room or at another time; it keeps its length.

    Raises:
        NotFound, Forbidden, Changed, Invalid, Refused: as ``save``.
    """
    event = facts(session, slug)
    require(actor, Action.PLAN, event.id)
    shown = shown_draft(event, found(event, key))
    moved = replace(shown, room=room, starts_at=starts_at, ends_at=starts_at + (shown.ends_at - shown.starts_at))
    return save(session, actor, slug, moved, version=version, now=now, choice=choice)


def duplicate(session: Session, actor: Actor, slug: str, key: str, *, now: datetime) -> Saved:
    """Make a draft that says the same, under a key of its own.

    Raises:
        NotFound: no event has this slug, or no session this key.
        Forbidden: the actor does not plan the event.
    """
    event = facts(session, slug)
    require(actor, Action.PLAN, event.id)
    shown = shown_draft(event, found(event, key))
    copy = replace(shown, id=new_key(event, key), guid=None, visibility="draft", extra={})
    return save(session, actor, slug, copy, version=None, now=now)


def publish(
    session: Session, actor: Actor, slug: str, key: str, *, version: int, now: datetime, choice: Choice = _NEW
) -> Saved:
    """Show the public a draft or a proposed change.

    Raises:
        Refused: "clash" with ``concerns``: it would bring the public a clash; else as ``save``.
        NotFound, Forbidden, Changed, Invalid: as ``save``.
    """
    event = facts(session, slug)
    require(actor, Action.PLAN, event.id)
    draft = replace(shown_draft(event, found(event, key)), visibility="public")
    if _stays_draft(event, draft):
        raise Refused("clash", concerns=tuple(each for each in concerns(event, draft) if each.is_clash))
    return save(session, actor, slug, draft, version=version, now=now, choice=choice)


def discard(session: Session, actor: Actor, slug: str, key: str, *, version: int, now: datetime) -> None:
    """Drop a proposed change; the public never saw it.

    Raises:
        NotFound, Forbidden: as ``save``.
        Changed: it was changed since ``version``.
    """
    with act(session, actor, slug, now) as acting:
        row = _row(acting, key, version)
        if row.proposed is not None:
            row.proposed = None
            row.version += 1


def remove(
    session: Session, actor: Actor, slug: str, key: str, *, version: int, now: datetime, told: bool = False
) -> Removed:
    """Take a session out of the programme; who has a seat in it or waits for one is told.

    Raises:
        NotFound, Forbidden: as ``save``.
        Changed: it was changed since ``version``.
        Refused: "touched" with ``touched``: people are in it, and the organizer has not read how many (``told``).
    """
    with act(session, actor, slug, now, Choice(told=told)) as acting:
        acting.remove(_row(acting, key, version))
    return Removed(acting.told)


def touched_by_removal(session: Session, event: EventFacts, key: str) -> Touched:
    """Whom it touches to remove the session; for asking first.

    Raises:
        NotFound: the event has no session of this key.
    """
    entry = found(event, key)
    counts = counts_by_session(session, [entry.id]).get(entry.id, {})
    seats = counts.get(BookingStatus.BOOKED, 0) + counts.get(BookingStatus.CLASHING, 0)
    return Touched(booked=seats, waiting=counts.get(BookingStatus.WAITLISTED, 0))
