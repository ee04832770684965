"""The recount finds every pool that lies, and none that does not."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from forumreg.rules.registration import cancel
from forumreg.rules.registration.recount import Difference, recount
from forumreg.store.writing import writing
from forumreg.tables.seats import SeatPool
from tests.builders import NOW, a_receipt, a_session, an_event, an_organizer, every_kind_of_question, seats_in


def test_pools_that_were_only_moved_by_rules_equal_a_recount(session: Session) -> None:
    event = an_event(session, sessions=(a_session("one"), a_session("two", "2015-10-16T14:00", "2015-10-16T15:00")))
    references = [a_receipt(session, event, sessions=seats_in("one", "two")).reference for _ in range(3)]
    cancel(session, an_organizer(event), references[1], now=NOW)

    assert recount(session, event.id) == ()


def test_every_kind_of_pool_is_counted(session: Session) -> None:
    event = an_event(session, sessions=(a_session("one"),), fields=every_kind_of_question())
    answers = {"visa": False, "lunch": "early"}
    a_receipt(session, event, sessions=seats_in("one"), answers=answers)
    with writing(session):
        session.execute(update(SeatPool).values(taken=0))

    assert {(it.taken, it.counted) for it in recount(session, event.id)} == {(0, 1)}
    assert {it.place.partition("/")[0] for it in recount(session, event.id)} == {
        "event",
        "category",
        "option",
        "session",
    }


def test_a_difference_says_which_pool_and_both_numbers(session: Session) -> None:
    event = an_event(session)
    a_receipt(session, event)
    with writing(session):
        session.execute(update(SeatPool).where(SeatPool.id == event.pool_id).values(taken=5))

    assert recount(session, event.id) == (Difference("event", 5, 1),)
