"""What is asked while an event's places are locked is found by an index, however many are registered."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.orm import Session

from forumreg.base.references import new_reference
from forumreg.rules.event import EventFacts
from forumreg.rules.registration import submitting
from forumreg.tables.registration import Registration, Status
from tests.builders import NOW, an_event

MANY = 2_000


def fill(connection: Connection, event: EventFacts, many: int) -> None:
    rows = [
        {
            "event_id": event.id,
            "category_id": event.categories[0].id if event.categories else None,
            "reference": new_reference("TST"),
            "status": Status.CONFIRMED,
            "email": f"{number}@example.org",
            "language": "en",
            "organisation": "Commune de Ouagadougou",
            "organisation_key": "commune de ouagadougou",
            "person_key": sha256(str(number).encode()).hexdigest(),
            "address_key": f"{number}@example.org",
            "sort_key": str(number),
            "search_key": str(number),
            "received_at": NOW,
            "changed_at": NOW,
        }
        for number in range(many)
    ]
    connection.execute(insert(Registration), rows)


def plan(connection: Connection, event: EventFacts) -> str:
    """How the database goes about the question, for values that it is not told beforehand."""
    asked = {"event": event.id, "pool": event.pool_id, "key_hash": "a" * 64, "person": "b" * 64}
    compiled: Any = submitting.UNDER_THE_LOCK.statement.compile(dialect=connection.dialect)
    driver: Any = connection.connection.driver_connection
    told = compiled.params | asked
    if connection.dialect.name == "sqlite":
        values = tuple(told[name] for name in compiled.positiontup)
        return "\n".join(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {compiled}", values))
    sql = str(compiled)
    for number, name in enumerate(told, 1):
        sql = sql.replace(f"%({name})s", f"${number}")
    driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    driver.execute(f"PREPARE look AS {sql}")
    values_ = ", ".join(f"'{value}'" for value in told.values())
    found = "\n".join(row[0] for row in driver.execute(f"EXPLAIN EXECUTE look ({values_})"))
    driver.execute("DEALLOCATE look")
    return found


def test_looking_again_reads_no_other_registration(session: Session, engine: Engine) -> None:
    event = an_event(session)
    with engine.connect() as connection:
        fill(connection, event, MANY)
        connection.execute(text("ANALYZE"))

        found = plan(connection, event)

    assert "uq_registration_person" in found
    assert "ix_registration_waitlist" in found
    assert not [
        line for line in found.splitlines() if "SCAN registration" in line or "Seq Scan on registration" in line
    ]


@pytest.mark.parametrize("many", [0, 20, 98, 400, MANY])
def test_a_known_person_is_found_by_their_key_before_anything_has_been_counted(
    session: Session, engine: Engine, many: int
) -> None:
    """In the first minute of a rush PostgreSQL has no statistics, and takes the smallest index for the best."""
    event = an_event(session)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # a table in front of the real one, whose rows were counted before
            connection.execute(text("CREATE TEMPORARY TABLE registration (LIKE registration INCLUDING ALL)"))
        if many:
            fill(connection, event, many)

        found = plan(connection, event)

    assert [line for line in found.splitlines() if ("Cond" in line or "USING" in line) and "person_key" in line]
