"""An event file into the tables and out again: all or nothing, and the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, NotFound, Problem, Refused
from forumreg.base.references import guid_of, prefix_of
from forumreg.rules import journal
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event.answers import holds
from forumreg.rules.event.checks import problems
from forumreg.rules.event.drafts import EventDraft, RoomDraft, SessionDraft, TrackDraft
from forumreg.rules.event.exporting import draft_of_event
from forumreg.rules.event.holding import people, place_of_seats, places, registered_in, sharing_with
from forumreg.rules.event.reading import facts_by_id, touch
from forumreg.rules.event.sessions import Around, drop_pools, fill_row, people_in, set_pools, total_places
from forumreg.rules.event.telling import tell_changes
from forumreg.rules.seats import set_capacity
from forumreg.store.writing import writing
from forumreg.tables.event import (
    Approval,
    Audience,
    Category,
    Event,
    EventKind,
    EventOrganisation,
    EventStatus,
    Field,
    FieldKind,
    Organisation,
    OrganisationRole,
    PrivacyNotice,
    Visibility,
)
from forumreg.tables.programme import Booking, ProgrammeSession, Room, SessionVisibility, Track
from forumreg.tables.registration import Registration, Status
from forumreg.tables.seats import PoolKind, SeatPool

Row = TypeVar("Row", Category, Field, Room, Track, ProgrammeSession)


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a file."""

    slug: str
    created: bool
    changed: bool


def put(session: Session, actor: Actor, draft: EventDraft, *, now: datetime) -> Put:
    """Make the event what the file says; parts that the file does not name go, unless people hold them.

    Raises:
        Forbidden: the actor does not organize the event.
        Invalid: every place that does not hold together, or that people's registrations stand in the way of.
    """
    found = problems(draft)
    if found:
        raise Invalid(*found)
    draft = _settled(draft)
    with writing(session):
        event = session.scalar(select(Event).where(Event.slug == draft.slug))
        require(actor, Action.PUT_EVENT, event.id if event else None)
        if event is not None and draft_of_event(session, event) == draft:
            return Put(draft.slug, created=False, changed=False)
        before = facts_by_id(session, event.id) if event is not None else None
        stored = _Storing(session, event or _new_event(session, draft), draft, now).run()
        journal.write(
            session, actor, "event_created" if before is None else "event_changed",
            subject=("event", stored.id), event_id=stored.id, now=now, after={"slug": draft.slug},
        )  # fmt: skip
        if before is not None:
            tell_changes(session, actor, before, facts_by_id(session, stored.id), now)
        return Put(draft.slug, created=before is None, changed=True)


def _settled(draft: EventDraft) -> EventDraft:
    """The draft as an export says it, so that the same file twice is the same."""
    return replace(draft, sessions=tuple(settled_draft(draft, entry) for entry in draft.sessions))


def settled_draft(event: EventDraft, entry: SessionDraft) -> SessionDraft:
    """A session of the event with its lead and its UUID as an export says them."""
    lead = next((each.short_name or each.name for each in event.organisations if each.name == entry.lead), entry.lead)
    return replace(entry, lead=lead, guid=None if entry.guid == guid_of(event.slug, entry.id) else entry.guid)


def draft_of(session: Session, actor: Actor, slug: str) -> EventDraft:
    """The event as a file would say it.

    Raises:
        NotFound: no event has this slug.
        Forbidden: the actor does not organize it.
    """
    event = session.scalar(select(Event).where(Event.slug == slug))
    if event is None:
        raise NotFound("event")
    require(actor, Action.EXPORT_EVENT, event.id)
    return draft_of_event(session, event)


def _new_event(session: Session, draft: EventDraft) -> Event:
    event = Event(slug=draft.slug, version=0, reference_prefix=prefix_of(draft.city or draft.slug))
    _plain(event, draft)
    session.add(event)
    session.flush()
    return event


def _plain(event: Event, draft: EventDraft) -> None:
    for name in ("starts_on", "ends_on", "timezone", "city", "accent", "contact_email"):
        setattr(event, name, getattr(draft, name))
    for name in ("title", "summary", "description", "venue"):
        setattr(event, name, dict(getattr(draft, name)))
    event.kind, event.status = EventKind(draft.kind), EventStatus(draft.status)
    event.visibility, event.country = Visibility(draft.visibility), draft.country or ""
    event.languages = list(draft.languages)
    window = draft.registration
    event.opens_at, event.closes_at = window.opens_at, window.closes_at
    event.approval, event.waitlist = Approval(window.approval), window.waitlist
    limits = draft.limits
    event.most_per_kind = dict(limits.most_per_kind)
    event.most_per_organisation, event.organisation_limit_until = limits.most_per_organisation, limits.until


def _fill_room(row: Room, part: RoomDraft) -> None:
    if (row.name, row.capacity) != (dict(part.name), part.capacity):
        row.name, row.capacity = dict(part.name), part.capacity
        row.version = (row.version or 0) + 1


def _fill_track(row: Track, part: TrackDraft) -> None:
    if row.title != dict(part.title):
        row.title = dict(part.title)
        row.version = (row.version or 0) + 1


class _Storing:
    """One run of storing a draft; collects what stands in the way and refuses all at the end."""

    def __init__(self, session: Session, event: Event, draft: EventDraft, now: datetime) -> None:
        self.session, self.event, self.draft, self.now = session, event, draft, now
        self.problems: list[Problem] = []
        self._answers: Sequence[Mapping[str, Any]] | None = None  # read once, where an answer's places are counted

    def run(self) -> Event:
        _plain(self.event, self.draft)
        self._pool(PoolKind.EVENT, "", self.draft.capacity, "capacity")
        self._notice()
        organisations = self._organisations()
        self._categories()
        self._fields()
        rooms = self._rows(Room, self.draft.rooms, _fill_room)
        tracks = self._rows(Track, self.draft.tracks, _fill_track)
        self._sessions(
            Around(
                self.event.slug,
                {key: row.id for key, row in rooms.items()},
                {key: row.id for key, row in tracks.items()},
                organisations,
                {part.id: part.capacity for part in self.draft.rooms},
            )
        )
        self._drop(Room, rooms)
        self._drop(Track, tracks)
        if self.problems:
            raise Invalid(*self.problems)
        touch(self.session, self.event.id)
        self.session.flush()
        return self.event

    def _pool(self, kind: PoolKind, key: str, capacity: int | None, place: str, held: int = 0, where: str = "") -> None:
        try:
            set_capacity(self.session, self.event.id, kind, key, capacity, held=held)
        except Refused as refused:
            self.problems.append(Problem(place, f"below {places(refused.facts['taken'])} taken{where}"))

    def _notice(self) -> None:
        texts = dict(self.draft.privacy_notice)
        newest = self.session.scalars(
            select(PrivacyNotice)
            .where(PrivacyNotice.event_id == self.event.id)
            .order_by(PrivacyNotice.version.desc())
            .limit(1)
        ).first()
        if texts != (newest.texts if newest else {}):
            version = (newest.version if newest else 0) + 1
            self.session.add(PrivacyNotice(event_id=self.event.id, version=version, texts=texts, published_at=self.now))

    def _organisations(self) -> dict[str, int]:
        """The organisations' ids by name and short name."""
        ids: dict[str, int] = {}
        present = {
            row.organisation_id: row
            for row in self.session.scalars(
                select(EventOrganisation).where(EventOrganisation.event_id == self.event.id)
            )
        }
        for position, part in enumerate(self.draft.organisations):
            organisation = self._organisation(part.name)
            entry = present.pop(organisation.id, None)
            if entry is None:
                entry = EventOrganisation(event_id=self.event.id, organisation_id=organisation.id)
                self.session.add(entry)
            entry.role, entry.position = OrganisationRole(part.role), position
            entry.short_name, entry.country = part.short_name, part.country or ""
            ids[part.name] = organisation.id
            if part.short_name:
                ids[part.short_name] = organisation.id
        for entry in present.values():
            self._let_go(entry)
        self.session.flush()
        return ids

    def _organisation(self, name: str) -> Organisation:
        found = self.session.scalar(select(Organisation).where(Organisation.name == name))
        if found is None:
            found = Organisation(name=name)
            self.session.add(found)
            self.session.flush()
        return found

    def _let_go(self, entry: EventOrganisation) -> None:
        sharing = sharing_with(self.session, self.event.id, entry.organisation_id)
        if sharing:
            name = self.session.get_one(Organisation, entry.organisation_id).name
            told = f"{name} is left out, and {people(sharing)} agreed to share with it"
            self.problems.append(Problem("organisations", told))
        self.session.delete(entry)

    def _categories(self) -> None:
        def fill(row: Category, part: Any) -> None:
            row.title, row.visibility = dict(part.title), Visibility(part.visibility)
            row.approval = Approval(part.approval) if part.approval else None

        rows = self._rows(Category, self.draft.categories, fill)
        for number, part in enumerate(self.draft.categories):
            self._pool(PoolKind.CATEGORY, part.id, part.capacity, f"categories[{number}].capacity")
        gone = self._left_out(Category, rows)
        held = registered_in(self.session, gone)
        for row in gone:
            if row.id in held:
                told = f"{row.key} is left out, and {people(held[row.id])} registered in it"
                self.problems.append(Problem("categories", told))
        if not held:
            self._delete(gone, PoolKind.CATEGORY)

    def _fields(self) -> None:
        def fill(row: Field, part: Any) -> None:
            row.kind, row.audience = FieldKind(part.kind), Audience(part.audience)
            row.label, row.help, row.purpose = dict(part.label), dict(part.help), dict(part.purpose)
            row.required, row.erase_after_days = part.required, part.erase_after_days
            row.categories = list(part.categories)
            row.show_if = {"field": part.show_if.field, "is": part.show_if.is_} if part.show_if else None
            row.options = [
                {"value": option.value, "label": dict(option.label), "capacity": option.capacity}
                for option in part.options
            ]

        rows = self._rows(Field, self.draft.fields, fill, key="key")
        for number, part in enumerate(self.draft.fields):
            for index, option in enumerate(part.options):
                if option.capacity is not None:
                    place = f"fields[{number}].options[{index}].capacity"
                    held = self._held(part.key, option.value)
                    self._pool(PoolKind.OPTION, f"{part.key}={option.value}", option.capacity, place, held)
        self._free_options()
        for row in self._left_out(Field, rows):
            self.session.delete(row)  # the answers stay with the registrations that gave them

    def _held(self, key: str, value: str) -> int:
        """How many who hold a place gave this answer: what a limit that comes later begins with."""
        if self._answers is None:
            self._answers = self.session.scalars(
                select(Registration.answers).where(
                    Registration.event_id == self.event.id,
                    Registration.status.in_([Status.PENDING, Status.CONFIRMED]),
                )
            ).all()
        return sum(holds(given.get(key), value) for given in self._answers)

    def _free_options(self) -> None:
        """Pools of options that have no limit any more, or are gone."""
        wanted = {
            f"{part.key}={option.value}"
            for part in self.draft.fields
            for option in part.options
            if option.capacity is not None
        }
        pools = self.session.scalars(
            select(SeatPool).where(SeatPool.event_id == self.event.id, SeatPool.kind == PoolKind.OPTION)
        )
        for pool in pools:
            if pool.key not in wanted:
                self.session.delete(pool)

    def _sessions(self, around: Around) -> None:
        booked = people_in(self.session, self.event.id)

        def fill(row: ProgrammeSession, part: SessionDraft) -> None:
            held = booked.get(row.id, 0) if row in self.session else 0
            place = f"sessions[{self.draft.sessions.index(part)}]"
            if held and (row.starts_at, row.ends_at) != (part.starts_at, part.ends_at):
                told = f"{people(held)} booked {part.id} at another time"
                self.problems.append(Problem(f"{place}.starts_at", told))
            if held and part.visibility == SessionVisibility.DRAFT:
                told = f"{people(held)} booked {part.id}; it cannot be a draft"
                self.problems.append(Problem(f"{place}.visibility", told))
            fill_row(row, part, around)

        rows = self._rows(ProgrammeSession, self.draft.sessions, fill)
        for number, part in enumerate(self.draft.sessions):
            held = booked.get(rows[part.id].id, 0)
            if part.booking == Booking.NONE and held:
                told = f"{people(held)} booked {part.id}"
                self.problems.append(Problem(f"sessions[{number}].booking", told))
            self._pools(number, part, total_places(part, around))
        gone = self._left_out(ProgrammeSession, rows)
        held_rows = [row for row in gone if booked.get(row.id)]
        for row in held_rows:
            self.problems.append(Problem("sessions", f"{row.key} is left out, and {people(booked[row.id])} booked it"))
        if held_rows:
            return
        for row in gone:
            drop_pools(self.session, self.event.id, row.key)
            self.session.delete(row)
        self.session.flush()

    def _pools(self, number: int, part: SessionDraft, total: int | None) -> None:
        try:
            set_pools(self.session, self.event.id, part, total)
        except Refused as refused:
            category, taken = refused.facts["key"], refused.facts["taken"]
            place = f"sessions[{number}].held.{category}" if category else place_of_seats(self.draft, number)
            self.problems.append(Problem(place, f"below {places(taken)} taken in {part.id}"))

    def _rows(
        self,
        table: type[Row],
        parts: Collection[Any],
        fill: Callable[[Row, Any], None],
        key: str = "id",
    ) -> dict[str, Row]:
        """The rows of these parts by key, made where they are missing, filled, in the order of the file."""
        present = {row.key: row for row in self._present(table)}
        rows: dict[str, Row] = {}
        for position, part in enumerate(parts):
            name = getattr(part, key)
            row = present.get(name) or table(event_id=self.event.id, key=name)
            fill(row, part)
            row.position = position
            self.session.add(row)
            rows[name] = row
        self.session.flush()
        return rows

    def _present(self, table: type[Row]) -> Iterable[Row]:
        return self.session.scalars(select(table).where(table.event_id == self.event.id)).all()

    def _left_out(self, table: type[Row], kept: Mapping[str, Row]) -> list[Row]:
        return [row for row in self._present(table) if row.key not in kept]

    def _drop(self, table: type[Row], kept: Mapping[str, Row]) -> None:
        for row in self._left_out(table, kept):
            self.session.delete(row)
        self.session.flush()

    def _delete(self, rows: Iterable[Category | ProgrammeSession], kind: PoolKind) -> None:
        for row in rows:
            self.session.execute(
                delete(SeatPool).where(
                    SeatPool.event_id == self.event.id, SeatPool.kind == kind, SeatPool.key == row.key
                )
            )
            self.session.delete(row)
        self.session.flush()
