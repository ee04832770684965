"""What an event file says, as frozen data: one class an object of the file, one field a key of it.

Texts are by language tag; instants are aware and in UTC; lists are tuples in the order of the file.
Absent is ``None`` for references, numbers and instants, ``""`` for words, ``{}`` for texts, ``()`` for lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from forumreg.base.texts import Texts

EVENT_KINDS = ("forum", "workshop", "training", "meeting")
STATUSES = ("draft", "published", "closed", "cancelled")
VISIBILITIES = ("public", "unlisted")
APPROVALS = ("automatic", "manual")
ACCENTS = ("ochre", "brick", "sage", "lagoon", "plum", "slate")
ROLES = ("organizer", "co-organizer", "partner")
FIELD_KINDS = ("text", "long-text", "choice", "choices", "yes-no", "number", "date", "country")
AUDIENCES = ("organizers", "co-organizers", "public")
SESSION_KINDS = ("plenary", "panel", "workshop", "side-event", "world-cafe", "site-visit", "meeting", "break")
BOOKINGS = ("open", "invitation", "none")
SESSION_VISIBILITIES = ("public", "draft")
YES_NO = ("yes", "no")  # what ``ShowIf.is_`` says of a yes-no field

_NO_TEXTS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class RegistrationDraft:
    """When registration is open and how a seat is given.

    Without ``opens_at`` it is open from the start, without ``closes_at`` until the event's last day is over.
    """

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    approval: str = "automatic"
    waitlist: bool = True


@dataclass(frozen=True, slots=True)
class LimitsDraft:
    """How many session seats one person, and one organisation in a session, may take; ``None``: any number."""

    most_per_kind: Mapping[str, int] = field(default_factory=dict)  # by a session's kind
    most_per_organisation: int | None = None
    until: datetime | None = None  # the organisations' limit ends here; without it, when the session starts


@dataclass(frozen=True, slots=True)
class OrganisationDraft:
    """One organisation and what it does in the event; ``name`` and ``short_name`` are unique in the event."""

    name: str
    role: str
    short_name: str = ""
    country: str | None = None  # ISO 3166-1 alpha-2


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """One category of participants; ``approval`` of ``None`` follows the event's."""

    id: str
    title: Texts
    capacity: int | None = None
    approval: str | None = None
    visibility: str = "public"


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """One answer that a choice offers."""

    value: str
    label: Texts
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class ShowIf:
    """The earlier field and the answer to it that ask this one: an option, ``yes``, ``no``, a country."""

    field: str
    is_: str


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """One question of the event's own; without ``categories`` it is asked of all."""

    key: str
    kind: str
    label: Texts
    help: Texts = field(default_factory=lambda: _NO_TEXTS)
    purpose: Texts = field(default_factory=lambda: _NO_TEXTS)
    required: bool = False
    options: tuple[OptionDraft, ...] = ()
    show_if: ShowIf | None = None
    categories: tuple[str, ...] = ()
    audience: str = "organizers"
    erase_after_days: int | None = None  # days after the event's last day


@dataclass(frozen=True, slots=True)
class RoomDraft:
    """One room."""

    id: str
    name: Texts
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class TrackDraft:
    """One line of the programme."""

    id: str
    title: Texts


@dataclass(frozen=True, slots=True)
class SpeakerDraft:
    """Somebody announced to speak, as the programme names them."""

    name: str
    title: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """One programme session; ``lead`` is the name or short name of one of the event's organisations.

    ``held`` are places of its capacity kept for categories. ``extra`` is what a schedule that was brought in says
    and we have no key for.
    """

    id: str
    title: Texts
    kind: str
    starts_at: datetime
    ends_at: datetime
    abstract: Texts = field(default_factory=lambda: _NO_TEXTS)
    track: str | None = None
    room: str | None = None
    capacity: int | None = None
    languages: tuple[str, ...] = ()  # spoken
    interpreted: tuple[str, ...] = ()  # into these
    speakers: tuple[SpeakerDraft, ...] = ()
    booking: str = "none"
    visibility: str = "public"
    held: Mapping[str, int] = field(default_factory=dict)
    lead: str | None = None
    guid: str | None = None  # a UUID; without one it is made from the event's slug and the id
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventDraft:
    """One event with everything that its file says; the first of its ``languages`` is its own."""

    slug: str
    title: Texts
    kind: str
    starts_on: date
    ends_on: date
    timezone: str
    summary: Texts = field(default_factory=lambda: _NO_TEXTS)
    description: Texts = field(default_factory=lambda: _NO_TEXTS)
    venue: Texts = field(default_factory=lambda: _NO_TEXTS)
    city: str = ""
    country: str | None = None  # ISO 3166-1 alpha-2
    status: str = "published"
    visibility: str = "public"
    accent: str = "ochre"
    contact_email: str = ""
    privacy_notice: Texts = field(default_factory=lambda: _NO_TEXTS)
    languages: tuple[str, ...] = ("en",)
    capacity: int | None = None
    registration: RegistrationDraft = RegistrationDraft()
    limits: LimitsDraft = LimitsDraft()
    organisations: tuple[OrganisationDraft, ...] = ()
    categories: tuple[CategoryDraft, ...] = ()
    fields: tuple[FieldDraft, ...] = ()
    rooms: tuple[RoomDraft, ...] = ()
    tracks: tuple[TrackDraft, ...] = ()
    sessions: tuple[SessionDraft, ...] = ()
