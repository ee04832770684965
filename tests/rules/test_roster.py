"""Rosters show whom their scope shows, in the columns it grants, and leave no other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from forumreg.base.errors import Forbidden, Invalid, NotFound
from forumreg.rules import partner, registration, roster
from forumreg.rules.access import Anonymous, Grant, Participant, Shell, Staff, Worker
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.checks import ROSTER_KEYS
from forumreg.rules.event.drafts import FieldDraft, OptionDraft
from forumreg.rules.event.reading import touch
from forumreg.rules.roster import Question, Scope, Value
from forumreg.tables.account import Role
from forumreg.tables.event import EventOrganisation, Organisation
from forumreg.tables.journal import JournalEntry
from forumreg.tables.partner import PartnerScope
from forumreg.tables.registration import Consent, Registration, Status
from tests.builders import (
    NOW,
    a_draft,
    a_registration,
    a_session,
    a_submission,
    an_account,
    an_event,
    an_organizer,
    every_kind_of_question,
    seats_in,
)

SESSIONS = (
    a_session("opening", "2015-10-15T09:30", "2015-10-15T11:00"),
    a_session("finance", "2015-10-16T09:30", "2015-10-16T11:00"),
    a_session("food", "2015-10-16T14:30", "2015-10-16T16:00"),
)


def the_id_of(session: Session, short_name: str) -> int:
    named = select(EventOrganisation.organisation_id).where(EventOrganisation.short_name == short_name)
    return session.scalars(named.distinct()).one()


def somebody_of(event: EventFacts, *organisation_ids: int, account_id: int = 2) -> Staff:
    return Staff(account_id, grants=tuple(Grant(event.id, Role.PARTNER, each) for each in organisation_ids))


def a_person(session: Session, event: EventFacts, name: str, *sharing: int, **facts_: Any) -> Registration:
    return a_registration(
        session, event, family_name=name, given_name="", email=f"{name.lower()}@secret.example.org",
        sharing=frozenset(sharing), **facts_,
    )  # fmt: skip


def grant_email(session: Session, event: EventFacts, organisation_id: int) -> EventFacts:
    partner.set_scope(
        session, an_organizer(event), event, organisation_id, extra_columns=["email"], purpose={}, now=NOW
    )
    return facts(session, event.slug)


def names(session: Session, actor: Staff, scope: Scope, question: Question | None = None) -> list[Value]:
    return [row["family_name"] for row in roster.page(session, actor, scope, question or Question()).rows]


def everything_taken(session: Session, actor: Staff, scope: Scope) -> str:
    kept: list[tuple[Value, ...]] = []
    roster.take(session, actor, scope, Question(), "csv", kept.extend, now=NOW)
    return repr(kept)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that reads and writes registrants, as it goes to the database."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE")):
            seen.append(f"{statement} {parameters}")

    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    yield seen
    sqlalchemy_event.remove(engine, "before_cursor_execute", note)


def test_the_columns_are_those_that_no_question_may_be_called() -> None:
    assert set(roster.COLUMNS) == ROSTER_KEYS
    assert set(roster.PARTNER_COLUMNS) < set(roster.COLUMNS)


def test_a_partner_sees_those_who_agreed_and_hold_a_place_and_nobody_else(session: Session) -> None:
    event = an_event(session)
    other_event = an_event(session, "other")
    ilo, uclg = the_id_of(session, "ILO"), the_id_of(session, "UCLG")
    a_person(session, event, "Agreed", ilo)
    a_person(session, event, "Both", ilo, uclg)
    a_person(session, event, "Undecided", ilo, category="press")
    a_person(session, event, "Silent")
    a_person(session, event, "Elsewhere", uclg)
    a_person(session, other_event, "Otherevent", ilo)
    withdrawn = a_person(session, event, "Withdrawn", ilo)
    take_back(session, withdrawn, ilo)
    cancelled = a_person(session, event, "Cancelled", ilo)
    registration.cancel(session, an_organizer(event), cancelled.reference, now=NOW)
    declined = a_person(session, event, "Declined", ilo, category="press")
    registration.decline(session, an_organizer(event), declined.reference, reason="No.", now=NOW)
    waiting = a_person(session, event, "Waiting", ilo)
    registration.waitlist(session, an_organizer(event), waiting.reference, now=NOW)
    partner_, scope = somebody_of(event, ilo), roster.partner_scope(event, ilo)

    assert names(session, partner_, scope) == ["Agreed", "Both", "Undecided"]
    assert roster.count(session, partner_, scope) == 3
    assert roster.not_consenting(session, partner_, scope) == 3  # Silent, Elsewhere, Withdrawn
    taken = everything_taken(session, partner_, scope)
    for leaking in ("Silent", "Elsewhere", "Otherevent", "Withdrawn", "Cancelled", "Declined", "Waiting"):
        assert leaking not in taken
        assert names(session, partner_, scope, Question(search=leaking)) == []


def take_back(session: Session, person: Registration, organisation_id: int) -> None:
    consent = session.scalars(
        select(Consent).where(Consent.registration_id == person.id, Consent.organisation_id == organisation_id)
    ).one()
    consent.withdrawn_at = NOW
    session.commit()


def test_who_agreed_again_is_there_once(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    person = a_person(session, event, "Agreed", ilo)
    take_back(session, person, ilo)
    session.add(Consent(registration_id=person.id, organisation_id=ilo, given_at=NOW))
    session.commit()

    page = roster.page(session, somebody_of(event, ilo), roster.partner_scope(event, ilo), Question())

    assert [row["family_name"] for row in page.rows] == ["Agreed"]
    assert (page.total, page.filtered) == (1, 1)


def test_columns_that_are_not_granted_are_never_asked_of_the_database(session: Session, engine: Engine) -> None:
    event = an_event(session, fields=(FieldDraft("diet", "text", {"en": "Diet"}),))
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "Agreed", ilo, phone="+39 011 555 0100", answers={"diet": "halal"})
    partner_, scope = somebody_of(event, ilo), roster.partner_scope(event, ilo)

    with statements(engine) as seen:
        page = roster.page(session, partner_, scope, Question(search="agreed", country="CI"))
        taken = everything_taken(session, partner_, scope)

    sql = "\n".join(seen)
    for column in (
        "email",
        "address_key",
        "phone",
        "answers",
        "language",
        "received_at",
        "badge_name",
        "person_key",
    ):
        assert f"registration.{column}" not in sql
    assert tuple(page.rows[0]) == scope.keys == roster.PARTNER_COLUMNS
    assert "secret.example.org" not in repr(page) + taken
    assert "halal" not in repr(page) + taken


def test_an_address_is_shown_and_found_once_it_is_granted(session: Session) -> None:
    event = an_event(session)
    ilo, uclg = the_id_of(session, "ILO"), the_id_of(session, "UCLG")
    event = grant_email(session, event, ilo)
    a_person(session, event, "Agreed", ilo, uclg)
    granted, default = roster.partner_scope(event, ilo), roster.partner_scope(event, uclg)

    page = roster.page(session, somebody_of(event, ilo), granted, Question(search="AGREED@secret"))

    assert [row["email"] for row in page.rows] == ["agreed@secret.example.org"]
    assert "email" not in default.columns
    assert names(session, somebody_of(event, uclg), default, Question(search="agreed@secret")) == []
    assert names(session, somebody_of(event, uclg), default, Question(search="secret")) == []


def test_a_partner_finds_nobody_by_a_name_that_only_the_badge_shows(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "Ångström", ilo, badge_name="Zorro", organisation="Ville de Besançon")
    partner_, scope = somebody_of(event, ilo), roster.partner_scope(event, ilo)
    name_alone = replace(scope, columns=("given_name", "family_name"))
    status_alone = replace(scope, columns=("status",))

    assert names(session, an_organizer(event), roster.organizer_scope(event), Question(search="zorro")) == ["Ångström"]
    assert names(session, partner_, scope, Question(search="zorro")) == []
    for search in ("ANGSTROM", "besancon", "ville angs"):
        assert names(session, partner_, scope, Question(search=search)) == ["Ångström"]
    assert roster.count(session, partner_, name_alone, Question(search="angstrom")) == 1
    assert roster.count(session, partner_, name_alone, Question(search="besancon")) == 0
    assert roster.count(session, partner_, status_alone, Question(search="angstrom")) == 0


def test_the_reference_that_a_known_person_was_answered_finds_the_registration(session: Session) -> None:
    event, other = an_event(session), an_event(session, "other")
    ilo = the_id_of(session, "ILO")
    form: dict[str, Any] = {"given_name": "Awa", "email": "awa@example.org", "sharing": frozenset({ilo})}
    for each in (event, other):
        a_registration(session, each, family_name="Known", **form)
    a_person(session, event, "Stranger", ilo)
    alias = registration.submit(
        session, Anonymous(), event, a_submission(family_name="Known", **form), now=NOW
    ).reference
    organizer, own = an_organizer(event), roster.organizer_scope(event)
    partner_, granted = somebody_of(event, ilo), roster.partner_scope(event, ilo)

    for search in (alias, alias.lower(), alias.replace("-", "")):
        assert names(session, organizer, own, Question(search=search)) == ["Known"]
        assert names(session, partner_, granted, Question(search=search)) == []
    assert roster.count(session, organizer, own, Question(search=alias)) == 1
    assert names(session, an_organizer(other), roster.organizer_scope(other), Question(search=alias)) == []


def test_a_grant_that_is_no_column_of_ours_opens_nothing(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    session.query(PartnerScope).delete()
    session.add(PartnerScope(event_id=event.id, organisation_id=ilo, extra_columns=["phone", "person_key"]))
    touch(session, event.id)
    session.commit()

    assert roster.partner_scope(facts(session, "forum"), ilo).columns == roster.PARTNER_COLUMNS


def test_partners_see_the_answers_that_are_meant_for_them(session: Session) -> None:
    event = an_event(
        session,
        fields=(
            FieldDraft("theme", "text", {"en": "Theme"}, audience="co-organizers"),
            FieldDraft("club", "text", {"en": "Club"}, audience="public"),
            FieldDraft("diet", "text", {"en": "Diet"}),
        ),
    )
    ilo = the_id_of(session, "ILO")

    assert roster.partner_scope(event, ilo).fields == ("club", "theme")
    assert roster.organizer_scope(event).fields == ("club", "diet", "theme")


@pytest.mark.parametrize(
    "wider",
    [
        {"columns": roster.COLUMNS},
        {"statuses": ()},
        {"statuses": (Status.DECLINED,)},
        {"consent_to": None},
        {"fields": ("diet",)},
    ],
    ids=["columns", "all statuses", "another status", "no consent", "a question"],
)
def test_a_scope_that_a_partner_widens_is_refused(session: Session, wider: dict[str, Any]) -> None:
    event = an_event(session, fields=(FieldDraft("diet", "text", {"en": "Diet"}),))
    ilo = the_id_of(session, "ILO")
    scope = replace(roster.partner_scope(event, ilo), **wider)

    assert_refused_everywhere(session, somebody_of(event, ilo), scope)


def assert_refused_everywhere(session: Session, actor: Any, scope: Scope) -> None:
    for read in (roster.page, roster.rows, roster.count):
        with pytest.raises((Forbidden, NotFound)):
            read(session, actor, scope, Question())
    with pytest.raises((Forbidden, NotFound)):
        roster.not_consenting(session, actor, scope)
    with pytest.raises((Forbidden, NotFound)):
        roster.taken(session, actor, scope)
    with pytest.raises((Forbidden, NotFound)):
        roster.take(session, actor, scope, Question(), "csv", consume, now=NOW)
    assert session.scalars(select(JournalEntry).where(JournalEntry.action == "roster_taken")).all() == []


def consume(rows: Iterable[object]) -> None:
    for _row in rows:
        raise AssertionError("a row was handed out")


def test_who_may_not_read_a_roster_gets_nothing(session: Session) -> None:
    event, other = an_event(session), an_event(session, "other")
    ilo, uclg = the_id_of(session, "ILO"), the_id_of(session, "UCLG")
    person = a_person(session, event, "Agreed", ilo)
    strangers = [
        Anonymous(),
        Participant(person.id),
        Worker(),
        Staff(1),
        Staff(1, grants=(Grant(event.id, Role.DESK),)),
        somebody_of(event, uclg),
        somebody_of(other, ilo),
        an_organizer(other),
    ]

    for stranger in strangers:
        assert_refused_everywhere(session, stranger, roster.partner_scope(event, ilo))
        assert_refused_everywhere(session, stranger, roster.organizer_scope(event))
    assert_refused_everywhere(session, somebody_of(event, ilo), roster.organizer_scope(event))


def test_organizers_admins_and_the_shell_see_everybody_in_every_column(session: Session) -> None:
    event = an_event(session, fields=every_kind_of_question())
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "Agreed", ilo, answers={"visa": False})
    person = a_person(session, event, "Cancelled", answers={"visa": True, "passport": "X1"})
    registration.cancel(session, an_organizer(event), person.reference, now=NOW)
    scope = roster.organizer_scope(event)

    for actor in (an_organizer(event), Staff(9, is_admin=True), Shell()):
        assert [row[5] for row in roster.rows(session, actor, scope, Question())] == ["Agreed", "Cancelled"]
    assert scope.keys == (
        *roster.COLUMNS, "arrival", "bring", "lunch", "passport", "staff", "themes", "visa", "works-in",
    )  # fmt: skip


def test_a_row_says_what_was_answered_in_the_columns_of_the_contract(session: Session) -> None:
    themes = FieldDraft(
        "themes", "choices", {"en": "Themes"},
        options=(OptionDraft("jobs", {"en": "Jobs"}), OptionDraft("food", {"en": "Food"})),
    )  # fmt: skip
    event = an_event(
        session,
        sessions=SESSIONS,
        fields=(
            themes,
            FieldDraft("arrival", "date", {"en": "Arrival"}),
            FieldDraft("staff", "number", {"en": "Staff"}),
            FieldDraft("visa", "yes-no", {"en": "Visa"}),
            FieldDraft("bring", "text", {"en": "Bring"}),
        ),
    )
    received = datetime(2015, 9, 2, 12, 30, 5, 250_000, tzinfo=UTC)
    person = a_registration(
        session, event, received,
        honorific="H.E.", given_name="مريم", family_name="بن عيسى", email="m@example.org",
        organisation="مدينة صفاقس", job_title="Mayor", country="TN", language="fr", phone="+216 71 555 010",
        sessions=seats_in("food", "opening"),
        answers={"themes": ["food", "jobs"], "arrival": "2015-10-14", "staff": "12", "visa": True},
    )  # fmt: skip

    (row,) = roster.rows(session, an_organizer(event), roster.organizer_scope(event), Question())

    assert dict(zip(roster.organizer_scope(event).keys, row, strict=True)) == {
        "reference": person.reference,
        "status": "confirmed",
        "category": "local",
        "honorific": "H.E.",
        "given_name": "مريم",
        "family_name": "بن عيسى",
        "organisation": "مدينة صفاقس",
        "job_title": "Mayor",
        "country": "TN",
        "country_name": "Tunisia",
        "language": "fr",
        "email": "m@example.org",
        "phone": "+216 71 555 010",
        "delegation": "",
        "sessions": (event.find_session("opening"), event.find_session("food")),
        "registered_at": received,
        "checked_in_at": None,
        "arrival": date(2015, 10, 14),
        "bring": None,
        "staff": 12,
        "themes": ("jobs", "food"),
        "visa": True,
    }


def test_a_person_is_found_as_pages_write_them(session: Session) -> None:
    event = an_event(session)
    actor, scope = an_organizer(event), roster.organizer_scope(event)
    ilo = the_id_of(session, "ILO")
    listed = replace(scope, columns=("reference", "family_name"))
    person = a_registration(
        session, event, honorific="Hon.", given_name="Achieng Zoë", family_name="Adeyemi", sharing=frozenset({ilo})
    )
    a_registration(session, event, honorific="Hon.", given_name="Awa", family_name="Diallo", sharing=frozenset({ilo}))
    code = person.reference[4:].lower()

    for search in (
        "Adeyemi, Achieng Zoë", "Hon. Achieng Zoë Adeyemi", "hon Adeyemi", "Adeyemi; Achieng", "Adeyemi – Achieng",
        code, code.replace("-", ""), code.replace("-", "\u2011"), code[1:7].replace("-", ""),
    ):  # fmt: skip
        assert names(session, actor, listed, Question(search=search)) == ["Adeyemi"], search
    for search in ("Hon. Achieng Zoë Adeyemi", "Adeyemi, Achieng"):
        assert names(session, somebody_of(event, ilo), roster.partner_scope(event, ilo), Question(search=search)) == [
            "Adeyemi"
        ]
    for search in ("Adeyemi, Awa", "hon", ",", "-", "– ,"):
        assert names(session, actor, listed, Question(search=search)) == []
    nameless = replace(roster.partner_scope(event, ilo), columns=("status", "family_name", "given_name"))
    assert names(session, somebody_of(event, ilo), nameless, Question(search="hon adeyemi")) == []


def test_the_list_is_searched_filtered_and_counted(session: Session) -> None:
    event = an_event(session, sessions=SESSIONS)
    actor, scope = an_organizer(event), roster.organizer_scope(event)
    zoe = a_registration(
        session, event, given_name="Zoë", family_name="Ångström", organisation="Ville d’Odienné 100%",
        country="FR", email="zoe@example.org", sessions=seats_in("food"),
    )  # fmt: skip
    a_person(session, event, "Rossi", country="IT", category="press", organisation="City_of Turin")

    def found(**question: Any) -> list[Value]:
        return names(session, actor, scope, Question(**question))

    assert found(search="angstrom ZOE") == ["Ångström"]
    assert found(search="odienne") == ["Ångström"]
    assert found(search="zoe@EXAMPLE.org") == ["Ångström"]
    assert found(search="100%") == ["Ångström"]
    assert found(search="%") == ["Ångström"]
    assert found(search="y_o") == ["Rossi"]
    assert found(search="\u200b ¨") == []
    assert [found(search=f"d{sign}Odienne") for sign in "'’´"] == [["Ångström"]] * 3
    assert found(search=f" {zoe.reference.lower().replace('-', ' ')} ") == ["Ångström"]
    assert found(search=zoe.reference[4:8]) == ["Ångström"]
    assert found(statuses=("pending",)) == ["Rossi"]
    assert found(statuses=("pending", "confirmed")) == ["Ångström", "Rossi"]
    assert found(statuses=("gone",)) == []
    assert found(category="press") == ["Rossi"]
    assert found(category="kings") == []
    assert found(country="IT") == ["Rossi"]
    assert found(session="food") == ["Ångström"]
    assert found(session="dance") == []
    assert [found(waits_for=key) for key in ("food", "dance")] == [[], []]
    assert found(since=(NOW - timedelta(seconds=1)).isoformat()) == ["Ångström", "Rossi"]
    for since in (NOW.isoformat(), "yesterday", "2015-01-01T00:00:00", "9999-99-99T00:00Z", "0001-01-01T00:00+10:00"):
        assert found(since=since) == []
    assert found(has_room=True) == []
    page = roster.page(session, actor, scope, Question(country="IT"))
    assert (page.total, page.filtered, page.first, page.last) == (2, 1, 1, 1)
    assert roster.count(session, actor, scope, Question(country="IT")) == 1


def test_a_partner_may_not_choose_or_order_rows_by_what_is_not_shown(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    partner_, scope = somebody_of(event, ilo), roster.partner_scope(event, ilo)
    person = a_person(session, event, "Agreed", ilo)

    with pytest.raises(Forbidden):
        roster.page(session, partner_, scope, Question(order="received"))
    for asked in (Question(waits_for="opening"), Question(since=NOW.isoformat())):
        with pytest.raises(Forbidden):
            roster.page(session, partner_, scope, asked)
    with pytest.raises(Forbidden):
        roster.page(session, partner_, replace(scope, columns=("family_name",)), Question(country="CI"))
    assert names(session, partner_, scope, Question(search=person.reference)) == []


@pytest.mark.parametrize("order", ["name", "received"])
def test_pages_go_forth_and_back_without_gaps_and_ties(session: Session, order: str) -> None:
    event = an_event(session)
    actor, scope = an_organizer(event), roster.organizer_scope(event)
    for number in range(11):  # three of each name, received two at a time
        a_registration(
            session, event, NOW + timedelta(minutes=number // 2),
            family_name=f"Name{number % 4}", given_name="", email=f"p{number}@example.org",
        )  # fmt: skip
    whole = [row[0] for row in roster.rows(session, actor, scope, Question(order=order))]
    question = Question(order=order, limit=4)

    first = roster.page(session, actor, scope, question)
    second = roster.page(session, actor, scope, replace(question, after=first.next))
    third = roster.page(session, actor, scope, replace(question, after=second.next))
    back = roster.page(session, actor, scope, replace(question, before=third.previous))
    start = roster.page(session, actor, scope, replace(question, before=back.previous))

    assert len(whole) == len(set(whole)) == 11
    assert [row["reference"] for page in (first, second, third) for row in page.rows] == whole
    assert [(page.first, page.last) for page in (first, second, third)] == [(1, 4), (5, 8), (9, 11)]
    assert (first.previous, third.next) == ("", "")
    assert back == second
    assert start == first


def test_a_page_after_somebody_who_left_the_scope_is_the_first(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "Agreed", ilo)
    silent = a_person(session, event, "Aaron")
    partner_, scope = somebody_of(event, ilo), roster.partner_scope(event, ilo)

    for cursor in (silent.reference, "TUR-2222-2222", "x"):
        assert names(session, partner_, scope, Question(after=cursor)) == ["Agreed"]
        assert names(session, partner_, scope, Question(before=cursor)) == ["Agreed"]


def test_a_page_costs_the_same_queries_for_one_row_and_for_thirty(session: Session, engine: Engine) -> None:
    event = an_event(session, sessions=SESSIONS)
    actor, scope = an_organizer(event), roster.organizer_scope(event)

    def cost(read: Any) -> int:
        with statements(engine) as seen:
            read()
        return len(seen)

    def reads() -> list[int]:
        return [
            cost(lambda: roster.page(session, actor, scope, Question(search="family"))),
            cost(lambda: list(roster.rows(session, actor, scope, Question()))),
            cost(lambda: roster.take(session, actor, scope, Question(), "csv", list, now=NOW)),
        ]

    a_registration(session, event, sessions=seats_in("opening", "finance"))
    with_one = reads()
    for _number in range(29):
        a_registration(session, event, sessions=seats_in("opening", "finance"))

    assert reads() == with_one == [3, 2, 3]
    assert len(roster.page(session, actor, scope, Question()).rows) == 30


def test_a_taking_is_journalled_with_who_when_rows_columns_and_format(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    account = an_account(session, Role.PARTNER, event, organisation_id=ilo, name="Officer")
    partner_, scope = somebody_of(event, ilo, account_id=account.id), roster.partner_scope(event, ilo)
    a_person(session, event, "Agreed", ilo, country="IT")
    a_person(session, event, "Other", ilo, country="FR")

    question = Question(country="IT", search="Agreed")
    taking = roster.take(session, partner_, scope, question, "xlsx", list, now=NOW)

    assert taking == roster.Taking(NOW, 1, scope.keys, "xlsx", ilo)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.action == "roster_taken")).one()
    assert (entry.actor_kind.value, entry.actor_id, entry.at, entry.event_id) == (
        "staff", account.id, NOW, event.id,
    )  # fmt: skip
    assert (entry.subject_kind, entry.subject_id) == ("organisation", ilo)
    assert entry.after == {
        "format": "xlsx",
        "rows": 1,
        "columns": list(scope.keys),
        "sessions": [],
        "chosen_by": ["country", "search"],
    }
    told = roster.Taken(NOW, "Officer", "xlsx", 1, scope.keys, (), ("country", "search"))
    assert roster.taken(session, partner_, scope) == roster.TakenPage((told,), None)
    assert roster.taken(session, an_organizer(event), roster.organizer_scope(event)).rows == ()


def test_a_journal_entry_says_of_which_session_the_list_was(session: Session) -> None:
    event = an_event(session, sessions=SESSIONS)
    organizer = an_organizer(event)

    roster.take(session, organizer, roster.session_scope(event, "food"), Question(), "csv", list, now=NOW)
    roster.take(session, organizer, roster.organizer_scope(event), Question(session="opening"), "csv", list, now=NOW)

    rows = roster.taken(session, organizer, roster.organizer_scope(event)).rows
    assert [(row.sessions, row.chosen_by) for row in rows] == [(("opening",), ("sessions",)), (("food",), ())]


def test_all_that_was_taken_is_there_a_page_at_a_time(session: Session) -> None:
    event = an_event(session)
    organizer, scope = an_organizer(event), roster.organizer_scope(event)
    for number in range(7):
        roster.take(session, organizer, scope, Question(), "csv", list, now=NOW + timedelta(minutes=number))

    found, before = [], None
    for _page in range(3):
        page = roster.taken(session, organizer, scope, before=before, limit=3)
        found.append([(row.at - NOW).seconds // 60 for row in page.rows])
        before = page.older

    assert found == [[6, 5, 4], [3, 2, 1], [0]]
    assert before is None


def test_looking_at_pages_is_not_journalled(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    before = len(session.scalars(select(JournalEntry)).all())

    roster.page(session, somebody_of(event, ilo), roster.partner_scope(event, ilo), Question())

    assert len(session.scalars(select(JournalEntry)).all()) == before


def test_a_file_that_cannot_be_written_leaves_no_entry(session: Session) -> None:
    event = an_event(session)

    def full_disk(_rows: Iterable[object]) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 (any will do)
        roster.take(session, Shell(), roster.organizer_scope(event), Question(), "csv", full_disk, now=NOW)

    assert session.scalars(select(JournalEntry).where(JournalEntry.action == "roster_taken")).all() == []


def test_a_scope_is_set_by_organizers_journalled_and_holds_at_once(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")
    a_person(session, event, "Agreed", ilo)

    set_ = partner.set_scope(
        session, an_organizer(event), event, ilo,
        extra_columns=["email"], purpose={"en": " To invite you. ", "fr": ""}, now=NOW,
    )  # fmt: skip

    fresh = facts(session, "forum")
    assert partner.scope_of(fresh, ilo) == replace(set_, organisation=fresh.organisation(ilo))
    assert (set_.extra_columns, set_.purpose) == (("email",), {"en": "To invite you."})
    entry = session.scalars(select(JournalEntry).where(JournalEntry.action == "scope_set")).one()
    assert (entry.subject_id, entry.before, entry.after) == (
        ilo, {"extra_columns": []}, {"extra_columns": ["email"], "purpose_in": ["en"], "sees_led_sessions": False},
    )  # fmt: skip
    partner.set_scope(session, an_organizer(event), fresh, ilo, extra_columns=[], purpose={}, now=NOW)
    assert_refused_everywhere_but_journal(session, somebody_of(event, ilo), roster.partner_scope(fresh, ilo))


def assert_refused_everywhere_but_journal(session: Session, actor: Staff, scope: Scope) -> None:
    with pytest.raises(Forbidden):
        roster.page(session, actor, scope, Question())
    with pytest.raises(Forbidden):
        roster.take(session, actor, scope, Question(), "csv", consume, now=NOW)


def test_what_may_not_be_granted_is_refused(session: Session) -> None:
    event = an_event(session)
    ilo = the_id_of(session, "ILO")

    with pytest.raises(Invalid):
        partner.set_scope(session, an_organizer(event), event, ilo, extra_columns=["phone"], purpose={}, now=NOW)
    with pytest.raises(Invalid):
        partner.set_scope(
            session, an_organizer(event), event, ilo, extra_columns=[], purpose={"en": "x" * 501}, now=NOW
        )
    with pytest.raises(Forbidden):
        partner.set_scope(session, somebody_of(event, ilo), event, ilo, extra_columns=["email"], purpose={}, now=NOW)
    with pytest.raises(NotFound):
        partner.set_scope(session, an_organizer(event), event, 999, extra_columns=[], purpose={}, now=NOW)


def test_a_person_acts_for_the_organisations_of_their_roles_only(session: Session) -> None:
    event, other = an_event(session), an_event(session, "other")
    ilo, uclg = the_id_of(session, "ILO"), the_id_of(session, "UCLG")
    both = somebody_of(event, ilo, uclg)

    assert [entry.event.slug for entry in partner.mine(session, both)] == ["forum"]
    assert [each.short_name for each in partner.mine(session, both)[0].organisations] == ["ILO", "UCLG"]
    assert partner.mine(session, an_organizer(event)) == ()
    assert partner.acting_for(both, event).id == ilo
    assert partner.acting_for(both, event, uclg).id == uclg
    with pytest.raises(NotFound):
        partner.acting_for(somebody_of(event, ilo), event, uclg)
    with pytest.raises(Forbidden):
        partner.acting_for(both, other)
    with pytest.raises(Forbidden):
        partner.mine(session, Anonymous())


def test_an_organisation_without_a_role_at_the_event_has_no_roster(session: Session) -> None:
    event = an_event(session)
    stranger = Organisation(name="Stranger")
    session.add(stranger)
    session.commit()

    with pytest.raises(NotFound):
        roster.partner_scope(event, stranger.id)
    assert a_draft().organisations  # the others have theirs
