"""Who may see whom, as one value: rows and columns. And what a reader asks within it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime

from forumreg.base.errors import Forbidden, NotFound
from forumreg.rules.access import Action, Actor, Staff, allowed, require
from forumreg.rules.event.facts import EventFacts, SessionFacts
from forumreg.rules.partner import scope_of
from forumreg.tables.event import Audience
from forumreg.tables.registration import Status

# The columns of every roster, in the order of every file; the event's own questions follow by key.
COLUMNS = (
    "reference",
    "status",
    "category",
    "honorific",
    "given_name",
    "family_name",
    "organisation",
    "job_title",
    "country",
    "country_name",
    "language",
    "email",
    "phone",
    "delegation",
    "sessions",
    "registered_at",
    "checked_in_at",
)
# What a co-organizer sees of those who agreed; the registration form says so beside each tick.
PARTNER_COLUMNS = (
    "status",
    "category",
    "honorific",
    "given_name",
    "family_name",
    "organisation",
    "job_title",
    "country",
    "country_name",
    "sessions",
)
# What is on the list of a session, for the desk at its door.
SESSION_COLUMNS = (
    "reference",
    "status",
    "category",
    "honorific",
    "given_name",
    "family_name",
    "organisation",
    "job_title",
    "country",
)
# Those who hold a place. People agreed to share as participants: who waits may never come, and who was
# declined or cancelled does not, so nobody has a reason to write to them.
PARTNER_STATUSES = (Status.CONFIRMED, Status.PENDING)
PARTNER_AUDIENCES = frozenset({Audience.CO_ORGANIZERS, Audience.PUBLIC})
PAGE_ROWS = 50
MOST_PAGE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows and columns of one event that a reader may see. An empty tuple of rows' facts means: any.

    ``consent_to`` is an organisation: only registrants who agreed to share with it, and still do.
    """

    event_id: int
    columns: tuple[str, ...]  # of ``COLUMNS``
    fields: tuple[str, ...] = ()  # keys of the event's own questions
    statuses: tuple[Status, ...] = ()
    categories: tuple[str, ...] = ()  # keys
    countries: tuple[str, ...] = ()  # ISO 3166-1
    sessions: tuple[str, ...] = ()  # keys: who has a seat in one of them
    consent_to: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The header of a file in this scope."""
        return (*self.columns, *self.fields)

    def needs_leave(self, key: str) -> bool:
        """Whether a registrant's consent must have named this column or question."""
        return self.consent_to is not None and key not in PARTNER_COLUMNS

    def within(self, other: Scope) -> bool:
        """Whether the other scope shows all that this one shows."""
        return (
            (self.event_id, self.consent_to) == (other.event_id, other.consent_to)
            and set(self.columns) <= set(other.columns)
            and set(self.fields) <= set(other.fields)
            and _narrower(self.statuses, other.statuses)
            and _narrower(self.categories, other.categories)
            and _narrower(self.countries, other.countries)
            and _narrower(self.sessions, other.sessions)
        )


def _narrower(rows: Collection[str], others: Collection[str]) -> bool:
    return not others or (bool(rows) and set(rows) <= set(others))


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks of a scope. Words that mean nothing match nobody, they are not an error.

    ``since`` is an instant after which they registered; ``has_room`` means: waits for a place where the event and
    the category have some. ``order`` is "name" or "received" (latest first). ``after`` and ``before`` are cursors of a
    ``Page``.
    """

    search: str = ""
    statuses: tuple[str, ...] = ()
    category: str = ""  # key
    country: str = ""
    session: str = ""  # key; who has a seat in it
    waits_for: str = ""  # key of a session; who waits for a seat in it
    since: str = ""  # ISO 8601, with its offset
    has_room: bool = False
    order: str = "name"
    after: str = ""
    before: str = ""
    limit: int = PAGE_ROWS

    @property
    def filters(self) -> tuple[str, ...]:
        """The columns that rows are chosen by, besides the words searched for."""
        chosen = {
            "status": self.statuses or self.has_room,
            "category": self.category or self.has_room,
            "country": self.country,
            "sessions": self.session or self.waits_for,
            "registered_at": self.since,
        }
        return tuple(column for column, wanted in chosen.items() if wanted)

    @property
    def is_narrowing(self) -> bool:
        """Whether it leaves anybody out."""
        return bool(self.filters or self.search.strip())


def organizer_scope(event: EventFacts) -> Scope:
    """Everybody, every column, every question of the event's own."""
    return Scope(event.id, COLUMNS, tuple(sorted(field.key for field in event.fields)))


def partner_scope(event: EventFacts, organisation_id: int) -> Scope:
    """Who agreed to share with the organisation and holds a place; the default columns and those granted.

    Raises:
        NotFound: registrants are not asked to share with this organisation.
    """
    granted = {*PARTNER_COLUMNS, *scope_of(event, organisation_id).extra_columns}
    return Scope(
        event.id,
        tuple(column for column in COLUMNS if column in granted),
        tuple(sorted(field.key for field in event.fields if field.audience in PARTNER_AUDIENCES)),
        statuses=PARTNER_STATUSES,
        consent_to=organisation_id,
    )


def session_scope(event: EventFacts, key: str) -> Scope:
    """Who has a seat in the session: what a sign-in sheet needs, and no more.

    Raises:
        NotFound: the event has no public session of this key.
    """
    if event.find_session(key) is None:
        raise NotFound("session")
    return Scope(event.id, SESSION_COLUMNS, sessions=(key,))


def led_sessions(event: EventFacts, organisation_id: int) -> tuple[SessionFacts, ...]:
    """The sessions whose lists the organisation was granted: those it leads and in which seats are counted."""
    if not scope_of(event, organisation_id).sees_led_sessions:
        return ()
    return tuple(entry for entry in event.sessions if entry.lead_id == organisation_id and entry.pool_id is not None)


def lead_scope(event: EventFacts, organisation_id: int, key: str) -> Scope:
    """Who has a seat in a session that the organisation leads, of those who agreed to share with it.

    Raises:
        NotFound: it leads no public session of this key, or was not granted the lists of those it leads.
    """
    if key not in {entry.key for entry in led_sessions(event, organisation_id)}:
        raise NotFound("session")
    return replace(partner_scope(event, organisation_id), sessions=(key,))


def require_scope(actor: Actor, scope: Scope, event: EventFacts) -> None:
    """Refuses a scope that shows the actor more than the policy and the organisation's scope allow.

    Raises:
        Forbidden: it does.
        NotFound: registrants are not asked to share with the organisation.
    """
    if allowed(actor, Action.READ_ROSTER, scope.event_id):
        return
    require(actor, Action.READ_PARTNER_ROSTER, scope.event_id)
    if not isinstance(actor, Staff) or scope.consent_to not in actor.organisations(scope.event_id):
        raise Forbidden(Action.READ_PARTNER_ROSTER)
    if not scope.within(partner_scope(event, scope.consent_to)):
        raise Forbidden(Action.READ_PARTNER_ROSTER)


def instant_of(since: str) -> datetime | None:
    """The instant that a ``Question`` means, in UTC; ``None`` where it is none that every zone has."""
    try:
        at = datetime.fromisoformat(since)
        found = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if at.tzinfo and MINYEAR < found.year < MAXYEAR else None


def require_question(scope: Scope, question: Question) -> None:
    """Refuses to choose or order rows by a column that the scope does not show.

    Raises:
        Forbidden: the answer would tell what the column holds.
    """
    asked = {*question.filters, *({"registered_at"} if question.order == "received" else set())}
    shows_no_line = scope.consent_to is not None  # the sessions of a partner's roster are seats
    if not asked <= set(scope.columns) or (question.waits_for and shows_no_line):
        raise Forbidden(Action.READ_PARTNER_ROSTER)
