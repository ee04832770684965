"""A registrant changes answers, sessions and consents while registration is open, and sessions until they start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Invalid, Problem, Refused
from forumreg.base.folding import DOUBLE, double_key, search_key
from forumreg.rules import booking, journal
from forumreg.rules.access import Actor
from forumreg.rules.booking import SEATED
from forumreg.rules.event import EventFacts
from forumreg.rules.event.window import require_before_end, require_open
from forumreg.rules.registration import mailing, waiting
from forumreg.rules.registration.checks import Checked, about_gone, about_sessions, check, chosen_of
from forumreg.rules.registration.consents import Named, set_consents
from forumreg.rules.registration.deciding import found
from forumreg.rules.registration.pools import HOLDING, option_pools
from forumreg.rules.registration.seating import Seating
from forumreg.rules.registration.submission import LONGEST, Choice, Submission
from forumreg.rules.registration.submitting import columns_of, option_full
from forumreg.rules.seats import exchange
from forumreg.store.writing import writing
from forumreg.tables.booking import BookingStatus, SessionBooking
from forumreg.tables.mail import Message
from forumreg.tables.registration import Consent, Registration, Status

ENDED = frozenset({"cancelled", "declined"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The names of what changed, in the order of the form; empty where the form was as before."""

    reference: str
    changed: tuple[str, ...]


def change(
    session: Session, actor: Actor, reference: str, submission: Submission, *, now: datetime, version: int
) -> Outcome:
    """Make the registration what the form says; the category stays. Seats left go to those who wait.

    A name and an address that another registration has are taken like any others, so that no answer tells who is
    known; the journal tells the organizers of a possible double.

    Raises:
        NotFound, Forbidden: not the registrant's own.
        Changed: it was changed since ``version`` was shown.
        Invalid: what is wrong with the form, in its order.
        Refused: "closed" and its like; "session_full" or "organisation_full" with ``session``; "ended" where it was
            cancelled or declined.
    """
    with writing(session):
        registration, event = _unchanged(session, actor, reference, version)
        require_open(event, now)
        _require_standing(registration)
        checked, problems = _checked(session, event, registration, submission)
        if problems:
            raise Invalid(*problems)
        return _Changing(session, actor, event, registration, checked, now).run()


def choose_sessions(
    session: Session, actor: Actor, reference: str, choices: Sequence[Choice], *, now: datetime, version: int
) -> Outcome:
    """Put the registrant into exactly these sessions, also after registration has closed, until the event is over.

    Sessions that have started stay as they are, whatever is asked. Seats left go to those who wait.

    Raises:
        NotFound, Forbidden: not the registrant's own.
        Changed: it was changed since ``version`` was shown.
        Invalid: "started", "overlap", "too_many_of_kind" or "not_bookable" with ``session``; "gone" with ``keys``.
        Refused: "over" or "cancelled" of the event; "session_full", "organisation_full" with ``session``; "overlap"
            with the id of a seat by invitation; "ended" where it was cancelled or declined.
    """
    with writing(session):
        registration, event = _unchanged(session, actor, reference, version)
        require_before_end(event, now)
        _require_standing(registration)
        mine = _bookings_of(session, event, registration)
        kept = _started(event, mine, now)
        fresh = [choice for choice in choices if choice.key not in {each.key for each in kept}]
        checked = _as_it_stands(session, event, registration, [*kept, *fresh])
        late = [entry for entry in checked.sessions if entry.starts_at <= now and entry.id not in mine]
        problems = [
            *about_gone(event, fresh),
            *(Problem("sessions", "started", (("session", entry),)) for entry in late),
            *_fresh_problems(about_sessions(event, checked), checked, mine),
        ]
        if problems:
            raise Invalid(*problems)
        return _Changing(session, actor, event, registration, checked, now).run()


def _unchanged(session: Session, actor: Actor, reference: str, version: int) -> tuple[Registration, EventFacts]:
    registration, event = found(session, actor, reference)
    if registration.version != version:
        raise Changed
    return registration, event


def _require_standing(registration: Registration) -> None:
    if registration.status in ENDED:
        raise Refused("ended")


def _bookings_of(session: Session, event: EventFacts, registration: Registration) -> dict[int, BookingStatus]:
    """What the registrant chose themselves; seats by invitation are the organizers' to give and take."""
    rows = session.execute(
        select(SessionBooking.session_id, SessionBooking.status).where(
            SessionBooking.registration_id == registration.id
        )
    )
    return {row[0]: row[1] for row in rows if event.session(row[0]).is_bookable}


def _started(event: EventFacts, mine: Mapping[int, BookingStatus], now: datetime) -> list[Choice]:
    """The registrant's sessions that have started, chosen as they stand."""
    rows = [(event.session(session_id), status) for session_id, status in mine.items()]
    return [Choice(entry.key, status not in SEATED) for entry, status in rows if entry.starts_at <= now]


def _as_it_stands(
    session: Session, event: EventFacts, registration: Registration, choices: Sequence[Choice]
) -> Checked:
    """The registration as its own form, with other sessions; what was right once is not checked again."""
    sessions, waiting_ids = chosen_of(event, _seats_stay(session, event, registration, choices))
    return Checked(
        lines={name: getattr(registration, name) for name in LONGEST},
        dietary=tuple(registration.dietary),
        understands=tuple(registration.understands),
        answers=dict(registration.answers),
        category=event.category(registration.category_id),
        sessions=sessions,
        waiting=waiting_ids,
        sharing=frozenset(session.scalars(_shared_with(registration))),
        named=None,
    )


def _shared_with(registration: Registration) -> Select[int]:
    return select(Consent.organisation_id).where(
        Consent.registration_id == registration.id, Consent.withdrawn_at.is_(None)
    )


def _seats_stay(
    session: Session, event: EventFacts, registration: Registration, choices: Sequence[Choice]
) -> tuple[Choice, ...]:
    """The choices, none of which turns a seat that is theirs into a place in line."""
    held = booking.seats_of(session, registration.id)
    seated = {entry.key for entry in event.bookable if entry.id in held}
    return tuple(Choice(each.key, each.waitlist and each.key not in seated) for each in choices)


def _checked(
    session: Session, event: EventFacts, registration: Registration, submission: Submission
) -> tuple[Checked, tuple[Problem, ...]]:
    """The submission checked as the registration stands: its category stays, and a seat stays a seat."""
    category = event.category(registration.category_id)
    asked = replace(
        submission,
        category=category.key if category else None,
        sessions=_seats_stay(session, event, registration, submission.sessions),
    )
    checked, problems = check(event, asked)
    mine = _bookings_of(session, event, registration)
    fresh = _fresh_problems(problems, checked, mine)
    return checked, tuple(problem for problem in fresh if problem.place != "category")


def _fresh_problems(
    problems: Iterable[Problem], checked: Checked, mine: Mapping[int, BookingStatus]
) -> Iterator[Problem]:
    """The problems without those that the registrant did not make: a session that moved, a limit that came later."""
    seated = {session_id for session_id, status in mine.items() if status in SEATED}
    for problem in problems:
        facts: Mapping[str, Any] = dict(problem.facts)
        if problem.message == "overlap" and {facts["session"].id, facts["other"].id} <= seated:
            continue
        if problem.message == "too_many_of_kind" and all(
            entry.id in mine for entry in checked.sessions if entry.kind is facts["kind"]
        ):
            continue
        yield problem


def _in_line(bookings: Mapping[int, BookingStatus]) -> set[int]:
    return {session_id for session_id, status in bookings.items() if status is BookingStatus.WAITLISTED}


class _Changing:
    """One change of one registration, inside a transaction."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        event: EventFacts,
        registration: Registration,
        checked: Checked,
        now: datetime,
    ) -> None:
        self.session, self.actor, self.event = session, actor, event
        self.registration, self.checked, self.now = registration, checked, now

    def run(self) -> Outcome:
        former_address = self.registration.email
        former_key = self.registration.person_key
        former_options = option_pools(self.event, self.registration.answers)
        before = self._bookings()
        freed = self._seats(before)
        changed = self._columns()
        after = self._bookings()
        had, has = ({entry for entry, status in bookings.items() if status in SEATED} for bookings in (before, after))
        left, gained = sorted(had - has), sorted(has - had)
        waited, waits = (_in_line(bookings) for bookings in (before, after))
        if before != after:
            changed.append("sessions")
        changed += self._consents()
        if not changed:
            return Outcome(self.registration.reference, ())
        mailing.changed(self.registration, self.now)
        journal.write(
            self.session, self.actor, "changed", subject=("registration", self.registration.id),
            event_id=self.event.id, now=self.now, after={"fields": changed},
        )  # fmt: skip
        if self.registration.person_key != former_key and DOUBLE in self.registration.person_key:
            journal.write(
                self.session, self.actor, "possible_double", subject=("registration", self.registration.id),
                event_id=self.event.id, now=self.now,
            )  # fmt: skip
        lines = {"joined": sorted(waits - waited), "gave_up": sorted(waited - set(after))}
        payload = {"left": left, "gained": gained, **lines, "fields": changed}
        mailing.post(self.session, self.registration, Message.CHANGED, payload)
        if "email" in changed:
            mailing.post_to(self.session, self.registration, Message.CHANGED, former_address)
        waiting.fill_sessions(self.session, self.event, map(self.event.session, freed), self.now)
        if former_options != option_pools(self.event, self.registration.answers):
            waiting.fill(self.session, self.event, self.now)
        return Outcome(self.registration.reference, tuple(changed))

    def _bookings(self) -> dict[int, BookingStatus]:
        return _bookings_of(self.session, self.event, self.registration)

    def _seats(self, before: dict[int, BookingStatus]) -> list[int]:
        """Move seats: leave, take, wait. Returns the sessions in which a seat came free."""
        wanted = {entry.id: entry for entry in self.checked.sessions}
        unwanted = set(before) - set(wanted)
        if self.registration.status not in HOLDING:
            booking.leave(self.session, self.registration.id, self.event, unwanted, self.now)
            for entry in wanted.values():
                if entry.id not in before:
                    self._book(booking.Wanted(entry, BookingStatus.WISHED))
            return []
        # A place in line stays one unless the form asks for a seat now, or one is free and so are the hours.
        seated = booking.seats_of(self.session, self.registration.id)
        gone = [entry for entry in unwanted if entry in seated]
        booking.leave(self.session, self.registration.id, self.event, unwanted, self.now)
        pools = self._exchange(seated, [seated[entry] for entry in gone])
        for entry in wanted.values():
            status = BookingStatus.BOOKED if entry.id in pools else BookingStatus.WAITLISTED
            if entry.id not in seated and before.get(entry.id) is not status:
                self._book(booking.Wanted(entry, status, pools.get(entry.id)))
        return gone

    def _book(self, wanted: booking.Wanted) -> None:
        booking.book(self.session, self.registration.id, wanted, self.now)

    def _exchange(self, seated: Mapping[int, int], give: Sequence[int]) -> Mapping[int, int]:
        """Take and give back all pools at once; the pools of the fresh seats by the session's id."""
        seating = Seating(self.checked, held=seated)
        key = search_key(self.checked.lines["organisation"])
        for entry in booking.crowded(self.session, self.event, key, seating.fresh, self.now):
            seating.give_up(self.event.session(entry), "organisation_full")
        old, new = (option_pools(self.event, each.answers) for each in (self.registration, self.checked))
        while True:
            seats = seating.pools()
            full = exchange(self.session, take={*seats, *(new - old)}, give={*give, *(old - new)})
            if full is None:
                return {entry.id: pool for pool, entry in seats.items()}
            if full not in seats:
                raise Invalid(option_full(self.event, full))
            seating.was_full(full)

    def _columns(self) -> list[str]:
        """Set the columns; the names of those that changed, without the derived ones."""
        values: dict[str, object] = {**columns_of(self.checked.lines), "dietary": list(self.checked.dietary)}
        values["understands"] = list(self.checked.understands)
        values["answers"] = dict(self.checked.answers)
        values["person_key"] = self._person_key(str(values["person_key"]))
        derived = {"person_key", "address_key", "sort_key", "search_key", "organisation_key"}
        changed = []
        for name, value in values.items():
            if getattr(self.registration, name) != value:
                setattr(self.registration, name, value)
                changed.append(name)
        self.session.flush()
        return [name for name in changed if name not in derived]

    def _person_key(self, plain: str) -> str:
        """The key of the name and the address; one of its own while another registration has that.

        Nobody else takes the key meanwhile: whoever writes one holds the event's pool.
        """
        others = select(Registration.id).where(
            Registration.event_id == self.event.id,
            Registration.person_key == plain,
            Registration.status != Status.CANCELLED,
            Registration.id != self.registration.id,
        )
        is_taken = self.session.scalar(others) is not None
        return double_key(plain, self.registration.id) if is_taken else plain

    def _consents(self) -> list[str]:
        return set_consents(
            self.session, self.event, self.registration, self.checked.sharing, self.now, named=self.checked.named
        )


def share(
    session: Session,
    actor: Actor,
    reference: str,
    organisation_ids: AbstractSet[int],
    *,
    now: datetime,
    named: Named | None = None,
) -> Outcome:
    """Share with exactly these organisations from now on; possible as long as the link opens.

    A consent that stands is renewed where the terms ``named`` (``None``: the present ones) are wider than its own.

    Raises:
        NotFound, Forbidden: not the registrant's own.
    """
    with writing(session):
        registration, event = found(session, actor, reference)
        wanted = organisation_ids & {entry.id for entry in event.sharing}
        changed = set_consents(session, event, registration, wanted, now, named=named, renew=True)
        if changed:
            registration.version += 1
            registration.changed_at = now
            journal.write(
                session, actor, "sharing_changed", subject=("registration", registration.id), event_id=event.id,
                now=now, after={"organisations": sorted(wanted)},
            )  # fmt: skip
        return Outcome(reference, tuple(changed))
