"""Everything that stands still about an event, as frozen data. What moves (places taken) is not in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from forumreg.base.texts import Texts
from forumreg.tables.event import Approval, Audience, EventKind, EventStatus, FieldKind, OrganisationRole, Visibility
from forumreg.tables.programme import Booking, SessionKind, SessionVisibility


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation in the event; the last three are its scope's."""

    id: int
    name: str
    short_name: str
    country: str
    role: OrganisationRole
    extra_columns: tuple[str, ...]
    purpose: Texts
    sees_led_sessions: bool = False

    @property
    def short(self) -> str:
        """What a page calls it."""
        return self.short_name or self.name


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A category; ``approval`` is settled (the event's where it has none)."""

    id: int
    key: str
    title: Texts
    approval: Approval
    visibility: Visibility
    pool_id: int


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """One answer that a choice offers; ``pool_id`` where its places are counted."""

    value: str
    label: Texts
    pool_id: int | None


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A question of the event's own."""

    id: int
    key: str
    kind: FieldKind
    label: Texts
    help: Texts
    purpose: Texts
    required: bool
    options: tuple[OptionFacts, ...]
    show_if: tuple[str, str] | None  # (field key, answer)
    categories: tuple[str, ...]
    audience: Audience
    erase_after_days: int | None


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room."""

    id: int
    key: str
    version: int
    name: Texts
    capacity: int | None


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """A track."""

    id: int
    key: str
    version: int
    title: Texts


@dataclass(frozen=True, slots=True)
class SpeakerFacts:
    """Somebody announced to speak."""

    name: str
    title: str
    organisation: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A programme session; ``pool_id`` is set where seats are counted, ``held`` are pools by category key."""

    id: int
    key: str
    title: Texts
    abstract: Texts
    kind: SessionKind
    track: TrackFacts | None
    room: RoomFacts | None
    starts_at: datetime
    ends_at: datetime
    languages: tuple[str, ...]
    interpreted: tuple[str, ...]
    speakers: tuple[SpeakerFacts, ...]
    booking: Booking
    visibility: SessionVisibility
    lead_id: int | None
    capacity: int | None  # None: as many as the room holds
    sequence: int
    guid: str
    version: int
    pool_id: int | None
    held: Mapping[str, int]
    held_places: Mapping[str, int]  # of its capacity, by category key
    extra: Mapping[str, Any]
    proposed: Mapping[str, Any] | None  # a change that is not public yet, as an event file says a session

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.visibility is SessionVisibility.PUBLIC

    @property
    def is_bookable(self) -> bool:
        """Whether registrants take seats themselves."""
        return self.pool_id is not None and self.booking is Booking.OPEN

    @property
    def pool_ids(self) -> tuple[int, ...]:
        """Every pool in which its seats are counted."""
        return (self.pool_id, *self.held.values()) if self.pool_id is not None else ()

    def understood_by(self, spoken: Collection[str]) -> bool:
        """Whether somebody who understands these languages can follow; where none is named, anybody can."""
        offered = {*self.languages, *self.interpreted}
        return not offered or bool(offered & set(spoken))

    def overlaps(self, other: SessionFacts) -> bool:
        """Whether nobody can be in both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event with its parts; sessions by start, then as in the file. ``sessions`` are public, ``planned`` all."""

    id: int
    slug: str
    version: int
    reference_prefix: str
    title: Texts
    summary: Texts
    description: Texts
    kind: EventKind
    starts_on: date
    ends_on: date
    timezone: str
    venue: Texts
    city: str
    country: str
    status: EventStatus
    visibility: Visibility
    accent: str
    contact_email: str
    languages: tuple[str, ...]
    opens_at: datetime | None
    closes_at: datetime | None
    approval: Approval
    waitlist: bool
    most_per_kind: Mapping[str, int]
    most_per_organisation: int | None
    organisation_limit_until: datetime | None
    notice_version: int
    notice: Texts
    pool_id: int
    organisations: tuple[OrganisationFacts, ...]
    categories: tuple[CategoryFacts, ...]
    fields: tuple[FieldFacts, ...]
    rooms: tuple[RoomFacts, ...]
    tracks: tuple[TrackFacts, ...]
    sessions: tuple[SessionFacts, ...]
    planned: tuple[SessionFacts, ...]
    _by_id: Mapping[tuple[str, Any], Any] = field(repr=False, compare=False)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its days and hours are told."""
        return ZoneInfo(self.timezone)

    @property
    def language(self) -> str:
        """The event's own language, for the fallback of its texts."""
        return self.languages[0] if self.languages else "en"

    @property
    def over_at(self) -> datetime:
        """The instant at which its last day is over."""
        return datetime.combine(self.ends_on + timedelta(days=1), datetime.min.time(), self.zone)

    @property
    def days(self) -> tuple[date, ...]:
        """Its days in order."""
        return tuple(
            self.starts_on + timedelta(days=number) for number in range((self.ends_on - self.starts_on).days + 1)
        )

    @property
    def sharing(self) -> tuple[OrganisationFacts, ...]:
        """The organisations that a registrant is asked to share with: organizers and co-organizers."""
        asking = {OrganisationRole.ORGANIZER, OrganisationRole.CO_ORGANIZER}
        return tuple(entry for entry in self.organisations if entry.role in asking)

    @property
    def shared_questions(self) -> tuple[FieldFacts, ...]:
        """The questions whose answers co-organizers see of those who share with them."""
        return tuple(entry for entry in self.fields if entry.audience is not Audience.ORGANIZERS)

    @property
    def by_day(self) -> Mapping[date, tuple[SessionFacts, ...]]:
        """The public sessions by day of the event's zone."""
        found: Mapping[date, tuple[SessionFacts, ...]] = self._by_id.get(("days", None), {})
        return found

    @property
    def bookable(self) -> tuple[SessionFacts, ...]:
        """The sessions in which registrants take seats themselves."""
        return tuple(entry for entry in self.sessions if entry.is_bookable)

    @property
    def seated(self) -> tuple[SessionFacts, ...]:
        """The sessions in which seats are counted, whoever gives them, drafts included."""
        return tuple(entry for entry in self.planned if entry.pool_id is not None)

    def find_category(self, key: str | None) -> CategoryFacts | None:
        """The category of this key."""
        found: CategoryFacts | None = self._by_id.get(("category key", key))
        return found

    def category(self, category_id: int | None) -> CategoryFacts | None:
        """The category of this id."""
        found: CategoryFacts | None = self._by_id.get(("category", category_id))
        return found

    def approval_of(self, category: CategoryFacts | None) -> Approval:
        """How somebody in this category, or in none, is given a place."""
        return category.approval if category else self.approval

    def find_session(self, key: str) -> SessionFacts | None:
        """The public programme session of this key."""
        found = self.find_planned(key)
        return found if found is not None and found.is_public else None

    def find_planned(self, key: str) -> SessionFacts | None:
        """The programme session of this key, public or not."""
        found: SessionFacts | None = self._by_id.get(("session key", key))
        return found

    def session(self, session_id: int) -> SessionFacts:
        """The programme session of this id, public or not; ``KeyError`` where it is another event's."""
        found: SessionFacts = self._by_id[("session", session_id)]
        return found

    def find_field(self, key: str) -> FieldFacts | None:
        """The question of this key."""
        found: FieldFacts | None = self._by_id.get(("field", key))
        return found

    def organisation(self, organisation_id: int) -> OrganisationFacts:
        """The organisation of this id; ``KeyError`` where it has no role in the event."""
        found: OrganisationFacts = self._by_id[("organisation", organisation_id)]
        return found
