"""Weeks of registrations for one event, and what its organizers and registrants do in between."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, Refused
from forumreg.demo.forms import filled
from forumreg.demo.people import People, Person
from forumreg.demo.staff import Team
from forumreg.demo.times import ANNOUNCED_BEFORE, START
from forumreg.rules.access import Anonymous, Participant
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.registration import Submission, cancel, confirm, decline, submit, waitlist
from forumreg.tables.registration import Registration, Status

MOST_TRIES = 20  # of one person; each leaves out what was full
FIRST_HOUR, LAST_HOUR = 5, 21  # UTC; from Peru to Japan some of it is day
NOT_PRESS = "We could not find the medium you write for. Please register as a guest of your organisation."
TWICE = "You are registered with another address already."
Act = Callable[[datetime], object]


class Registering:
    """One event's registrations, in the order of time."""

    def __init__(self, session: Session, event: EventFacts, people: People, team: Team) -> None:
        self.session, self.event, self.people = session, event, people
        self.rng = people.rng
        self.staff = team.for_event(event)
        self.opens_at = event.opens_at or START - ANNOUNCED_BEFORE
        self.ends_at = min(START, event.closes_at or START)
        self._full: set[str] = set()  # keys of sessions; who leaves one makes room for those who wait
        self._acts: list[tuple[datetime, int, Act]] = []
        self._numbers = itertools.count()

    def run(self, count: int, progress: Callable[[int], object]) -> None:
        """Let so many people register, and everybody do what they do, until the demo's clock starts."""
        for number, at in enumerate(self._moments(count)):
            self._catch_up(at)
            self._plan(self._send(self.people.next(), f"demo {self.event.slug} {number}", at), at)
            progress(1)
        self._catch_up(self.ends_at)

    def _moments(self, count: int) -> Sequence[datetime]:
        """When forms are sent: by day, and more of them the longer it is open."""
        span = self.ends_at - self.opens_at
        return sorted(self._by_day(self.opens_at + span * self.rng.random() ** 0.7) for _ in range(count))

    def _by_day(self, moment: datetime) -> datetime:
        hours = self.rng.uniform(0, LAST_HOUR - FIRST_HOUR)
        waking = moment.replace(hour=FIRST_HOUR, minute=0) + timedelta(hours=hours)
        return min(max(waking, self.opens_at), self.ends_at - timedelta(minutes=self.rng.randint(5, 600)))

    def _send(self, person: Person, key: str, at: datetime) -> str | None:
        """The reference; ``None`` where there is no place. What is full is left out, or chosen anew."""
        form = self._without_full(filled(self.rng, self.event, person, key=key))
        for _try in range(MOST_TRIES):
            try:
                return submit(self.session, Anonymous(), self.event, form, now=at).reference
            except Refused as refused:
                full = refused.facts.get("session")
                if not isinstance(full, SessionFacts):
                    return None
                self._full.add(full.key)
                form = self._without_full(form)
            except Invalid as invalid:
                if any(problem.message != "option_full" for problem in invalid.problems):
                    raise  # the demo writes forms that can be taken, so this is a fault of it
                form = self._without_full(filled(self.rng, self.event, person, key=key))
        return None

    def _without_full(self, form: Submission) -> Submission:
        """The form less the sessions that are full, where the person would not wait: the page says so to people."""
        return replace(form, sessions=tuple(it for it in form.sessions if it.waitlist or it.key not in self._full))

    def _plan(self, reference: str | None, at: datetime) -> None:
        """What will become of it: most stay as they are."""
        found = self.session.execute(
            select(Registration.id, Registration.status).where(Registration.reference == reference)
        ).first()
        self.session.rollback()
        if found is None or reference is None:
            return
        draw = self.rng.random()
        if found.status is Status.PENDING:
            self._plan_decision(reference, draw, at)
        elif draw < 0.045:
            own = Participant(found.id)
            self._later(at, 25, lambda now: cancel(self.session, own, reference, now=now))
        elif draw < 0.06:
            self._later(at, 6, lambda now: waitlist(self.session, self.staff, reference, now=now))
        elif draw < 0.07:
            self._later(at, 6, lambda now: decline(self.session, self.staff, reference, reason=TWICE, now=now))

    def _plan_decision(self, reference: str, draw: float, at: datetime) -> None:
        if draw < 0.35:
            self._later(at, 8, lambda now: confirm(self.session, self.staff, reference, now=now))
        elif draw < 0.5:
            self._later(at, 8, lambda now: decline(self.session, self.staff, reference, reason=NOT_PRESS, now=now))

    def _later(self, at: datetime, most_days: int, act: Act) -> None:
        due = self._by_day(at + timedelta(days=self.rng.uniform(1, most_days)))
        if due < self.ends_at - timedelta(minutes=600):
            heapq.heappush(self._acts, (max(due, at), next(self._numbers), act))

    def _catch_up(self, until: datetime) -> None:
        """Do what is due by then. What has become impossible meanwhile is left."""
        while self._acts and self._acts[0][0] <= until:
            due, _, act = heapq.heappop(self._acts)
            try:
                act(due)
            except Refused:
                continue
