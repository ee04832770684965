"""A form becomes a registration, once, with all its seats or none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, insert, literal_column, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, Problem, Refused
from forumreg.base.folding import fold_address, person_key, search_key
from forumreg.base.references import new_reference
from forumreg.rules import booking, journal
from forumreg.rules.access import Actor
from forumreg.rules.event import EventFacts, SessionFacts, facts_by_id
from forumreg.rules.event.window import require_open
from forumreg.rules.registration import mailing
from forumreg.rules.registration.checks import Checked, check
from forumreg.rules.registration.consents import rows_for
from forumreg.rules.registration.pools import option_pools
from forumreg.rules.registration.seating import Seating
from forumreg.rules.registration.submission import LONGEST, Receipt, Submission
from forumreg.rules.registration.waiting import FIRST_IN_LINE, fill
from forumreg.rules.seats import exchange, lock_event
from forumreg.store.bundles import FIRST_ID, Rows, write_bundle
from forumreg.store.sending import Statement
from forumreg.store.writing import writing
from forumreg.tables.booking import BookingStatus
from forumreg.tables.event import Approval, Event
from forumreg.tables.mail import Message
from forumreg.tables.registration import Registration, Status
from forumreg.tables.registration import Submission as SubmissionRow

TRIES = 3  # the same person or form at the same moment: the second try finds what the first wrote


def submit(session: Session, actor: Actor, event: EventFacts, submission: Submission, *, now: datetime) -> Receipt:
    """Register a person, or answer alike where the form or the person is known already.

    Seats in the event, the category, counted answers and sessions, the registration, its consents, its mail and
    its journal entry commit together or not at all. A person who is registered gets a mail that says so.

    Raises:
        Invalid: what is wrong with the form, in its order.
        Refused: "not_yet", "closed", "over" or "cancelled"; "full_waitlist" where the form did not accept a place
            in line, "full" where there is no line, both with the ``pool`` that is; "session_full" or
            "organisation_full" with ``session`` where its line was not accepted.
        Unavailable: the database cannot answer; nothing was written.
    """
    checked, problems = _checked(event, submission)
    form_hash, columns = _hash(event, submission), {} if problems else columns_of(checked.lines)
    for last_try in (False,) * (TRIES - 1) + (True,):
        try:
            with writing(session):
                if problems:  # nothing is locked for a form that cannot be taken
                    known = session.scalar(_KNOWN_FORM, {"key_hash": form_hash, "event": event.id})
                    if known is not None:
                        return Receipt(known, checked.lines["email"])
                    require_open(event, now)
                    raise Invalid(*problems)
                return _Submitting(session, actor, event, submission, checked, columns, form_hash, now).run()
        except IntegrityError:
            if last_try:
                raise
    raise AssertionError  # the last try returned or raised


def _checked(event: EventFacts, submission: Submission) -> tuple[Checked, tuple[Problem, ...]]:
    """The submission checked; last of its problems, that the privacy notice is no longer the one it was shown."""
    checked, problems = check(event, submission)
    if event.notice_version and submission.notice_version not in {None, event.notice_version}:
        return checked, (*problems, Problem("notice", "notice_changed"))
    return checked, problems


# Written once, and of plain tables: making statements anew, or as entities, costs more than running them.
_REGISTRATIONS, _FORMS, _EVENTS = (cast("Table", each.__table__) for each in (Registration, SubmissionRow, Event))
_KNOWN_FORM = select(_FORMS.c.reference).where(
    _FORMS.c.key_hash == bindparam("key_hash"), _FORMS.c.event_id == bindparam("event")
)
# All that is to be known once the places are locked, in one way to the database and back. Statuses stand in it as they
# are: a plan that is made before it knows them could not use the index of people who are not cancelled.
UNDER_THE_LOCK = Statement(
    select(
        _KNOWN_FORM.scalar_subquery().label("form"),
        select(_EVENTS.c.version).where(_EVENTS.c.id == bindparam("event")).scalar_subquery().label("version"),
        FIRST_IN_LINE.label("first_in_line"),
        select(_REGISTRATIONS.c.id)
        .where(
            # Not the bare column: until PostgreSQL has counted rows, it may go by the event and read all of its people.
            _REGISTRATIONS.c.event_id + 0 == bindparam("event"),
            _REGISTRATIONS.c.person_key == bindparam("person"),
            _REGISTRATIONS.c.status != literal_column(f"'{Status.CANCELLED}'"),
        )
        .scalar_subquery()
        .label("same_person"),
    )
)
_KEEP_FORM = insert(_FORMS).inline()


def _hash(event: EventFacts, submission: Submission) -> str:
    """What makes a form the same one: its key and all it says, for people go back to it for a colleague."""
    said = {each.name: getattr(submission, each.name) for each in fields(submission)}
    said |= {"sharing": sorted(submission.sharing), "named": sorted(submission.named or ())}
    return hashlib.sha256(repr((event.id, sorted(said.items()))).encode()).hexdigest()


class _Found(NamedTuple):
    """What is known once the places are locked, in the order of ``UNDER_THE_LOCK``."""

    form: str | None
    version: int | None
    first_in_line: int | None
    same_person: int | None


@dataclass(slots=True)
class _Submitting:
    """One try at registering a checked submission, inside a transaction."""

    session: Session
    actor: Actor
    event: EventFacts
    submission: Submission
    checked: Checked
    columns: Mapping[str, str]
    form_hash: str
    now: datetime

    def run(self) -> Receipt:
        lock_event(self.session, self.event.id)
        found = self._look()
        if found.form is not None:
            return Receipt(found.form, self.checked.lines["email"])
        require_open(self.event, self.now)
        self._go_by(found.version)
        if self.event.waitlist and found.first_in_line is not None:
            fill(self.session, self.event, self.now)  # places that were added are theirs who came before
        reference = new_reference(self.event.reference_prefix)
        if found.same_person is None:
            self._new(reference)
        else:
            self._again(self.session.get_one(Registration, found.same_person), reference)
        return Receipt(reference, self.checked.lines["email"])

    def _look(self) -> _Found:
        (row,) = UNDER_THE_LOCK.at(
            self.session,
            event=self.event.id,
            pool=self.event.pool_id,
            key_hash=self.form_hash,
            person=self.columns["person_key"],
        )
        return _Found(*row)

    def _go_by(self, version: int | None) -> None:
        """Go by the event as it is now that its places are locked: it may have changed since the form came."""
        if version == self.event.version:
            return
        event = facts_by_id(self.session, self.event.id)
        require_open(event, self.now)
        self.checked, problems = _checked(event, self.submission)
        if problems:
            raise Invalid(*problems)
        self.event, self.columns = event, columns_of(self.checked.lines)

    def _again(self, registration: Registration, reference: str) -> None:
        """Answer somebody who is registered like everybody else; a mail tells them."""
        self._refuse_alike()
        self.session.execute(_KEEP_FORM, self._form(registration.id, reference).rows)
        period = self.now.strftime("%Y-%m-%d %H")  # one such mail an hour, however often the form is sent
        mailing.post_at_most_once(self.session, registration, Message.ALREADY_REGISTERED, period)

    def _refuse_alike(self) -> None:
        """Refuse a known person what anybody would be refused now, so that no answer tells who is known."""
        with self.session.begin_nested() as tried:
            self._take_places()
            tried.rollback()

    def _form(self, registration_id: object, reference: str) -> Rows:
        form = {
            "event_id": self.event.id,
            "key_hash": self.form_hash,
            "reference": reference,
            "registration_id": registration_id,
            "received_at": self.now,
        }
        return Rows(_FORMS, [form])

    def _new(self, reference: str) -> None:
        status, seats = self._take_places()
        event, checked = self.event, self.checked
        wanted = [_wanted(status, entry, seats) for entry in checked.sessions]
        write_bundle(
            self.session,
            Rows(_REGISTRATIONS, [self._row(reference, status)]),
            self._form(FIRST_ID, reference),
            rows_for(event, FIRST_ID, checked.sharing, self.now, checked.named),
            journal.row_of(
                self.actor, "submitted", subject=("registration", FIRST_ID),
                event_id=event.id, now=self.now, after={"status": status.value},
            ),
            booking.all_of(FIRST_ID, wanted, self.now),
            mailing.first(FIRST_ID, reference, status, checked.lines, event.id),
            then=[booking.COMMIT_TO_ALL] if wanted else [],
        )  # fmt: skip

    def _take_places(self) -> tuple[Status, Mapping[int, int]]:
        """Take every place or none; the status that follows, and the pools of the seats by the session's id."""
        category = self.checked.category
        approval = self.event.approval_of(category)
        base = {self.event.pool_id, *([category.pool_id] if category else [])}
        options = option_pools(self.event, self.checked.answers)
        seating = Seating(self.checked)
        key = search_key(self.checked.lines["organisation"])
        for entry in booking.crowded(self.session, self.event, key, seating.fresh, self.now):
            seating.give_up(self.event.session(entry), "organisation_full")
        while True:
            seats = seating.pools()
            full = exchange(self.session, take=base | options | set(seats))
            if full is None:
                seated = Status.CONFIRMED if approval is Approval.AUTOMATIC else Status.PENDING
                return seated, {entry.id: pool for pool, entry in seats.items()}
            if full in seats:
                seating.was_full(full)
            elif full in options:
                raise Invalid(option_full(self.event, full))
            else:
                self._may_wait_for_place(full)
                return Status.WAITLISTED, {}

    def _may_wait_for_place(self, full: int) -> None:
        if not self.event.waitlist:
            raise Refused("full", pool=full)
        if not self.submission.accept_waitlist:
            raise Refused("full_waitlist", pool=full)

    def _row(self, reference: str, status: Status) -> dict[str, Any]:
        category = self.checked.category
        return {
            "event_id": self.event.id,
            "category_id": category.id if category else None,
            "reference": reference,
            "status": status,
            "dietary": list(self.checked.dietary),
            "understands": list(self.checked.understands),
            "answers": dict(self.checked.answers),
            "notice_version": self.event.notice_version,
            "received_at": self.now,
            "changed_at": self.now,
            "version": 1,
            "mail_sequence": 0,
            **self.columns,
        }


def option_full(event: EventFacts, pool_id: int) -> Problem:
    """The problem that the last place of a counted answer is taken."""
    entry, option = next(
        (entry, option) for entry in event.fields for option in entry.options if option.pool_id == pool_id
    )
    return Problem(f"q-{entry.key}", "option_full", (("question", entry), ("option", option)))


def columns_of(lines: Mapping[str, str]) -> dict[str, str]:
    """The cleaned lines and the keys that are derived from them."""
    given, family, email = lines["given_name"], lines["family_name"], lines["email"]
    return {
        **{name: lines[name] for name in LONGEST},
        "person_key": person_key(given, family, email),
        "address_key": fold_address(email),
        "sort_key": search_key(family, given)[:170],
        "search_key": search_key(given, family, lines["badge_name"], lines["organisation"]),  # no address
        "organisation_key": search_key(lines["organisation"]),
    }


def _wanted(status: Status, entry: SessionFacts, seats: Mapping[int, int]) -> booking.Wanted:
    if status is Status.WAITLISTED:
        return booking.Wanted(entry, BookingStatus.WISHED)
    pool = seats.get(entry.id)
    return booking.Wanted(entry, BookingStatus.WAITLISTED if pool is None else BookingStatus.BOOKED, pool)
