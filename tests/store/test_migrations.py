"""Migrations: up, down and up again with rows in the tables, on both databases; and no word beside the models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, TextClause, delete, func, inspect, make_url, select, text
from sqlalchemy.orm import Session

from forumreg.base.folding import double_key, person_key
from forumreg.rules import registration as registrations
from forumreg.rules.event import facts
from forumreg.rules.event.drafts import OrganisationDraft
from forumreg.rules.event.reading import forget_all
from forumreg.store import revision, schema
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables import Base
from forumreg.tables.account import Role
from forumreg.tables.registration import Consent, Registration
from tests.builders import (
    NOW,
    a_receipt,
    a_registration,
    a_session,
    an_account,
    an_event,
    an_organizer,
    every_kind_of_question,
    mails,
    seats_in,
    statuses,
)
from tests.groups import POSTGRES_URL


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, worker_id: str) -> Iterator[Engine]:
    """An engine on a database of its own that has no table."""
    forget_all()
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "fresh.sqlite3"
        made = make_engine(f"sqlite:///{path}")
        yield made
        made.dispose()
        return
    name = f"forumreg_fresh_{worker_id}"
    server = make_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    made = make_engine(make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False))
    yield made
    made.dispose()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    server.dispose()


def migrate(engine: Engine, to: str) -> None:
    """Up to "head", or down to "base"."""
    with engine.connect() as connection:
        (schema.downgrade if to == "base" else schema.upgrade)(connection, to)
        connection.commit()


def step_down(engine: Engine, to: str) -> None:
    with engine.connect() as connection:
        schema.downgrade(connection, to)
        connection.commit()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {revision.TABLE}


def fill(session: Session) -> None:
    """Rows in every table that a running event has."""
    event = an_event(session, fields=every_kind_of_question(), sessions=(a_session("A", capacity=1),))
    shared = frozenset({event.sharing[0].id})
    mine = a_registration(session, event, sessions=seats_in("A"), sharing=shared, answers={"visa": False})
    a_registration(session, event, sessions=seats_in("A", waitlist=True), answers={"visa": False})
    registrations.cancel(session, an_organizer(event), mine.reference, now=NOW)
    an_account(session, Role.ORGANIZER, event)


def test_up_down_and_up_again_with_rows_in_the_tables(fresh: Engine) -> None:
    ups = []
    for _ in range(2):
        migrate(fresh, "head")
        ups.append(tables(fresh))
        with make_sessions(fresh)() as session:
            fill(session)
            assert statuses(session, facts(session, "forum")) == {"cancelled": 1, "confirmed": 1}
        migrate(fresh, "base")
        forget_all()

    assert ups == [set(Base.metadata.tables)] * 2
    assert tables(fresh) == set()


def test_consents_of_before_the_second_migration_name_nothing_and_organisations_are_folded(fresh: Engine) -> None:
    migrate(fresh, "head")
    with make_sessions(fresh)() as session:
        fill(session)
    step_down(fresh, "0001")
    assert {"columns"} & {each["name"] for each in inspect(fresh).get_columns("consent")} == set()

    migrate(fresh, "head")

    with make_sessions(fresh)() as session:
        assert session.scalars(select(Consent.columns)).all() == [[]]
        assert set(session.scalars(select(Registration.organisation_key))) == {"city of odienne"}
        assert statuses(session, facts(session, "forum")) == {"cancelled": 1, "confirmed": 1}


def test_the_program_of_before_writes_beside_the_second_migration(fresh: Engine) -> None:
    migrate(fresh, "head")
    with make_sessions(fresh)() as session:
        fill(session)
        session.execute(delete(Consent))
        session.execute(
            text(
                "INSERT INTO consent (registration_id, organisation_id, given_at) "
                "SELECT registration.id, organisation.id, registration.received_at FROM registration, organisation"
            )
        )

        assert {tuple(each) for each in session.scalars(select(Consent.columns))} == {()}


def test_migrating_what_is_up_to_date_changes_nothing(session: Session, engine: Engine) -> None:
    fill(session)
    session.rollback()

    migrate(engine, "head")

    assert session.scalar(select(func.count(Registration.id))) == 2


def is_ours(_object: object, name: str | None, *_rest: object) -> bool:
    """Whether the thing is in our migrations: the queue engine makes its own tables on PostgreSQL."""
    return not (name or "").startswith("huey_")


def test_the_migrated_schema_is_that_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_object": is_ours}
        )

        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_database_has_every_check_of_the_models(engine: Engine) -> None:
    found = inspect(engine)
    missing = {
        f"{table.name}.{constraint.name}"
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.__visit_name__ == "check_constraint"
        and constraint.name not in {check["name"] for check in found.get_check_constraints(table.name)}
    }

    assert missing == set()


def test_the_newest_migration_is_known_without_alembic(engine: Engine) -> None:
    with engine.connect() as connection:
        assert (revision.current(connection), revision.head()) == (schema.current(connection), schema.head())


def test_a_database_without_a_schema_has_no_revision(fresh: Engine) -> None:
    with fresh.connect() as connection:
        assert (revision.current(connection), schema.current(connection)) == (None, None)


BEFORE_EVENT_NAMES, EVENT_NAMES = "0002", "0003"
OLD_NAMES = text("SELECT name, short_name, country FROM organisation ORDER BY id")
NAMES_BY_EVENT = text(
    "SELECT event.slug, organisation.name, mine.short_name, mine.country FROM event_organisation AS mine"
    " JOIN event ON event.id = mine.event_id JOIN organisation ON organisation.id = mine.organisation_id"
    " ORDER BY event.id, organisation.id"
)


def test_every_event_gets_the_names_that_its_organisations_had_and_gives_them_back(fresh: Engine) -> None:
    migrate(fresh, "head")
    with make_sessions(fresh)() as session:
        ilo = OrganisationDraft("International Labour Organization", "organizer", "ILO", "CH")
        an_event(session, "first", organisations=(ilo, OrganisationDraft("City of Turin", "partner")))
        an_event(session, "second", organisations=(ilo,))
    wanted = [
        ("first", "International Labour Organization", "ILO", "CH"),
        ("first", "City of Turin", "", ""),
        ("second", "International Labour Organization", "ILO", "CH"),
    ]

    for _ in range(2):
        down(fresh, BEFORE_EVENT_NAMES)
        old = rows(fresh, OLD_NAMES)
        up(fresh, EVENT_NAMES)
        new = rows(fresh, NAMES_BY_EVENT)

        assert old == [("International Labour Organization", "ILO", "CH"), ("City of Turin", "", "")]
        assert new == wanted


def up(engine: Engine, to: str) -> None:
    """Up to this revision."""
    with engine.begin() as connection:
        schema.upgrade(connection, to)


def down(engine: Engine, to: str) -> None:
    """Down to this revision."""
    with engine.begin() as connection:
        schema.downgrade(connection, to)


def rows(engine: Engine, query: TextClause) -> list[tuple[object, ...]]:
    """What the query answers."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


BEFORE_SIGNS_ALIKE, SIGNS_ALIKE = "0005", "0006"
KEYS = text("SELECT person_key, sort_key, search_key, organisation_key FROM registration ORDER BY id")
TOWN, FAMILY = "Ville d’Odienné", "N’Guessan"


def test_keys_are_folded_anew_where_signs_are_alike_and_two_that_become_one_person_keep_a_key_each(
    fresh: Engine,
) -> None:
    migrate(fresh, "head")
    with make_sessions(fresh)() as session:
        event = an_event(session)
        curly = a_registration(session, event, given_name="Aya", family_name=FAMILY, organisation=TOWN, email="a@b.org")
        a_registration(session, event, given_name="Aya", family_name=FAMILY, organisation="City", email="c@b.org")
        straight = a_registration(session, event, given_name="Aya", family_name="N'Guessan", email="other@b.org")
        twin, plain = curly.id, person_key("Aya", "N'Guessan", "a@b.org")
        new = rows(fresh, KEYS)
        down(fresh, BEFORE_SIGNS_ALIKE)
        straight.email, straight.address_key, straight.person_key = (
            "a@b.org",
            "a@b.org",
            plain,
        )  # taken by the old folding
        session.commit()
    before = rows(fresh, KEYS)
    seen = []

    for _ in range(2):
        up(fresh, SIGNS_ALIKE)
        seen.append(rows(fresh, KEYS))
        down(fresh, BEFORE_SIGNS_ALIKE)
        assert rows(fresh, KEYS) == before

    assert before[0][1:] == ("n’guessan aya", "aya n’guessan ville d’odienne", "ville d’odienne")
    assert seen[0] == seen[1] == [(double_key(plain, twin), *new[0][1:]), new[1], (plain, *new[2][1:])]
    assert new[0][1:] == ("n'guessan aya", "aya n'guessan ville d'odienne", "ville d'odienne")
    assert (before[1][0] != new[1][0], before[2]) == (True, seen[0][2])


def test_a_migrated_person_is_known_however_the_name_is_typed(fresh: Engine) -> None:
    migrate(fresh, "head")
    with make_sessions(fresh)() as session:
        an_event(session)
    down(fresh, BEFORE_SIGNS_ALIKE)
    with make_sessions(fresh)() as session:
        mine = a_registration(session, facts(session, "forum"), family_name=FAMILY, given_name="Aya", email="a@b.org")
        mine.person_key = hashlib.sha256("\0".join(("aya", "n’guessan", "a@b.org")).encode()).hexdigest()  # of before
        session.commit()

    migrate(fresh, "head")

    with make_sessions(fresh)() as session:
        a_receipt(session, facts(session, "forum"), family_name="N'Guessan", given_name="Aya", email="a@b.org")
        assert [message for message, _to in mails(session)] == ["confirmed", "already_registered"]
