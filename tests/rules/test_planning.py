"""Sessions planned by organizers, and what it does to those who booked them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Forbidden, Invalid, NotFound, Refused
from forumreg.rules import planning
from forumreg.rules import registration as registrations
from forumreg.rules.access import Grant, Participant, Staff
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.drafts import LimitsDraft, RoomDraft, SpeakerDraft, TrackDraft
from forumreg.rules.planning import Choice, Touched
from forumreg.rules.registration.recount import recount
from forumreg.tables.account import Role
from forumreg.tables.booking import Commitment, FormerSeat, SessionBooking
from forumreg.tables.journal import JournalEntry
from forumreg.tables.mail import Message, OutboxMessage
from forumreg.tables.registration import Registration
from tests.builders import (
    NOW,
    a_registration,
    a_session,
    a_submission,
    an_event,
    an_organizer,
    mails,
    seats_in,
)

LATER = NOW + timedelta(hours=1)
KEEP, FREE = Choice(clashing="keep", told=True), Choice(clashing="free", told=True)
EARLY = {"start": "2015-10-16T09:30", "end": "2015-10-16T11:00"}
LATE = {"start": "2015-10-16T14:00", "end": "2015-10-16T15:30"}


def at(hour: str, day: int = 16) -> datetime:
    """An hour in Turin."""
    return datetime.fromisoformat(f"2015-10-{day}T{hour}+02:00").astimezone(UTC)


def two_sessions(session: Session, **facts_: Any) -> EventFacts:
    """One in the morning, one in the afternoon, in two rooms."""
    return an_event(
        session,
        **{
            "rooms": (RoomDraft("hall", {"en": "Great Hall"}, 100), RoomDraft("den", {"en": "Den"}, 20)),
            "sessions": (a_session("A", **EARLY), a_session("B", **LATE, room="den")),
            **facts_,
        },
    )


def changed(event: EventFacts, key: str, **facts_: Any) -> Any:
    """The session as it is, with these differences."""
    return replace(planning.draft_of(event, key), **facts_)


def save(session: Session, event: EventFacts, draft: Any, choice: Choice | None = None, **facts_: Any) -> Any:
    """An organizer saves what is there now."""
    entry = facts(session, event.slug).find_planned(draft.id)
    return planning.save(
        session, an_organizer(event), event.slug, draft,
        **{"version": entry.version if entry else None, "now": LATER, "choice": choice or Choice(), **facts_},
    )  # fmt: skip


def bookings(session: Session, person: Registration) -> dict[str, str]:
    """What somebody has, by session."""
    session.rollback()
    rows = session.scalars(select(SessionBooking).where(SessionBooking.registration_id == person.id)).all()
    return {facts(session, "forum").session(row.session_id).key: row.status.value for row in rows}


def news(session: Session) -> list[tuple[str, list[tuple[str, str]]]]:
    """Who was told of changes, and what became of each seat."""
    rows = session.scalars(
        select(OutboxMessage).where(OutboxMessage.message == Message.MOVED).order_by(OutboxMessage.id)
    )
    return [(row.recipient, [(each["session"], each["seat"]) for each in row.payload["changes"]]) for row in rows]


# Making -----------------------------------------------------------------------------------------------------------


def test_a_session_is_made_with_all_that_is_said_of_it(session: Session) -> None:
    event = two_sessions(session)
    draft = a_session(
        "new", "2015-10-17T09:00", "2015-10-17T10:00", room="den", capacity=12, interpreted=("es",),
        speakers=(SpeakerDraft("Ana Sample", "Mayor", "City of Samples"),), held={"press": 2}, lead="ILO",
    )  # fmt: skip

    saved = save(session, event, draft)

    after = facts(session, "forum")
    entry = after.find_session("new")
    assert (saved.outcome, saved.told, entry is not None) == ("created", 0, True)
    assert planning.draft_of(after, "new") == draft
    assert recount(session, event.id) == ()


def test_what_is_wrong_with_a_session_is_told_by_its_fields(session: Session) -> None:
    event = two_sessions(session)
    draft = a_session(
        "new", "2015-10-17T09:00", "2015-10-17T08:00", room="attic", title={"en": "x" * 301}, capacity=5,
        held={"press": 6}, speakers=(SpeakerDraft(""),),
    )  # fmt: skip

    with pytest.raises(Invalid) as refused:
        save(session, event, draft)

    assert [(each.place, each.message) for each in refused.value.problems] == [
        ("ends_at", "before starts_at"),
        ("held", "more places than the session has"),
        ("room", "unknown room “attic”"),
        ("speakers[0].name", "empty"),
        ("title", "longer than 300 signs"),
    ]


def test_only_organizers_of_the_event_plan_it(session: Session) -> None:
    event = two_sessions(session)
    other = Staff(2, grants=(Grant(event.id + 1, Role.ORGANIZER), Grant(event.id, Role.DESK)))

    for act in (
        lambda: planning.save(session, other, "forum", changed(event, "A"), version=1, now=LATER),
        lambda: planning.review(session, other, "forum", changed(event, "A")),
        lambda: planning.move(session, other, "forum", "A", room="den", starts_at=at("18:00"), version=1, now=LATER),
        lambda: planning.remove(session, other, "forum", "A", version=1, now=LATER),
        lambda: planning.set_limits(session, other, "forum", LimitsDraft(), now=LATER),
        lambda: planning.seat(session, other, "forum", "A", "TUR-2222-2222", now=LATER),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(NotFound):
        planning.save(session, an_organizer(event), "nowhere", changed(event, "A"), version=1, now=LATER)


def test_an_older_form_is_told_of_the_change(session: Session) -> None:
    event = two_sessions(session)
    save(session, event, changed(event, "A", title={"en": "First"}))

    with pytest.raises(Changed):
        save(session, event, changed(event, "A", title={"en": "Second"}), version=event.find_session("A").version)

    assert facts(session, "forum").find_session("A").title == {"en": "First"}


def test_a_free_key_is_made_of_a_title(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("city-to-city"), a_session("session", **LATE)))

    made = [planning.new_key(event, title) for title in ("City to city", "الجلسة", "Économie & emploi", "x" * 200)]

    assert made == ["city-to-city-2", "session-2", "economie-emploi", "x" * 48]


# Clashes ----------------------------------------------------------------------------------------------------------


def test_a_change_that_brings_the_public_a_clash_stays_a_proposal(session: Session) -> None:
    event = two_sessions(session)

    saved = save(session, event, changed(event, "B", starts_at=at("10:00"), ends_at=at("11:00"), room="hall"))

    after = facts(session, "forum")
    assert (saved.outcome, [(each.kind, each.other_key) for each in saved.concerns]) == (
        "proposed",
        [("room_taken", "A")],
    )
    assert after.find_session("B").starts_at == at("14:00")
    assert planning.proposed_of(after, "B").starts_at == at("10:00")
    assert [(each.session_key, each.other_key) for each in planning.clashes(after)] == [("A", "B")]


def test_a_proposal_without_its_clash_is_published_or_dropped(session: Session) -> None:
    event = two_sessions(session)
    save(session, event, changed(event, "B", starts_at=at("10:00"), ends_at=at("11:00"), room="hall"))
    proposed = facts(session, "forum")
    who, version = an_organizer(event), proposed.find_session("B").version

    with pytest.raises(Refused, match="clash"):
        planning.publish(session, who, "forum", "B", version=version, now=LATER)
    apart = replace(planning.proposed_of(proposed, "B"), starts_at=at("16:00"), ends_at=at("17:00"))
    assert save(session, event, apart).outcome == "saved"

    save(session, event, changed(facts(session, "forum"), "B", starts_at=at("10:00"), ends_at=at("11:00"), room="hall"))
    version = facts(session, "forum").find_session("B").version
    planning.discard(session, who, "forum", "B", version=version, now=LATER)
    assert planning.proposed_of(facts(session, "forum"), "B") is None
    assert facts(session, "forum").find_session("B").starts_at == at("16:00")


def test_one_speaker_in_two_rooms_is_a_clash_however_the_name_is_written(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("A", speakers=(SpeakerDraft("José  Núñez"),)),))

    saved = save(session, event, a_session("B", room="den", speakers=(SpeakerDraft("JOSE NUNEZ"),)))

    assert (saved.outcome, [(each.kind, each.speaker) for each in saved.concerns]) == (
        "draft",
        [("speaker_elsewhere", "JOSE NUNEZ")],
    )
    assert facts(session, "forum").find_session("B") is None


def test_a_clash_that_was_there_before_does_not_keep_a_new_title_from_the_public(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("A"), a_session("B")))

    assert save(session, event, changed(event, "B", title={"en": "New"})).outcome == "saved"


def test_breaks_and_sessions_that_touch_are_in_nobodys_way(session: Session) -> None:
    event = two_sessions(session)

    coffee = a_session("coffee", "2015-10-16T10:00", "2015-10-16T10:30", kind="break", booking="none")
    next_one = a_session("next", "2015-10-16T11:00", "2015-10-16T12:00")

    assert [save(session, event, each).outcome for each in (coffee, next_one)] == ["created", "created"]


def test_what_an_organizer_should_know_is_said(session: Session) -> None:
    event = two_sessions(session)
    late = replace(
        a_session("night", room="den", capacity=30),
        starts_at=datetime(2015, 10, 18, 21, 0, tzinfo=UTC),
        ends_at=datetime(2015, 10, 18, 23, 30, tzinfo=UTC),
    )

    found = planning.review(session, an_organizer(event), "forum", late)

    assert [(each.kind, each.number) for each in found.concerns] == [("above_room", 20), ("outside_days", None)]


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        ("2015-10-25T02:30", ["00:30", "01:30"]),  # comes twice
        ("2015-03-29T02:30", []),  # does not exist
        ("2015-10-16T09:30", ["07:30"]),
    ],
)
def test_an_hour_comes_once_twice_or_never(local: str, hours: list[str]) -> None:
    found = planning.local_instants(ZoneInfo("Europe/Rome"), datetime.fromisoformat(local))

    assert [f"{each:%H:%M}" for each in found] == hours


# People -----------------------------------------------------------------------------------------------------------


def test_nothing_is_moved_under_people_before_the_organizer_knows_how_many(session: Session) -> None:
    event = two_sessions(session)
    for keys in (("A",), ("A", "B"), ("B",)):
        a_registration(session, event, sessions=seats_in(*keys))
    moved = changed(event, "A", starts_at=at("14:30"), ends_at=at("16:00"))

    found = planning.review(session, an_organizer(event), "forum", moved)
    with pytest.raises(Refused) as refused:
        save(session, event, moved)

    assert found.touched == refused.value.facts["touched"] == Touched(booked=2, clashing=1)
    assert facts(session, "forum").find_session("A").starts_at == at("09:30")
    assert news(session) == []


@pytest.mark.parametrize(
    ("choice", "left", "word"),
    [(KEEP, {"A": "clashing", "B": "booked"}, "clashing"), (FREE, {"B": "booked"}, "freed")],
)
def test_seats_that_clash_after_a_move_are_kept_or_freed_as_chosen(
    session: Session, choice: Choice, left: dict[str, str], word: str
) -> None:
    event = two_sessions(session)
    free = a_registration(session, event, sessions=seats_in("A"))
    busy = a_registration(session, event, sessions=seats_in("A", "B"))

    saved = save(session, event, changed(event, "A", starts_at=at("14:30"), ends_at=at("16:00")), choice)

    assert (saved.outcome, saved.told) == ("saved", 2)
    assert (bookings(session, free), bookings(session, busy)) == ({"A": "booked"}, left)
    assert news(session) == [(free.email, [("A", "kept")]), (busy.email, [("A", word)])]
    assert recount(session, event.id) == ()


def test_a_kept_clash_is_made_whole_when_the_other_session_is_left(session: Session) -> None:
    event = two_sessions(session)
    busy = a_registration(session, event, sessions=seats_in("A", "B"))
    save(session, event, changed(event, "A", starts_at=at("14:30"), ends_at=at("16:00")), KEEP)
    session.refresh(busy)
    who = {name: getattr(busy, name) for name in ("given_name", "family_name", "email")}

    form = a_submission(sessions=seats_in("A"), **who)
    registrations.change(session, Participant(busy.id), busy.reference, form, now=LATER, version=busy.version)

    assert bookings(session, busy) == {"A": "booked"}
    assert recount(session, event.id) == ()


def test_a_freed_seat_goes_to_who_waits_and_is_free(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("A", **EARLY, capacity=1), a_session("B", **LATE, room="den")))
    busy = a_registration(session, event, sessions=seats_in("A", "B"))
    waits = a_registration(session, event, sessions=seats_in("A", waitlist=True))

    save(session, event, changed(event, "A", starts_at=at("14:30"), ends_at=at("16:00")), FREE)

    assert (bookings(session, busy), bookings(session, waits)) == ({"B": "booked"}, {"A": "booked"})
    assert mails(session)[-3:] == [("moved", busy.email), ("moved", waits.email), ("changed", waits.email)]
    assert recount(session, event.id) == ()


def test_a_move_that_frees_a_calendar_gives_the_seat_that_waited_for_it(session: Session) -> None:
    sessions = (a_session("A", **EARLY), a_session("B", "2015-10-16T10:00", "2015-10-16T12:00", room="den"))
    event = two_sessions(session, sessions=sessions)
    both = a_registration(session, event, sessions=(*seats_in("A"), *seats_in("B", waitlist=True)))

    save(session, event, changed(event, "A", starts_at=at("14:30"), ends_at=at("16:00")), KEEP)

    assert bookings(session, both) == {"A": "booked", "B": "booked"}
    assert recount(session, event.id) == ()


def test_another_room_moves_nobody_but_tells_them(session: Session) -> None:
    event = two_sessions(session)
    mine = a_registration(session, event, sessions=seats_in("A"))

    save(session, event, changed(event, "A", room="den"), Choice(told=True))

    assert news(session) == [(mine.email, [("A", "kept")])]
    [row] = session.scalars(select(Commitment)).all()
    assert (row.starts_at, row.registration_id) == (at("09:30"), mine.id)


def test_a_room_that_is_too_small_sends_the_latest_to_the_line(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("A", capacity=3),))
    people = [
        a_registration(session, event, NOW + timedelta(minutes=number), sessions=seats_in("A")) for number in range(3)
    ]
    smaller = changed(event, "A", capacity=1)

    assert planning.review(session, an_organizer(event), "forum", smaller).touched == Touched(over=2)
    with pytest.raises(Refused, match="touched"):
        save(session, event, smaller, Choice(told=True))
    save(session, event, smaller, Choice(over="waitlist", told=True))

    assert [bookings(session, each)["A"] for each in people] == ["booked", "waitlisted", "waitlisted"]
    assert [word for _who, [(_key, word)] in news(session)] == ["waitlisted", "waitlisted"]
    assert recount(session, event.id) == ()


def test_a_smaller_room_shrinks_the_sessions_that_follow_it(session: Session) -> None:
    event = two_sessions(session, rooms=(RoomDraft("hall", {"en": "Hall"}, 2),), sessions=(a_session("A"),))
    people = [
        a_registration(session, event, NOW + timedelta(minutes=number), sessions=seats_in("A")) for number in range(2)
    ]
    smaller, who = RoomDraft("hall", {"en": "Hall"}, 1), an_organizer(event)

    with pytest.raises(Refused, match="touched"):
        planning.save_room(session, who, "forum", smaller, version=1, now=LATER)
    planning.save_room(session, who, "forum", smaller, version=1, now=LATER, choice=Choice(over="waitlist", told=True))

    assert [bookings(session, each)["A"] for each in people] == ["booked", "waitlisted"]
    assert recount(session, event.id) == ()


def test_a_removed_session_tells_its_people_and_leaves_their_calendars_a_trace(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("A", capacity=1), a_session("B", **LATE, room="den")))
    seated = a_registration(session, event, sessions=seats_in("A", "B"))
    waits = a_registration(session, event, sessions=seats_in("A", waitlist=True))
    who = an_organizer(event)

    assert planning.touched_by_removal(session, event, "A") == Touched(booked=1, waiting=1)
    with pytest.raises(Refused, match="touched"):
        planning.remove(session, who, "forum", "A", version=1, now=LATER)
    removed = planning.remove(session, who, "forum", "A", version=1, now=LATER, told=True)

    assert removed.told == 2
    assert (bookings(session, seated), bookings(session, waits)) == ({"B": "booked"}, {})
    assert news(session) == [(seated.email, [("A", "freed")]), (waits.email, [("A", "waiting")])]
    assert [row.session_key for row in session.scalars(select(FormerSeat))] == ["A"]
    assert facts(session, "forum").find_planned("A") is None
    assert recount(session, event.id) == ()


def test_a_session_with_people_is_not_hidden_or_closed_under_them(session: Session) -> None:
    event = two_sessions(session)
    a_registration(session, event, sessions=seats_in("A"))

    for facts_ in ({"visibility": "draft"}, {"booking": "none"}):
        with pytest.raises(Refused) as refused:
            save(session, event, changed(event, "A", **facts_), Choice(told=True))
        with pytest.raises(Refused) as told:
            planning.review(session, an_organizer(event), "forum", changed(event, "A", **facts_))
        for refusal in (refused.value, told.value):
            assert (refusal.reason, refusal.facts) == ("has_bookings", {"number": 1})


def test_a_removed_room_leaves_its_sessions_their_places(session: Session) -> None:
    event = two_sessions(session)
    mine = a_registration(session, event, sessions=seats_in("B"))

    removed = planning.remove_room(session, an_organizer(event), "forum", "den", version=1, now=LATER, told=True)

    entry = facts(session, "forum").find_session("B")
    assert (removed.told, entry.room, entry.capacity) == (1, None, 20)
    assert bookings(session, mine) == {"B": "booked"}


def test_rooms_and_tracks_are_made_changed_and_removed_by_version(session: Session) -> None:
    event = two_sessions(session)
    who = an_organizer(event)
    planning.save_track(session, who, "forum", TrackDraft("jobs", {"en": "Jobs"}), version=None, now=LATER)
    planning.save_track(session, who, "forum", TrackDraft("jobs", {"en": "Decent jobs"}), version=1, now=LATER)

    with pytest.raises(Changed):
        planning.save_track(session, who, "forum", TrackDraft("jobs", {"en": "Old"}), version=1, now=LATER)
    with pytest.raises(Invalid) as refused:
        planning.save_room(session, who, "forum", RoomDraft("x", {}, -1), version=None, now=LATER)

    assert [(each.place, each.message) for each in refused.value.problems] == [
        ("capacity", "below 0"),
        ("name", "required"),
    ]
    assert [each.title for each in facts(session, "forum").tracks] == [{"en": "Decent jobs"}]
    planning.remove_track(session, who, "forum", "jobs", version=2, now=LATER)
    assert facts(session, "forum").tracks == ()


def test_a_copy_is_a_draft_of_its_own(session: Session) -> None:
    event = two_sessions(session)

    saved = planning.duplicate(session, an_organizer(event), "forum", "A", now=LATER)

    after = facts(session, "forum")
    copy, first = planning.draft_of(after, saved.key), planning.draft_of(after, "A")
    assert (saved.key, saved.outcome, after.find_session(saved.key)) == ("a", "created", None)
    assert replace(copy, id="A", visibility="public") == first


# Hands ------------------------------------------------------------------------------------------------------------


def test_seats_by_invitation_are_given_and_taken_by_organizers_alone(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("A", booking="invitation", capacity=1), a_session("B", **LATE)))
    who, mine = an_organizer(event), a_registration(session, event, sessions=seats_in("B"))
    other = a_registration(session, event)

    planning.seat(session, who, "forum", "A", mine.reference, now=LATER)
    with pytest.raises(Refused, match="session_full"):
        planning.seat(session, who, "forum", "A", other.reference, now=LATER)
    with pytest.raises(Refused, match="already"):
        planning.seat(session, who, "forum", "A", mine.reference, now=LATER)

    assert bookings(session, mine) == {"A": "booked", "B": "booked"}
    planning.unseat(session, who, "forum", "A", mine.reference, now=LATER)
    assert bookings(session, mine) == {"B": "booked"}
    assert recount(session, event.id) == ()


def test_only_a_seat_is_taken_back_and_never_a_place_in_line(session: Session) -> None:
    event = two_sessions(session, sessions=(a_session("A", capacity=1), a_session("B", **LATE)))
    a_registration(session, event, sessions=seats_in("A"))
    waits = a_registration(session, event, sessions=seats_in("A", waitlist=True))

    for key in ("A", "B"):
        with pytest.raises(Refused, match="not_seated"):
            planning.unseat(session, an_organizer(event), "forum", key, waits.reference, now=LATER)

    assert bookings(session, waits) == {"A": "waitlisted"}


def test_a_seat_by_hand_is_refused_where_the_person_is_elsewhere(session: Session) -> None:
    sessions = (a_session("A", booking="invitation"), a_session("B", room="den"))
    event = two_sessions(session, sessions=sessions)
    mine = a_registration(session, event, sessions=seats_in("B"))

    with pytest.raises(Refused, match="overlap"):
        planning.seat(session, an_organizer(event), "forum", "A", mine.reference, now=LATER)


# What the public is told ------------------------------------------------------------------------------------------


def test_the_public_is_told_once_what_changed_and_nothing_of_drafts(session: Session) -> None:
    event = two_sessions(session)
    save(session, event, a_session("C", "2015-10-17T09:00", "2015-10-17T10:00"))
    save(session, event, changed(event, "A", room="den"))
    save(session, event, changed(facts(session, "forum"), "A", title={"en": "Renamed"}))
    save(session, event, a_session("hidden", "2015-10-17T12:00", "2015-10-17T13:00", visibility="draft"))
    planning.remove(session, an_organizer(event), "forum", "C", version=1, now=LATER)

    rows = session.scalars(
        select(JournalEntry).where(JournalEntry.subject_kind == "session").order_by(JournalEntry.id)
    ).all()

    assert [(row.action, (row.after or row.before)["key"]) for row in rows] == [
        ("session_published", "C"),
        ("session_moved", "A"),
        ("session_changed", "A"),
        ("session_withdrawn", "C"),
    ]


# A whole programme ------------------------------------------------------------------------------------------------


def test_a_programme_that_is_brought_in_adds_and_changes_and_leaves_the_rest(session: Session) -> None:
    event = two_sessions(session)
    who = an_organizer(event)
    programme = planning.ProgrammeDraft(
        rooms=(RoomDraft("attic", {"en": "Attic"}, 8),),
        tracks=(TrackDraft("jobs", {"en": "Jobs"}),),
        sessions=(
            replace(planning.draft_of(event, "A"), title={"en": "Renamed"}),
            a_session("C", "2015-10-17T09:00", "2015-10-17T10:00", room="attic", track="jobs"),
        ),
    )

    said = planning.compare(event, programme)
    done = planning.replace_programme(session, who, "forum", programme, now=LATER)

    assert (said.added, said.changed, said.removed, said.rooms_added) == (("C",), {"A": ("title",)}, ("B",), ("attic",))
    after = facts(session, "forum")
    assert [entry.key for entry in after.sessions] == ["A", "B", "C"]
    assert done.comparison.removed == ()
    again = planning.compare(after, programme)
    assert (again.is_empty, again.same) == (True, ("A", "C"))
    assert recount(session, event.id) == ()


def test_a_programme_that_is_wrong_changes_nothing(session: Session) -> None:
    event = two_sessions(session)
    programme = planning.ProgrammeDraft(
        sessions=(a_session("C"), a_session("D", "2015-10-17T09:00", "2015-10-17T08:00", room="attic"))
    )

    with pytest.raises(Invalid) as refused:
        planning.replace_programme(session, an_organizer(event), "forum", programme, now=LATER)

    assert [each.place for each in refused.value.problems] == ["sessions[1].ends_at", "sessions[1].room"]
    assert facts(session, "forum").version == event.version


def test_what_a_programme_leaves_out_goes_only_if_asked_and_told(session: Session) -> None:
    event = two_sessions(session)
    who = an_organizer(event)
    mine = a_registration(session, event, sessions=seats_in("A", "B"))
    programme = planning.ProgrammeDraft(sessions=(replace(planning.draft_of(event, "A"), room="den"),))

    with pytest.raises(Refused, match="touched"):
        planning.replace_programme(session, who, "forum", programme, now=LATER, removing=True)
    done = planning.replace_programme(
        session, who, "forum", programme, now=LATER, choice=Choice(told=True), removing=True
    )

    assert (done.told, done.comparison.removed) == (1, ("B",))
    assert news(session) == [(mine.email, [("B", "freed"), ("A", "kept")])]
    assert recount(session, event.id) == ()
