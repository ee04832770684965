"""Many at once: seats, forms and people, with real threads and real processes on both databases."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Refused
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Participant
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.drafts import RegistrationDraft
from forumreg.rules.registration import Choice, Submission
from forumreg.rules.registration.recount import recount
from forumreg.rules.seats import state_of
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables.booking import SessionBooking
from forumreg.tables.registration import Registration
from tests.builders import NOW, a_registration, a_session, a_submission, an_event, mails, seats_in, statuses

CLIENTS = 16  # threads at a time; the pool of connections is larger
LATER = NOW + timedelta(minutes=1)
Act = Callable[[Session], object]


def outcome(act: Act, session: Session) -> str:
    """What became of it: "done", or the word of the refusal. Any other exception goes on and fails the test."""
    try:
        act(session)
    except Refused as refused:
        return refused.reason
    except Changed:
        return "changed"
    return "done"


def together(session: Session, acts: Sequence[Act]) -> Counter[str]:
    """Do all of it, 16 at a time, each in a session of its own; how often each outcome came."""
    session.rollback()
    sessions = make_sessions(session.get_bind())
    gate = Barrier(min(CLIENTS, len(acts)))

    def run(numbered: tuple[int, Act]) -> str:
        number, act = numbered
        if number < gate.parties:
            gate.wait(10)
        with sessions() as opened:
            return outcome(act, opened)

    with ThreadPoolExecutor(gate.parties) as clients:
        return Counter(clients.map(run, enumerate(acts)))


def submitting(event: EventFacts, submission: Submission) -> Act:
    return lambda session: registrations.submit(session, Anonymous(), event, submission, now=NOW)


def cancelling(mine: Registration) -> Act:
    own, reference = Participant(mine.id), mine.reference
    return lambda session: registrations.cancel(session, own, reference, now=LATER)


def changing(mine: Registration, *choices: Choice) -> Act:
    names = ("given_name", "family_name", "email", "organisation", "country")
    form = a_submission(**{name: getattr(mine, name) for name in names}, sessions=choices)
    own, reference, version = Participant(mine.id), mine.reference, mine.version
    return lambda session: registrations.change(session, own, reference, form, now=LATER, version=version)


def test_two_hundred_clients_get_the_last_five_seats_and_the_line(session: Session) -> None:
    event = an_event(session, capacity=5, sessions=(a_session("A", capacity=3),))

    outcomes = together(
        session,
        [
            submitting(event, a_submission(accept_waitlist=True, sessions=seats_in("A", waitlist=True)))
            for _ in range(200)
        ],
    )

    assert outcomes == {"done": 200}
    assert statuses(session, event) == {"confirmed": 5, "waitlisted": 195}
    assert recount(session, event.id) == ()
    assert Counter(message for message, _to in mails(session)) == {"confirmed": 5, "waitlisted": 195}


def test_two_hundred_clients_get_the_last_five_seats_and_no_line(session: Session) -> None:
    event = an_event(session, capacity=5, registration=RegistrationDraft(waitlist=False))

    outcomes = together(session, [submitting(event, a_submission()) for _ in range(200)])

    assert outcomes == {"done": 5, "full": 195}
    assert statuses(session, event) == {"confirmed": 5}
    assert recount(session, event.id) == ()


def test_the_same_form_at_once_is_one_registration(session: Session) -> None:
    event = an_event(session)
    submission = a_submission()
    answers = set()

    def send(opened: Session) -> None:
        answers.add(registrations.submit(opened, Anonymous(), event, submission, now=NOW).reference)

    assert together(session, [send] * 10) == {"done": 10}
    assert len(answers) == 1
    assert statuses(session, event) == {"confirmed": 1}
    assert len(mails(session)) == 1


def test_the_same_person_at_once_is_one_registration(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=5),))
    person = {"given_name": "Awa", "family_name": "Koné", "email": "awa@example.org", "sessions": seats_in("A")}

    outcomes = together(session, [submitting(event, a_submission(**person)) for _ in range(10)])

    assert outcomes == {"done": 10}
    assert statuses(session, event) == {"confirmed": 1}
    assert Counter(message for message, _to in mails(session)) == {"confirmed": 1, "already_registered": 1}
    assert recount(session, event.id) == ()


def test_the_last_seat_in_a_session_is_given_once(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A", capacity=1),))
    half = [submitting(event, a_submission(sessions=seats_in("A"))) for _ in range(10)]
    people = [a_registration(session, event) for _ in range(10)]

    outcomes = together(session, [*half, *(changing(each, Choice("A")) for each in people)])

    assert outcomes == {"done": 1, "session_full": 19}
    assert session.scalar(select(func.count(SessionBooking.id))) == 1
    assert recount(session, event.id) == ()


def test_places_given_back_while_others_come_are_given_once(session: Session) -> None:
    event = an_event(session, capacity=10, sessions=(a_session("A", capacity=4),))
    inside = [
        a_registration(session, event, sessions=seats_in("A", waitlist=True), accept_waitlist=True) for _ in range(10)
    ]
    acts: list[Act] = []
    for each in inside:
        acts += [cancelling(each), cancelling(each)]
        form = a_submission(accept_waitlist=True, sessions=seats_in("A", waitlist=True))
        acts += [submitting(event, form), submitting(event, form)]
    random.Random(1).shuffle(acts)

    outcomes = together(session, acts)

    assert outcomes == {"done": 30, "already": 10}
    assert statuses(session, event) == {"cancelled": 10, "confirmed": 10}
    assert recount(session, event.id) == ()
    assert state_of(session, event.id)["session", "A"].taken == 4


def test_two_people_who_swap_the_last_seats_neither_wait_for_ever_nor_share_one(session: Session) -> None:
    event = an_event(
        session,
        sessions=(a_session("A", capacity=1), a_session("B", "2015-10-16T14:00", "2015-10-16T15:00", capacity=1)),
    )
    one = a_registration(session, event, sessions=seats_in("A"))
    other = a_registration(session, event, sessions=seats_in("B"))

    for _ in range(5):
        outcomes = together(session, [changing(one, Choice("B")), changing(other, Choice("A"))])

        assert outcomes == {"session_full": 2}
        assert recount(session, event.id) == ()


def test_two_windows_of_one_person_do_not_overwrite_each_other(session: Session) -> None:
    event = an_event(session, sessions=(a_session("A"), a_session("B", "2015-10-16T14:00", "2015-10-16T15:00")))
    mine = a_registration(session, event)

    outcomes = together(session, [changing(mine, Choice("A")), changing(mine, Choice("B"))] * 4)

    assert outcomes == {"done": 1, "changed": 7}
    assert recount(session, event.id) == ()


# Processes ------------------------------------------------------------------------------------------------------


def _from_another_process(work: tuple[str, Sequence[int]]) -> Counter[str]:
    """Submit so many forms from a process of its own; how often each outcome came."""
    url, numbers = work
    engine = make_engine(url)
    found: Counter[str] = Counter()
    with make_sessions(engine)() as session:
        event = facts(session, "forum")
        for number in numbers:
            found[outcome(submitting(event, a_submission(number)), session)] += 1
    engine.dispose()
    return found


def test_processes_share_the_last_seats_too(session: Session, engine: Engine) -> None:
    event = an_event(session, capacity=5, registration=RegistrationDraft(waitlist=False))
    url = engine.url.render_as_string(hide_password=False)
    session.rollback()

    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        work: Iterable[tuple[str, Sequence[int]]] = [(url, range(start, start + 15)) for start in (1000, 2000)]
        outcomes = sum(processes.map(_from_another_process, work), Counter[str]())

    assert outcomes == {"done": 5, "full": 25}
    assert statuses(session, event) == {"confirmed": 5}
    assert recount(session, event.id) == ()
