"""What is asked while an event's places are locked is found by an index, however many are registered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from forumreg.base.references import new_reference
from forumreg.rules.event import EventFacts
from forumreg.rules.registration import submitting
from forumreg.store.writing import writing
from forumreg.tables.registration import Registration, Status
from tests.builders import NOW, an_event

MANY = 2_000


def fill(session: Session, event: EventFacts) -> None:
    rows = [
        {
            "event_id": event.id,
            "category_id": event.categories[0].id if event.categories else None,
            "reference": new_reference("TST"),
            "status": Status.CONFIRMED,
            "email": f"{number}@example.org",
            "language": "en",
            "person_key": f"{number:064}",
            "address_key": f"{number}@example.org",
            "sort_key": str(number),
            "search_key": str(number),
            "received_at": NOW,
            "changed_at": NOW,
        }
        for number in range(MANY)
    ]
    with writing(session):
        session.execute(insert(Registration), rows)
    session.execute(text("ANALYZE"))
    session.rollback()


def plan(session: Session, engine: Engine, asked: dict[str, object]) -> str:
    """How the database goes about the question, for values that it is not told beforehand."""
    compiled: Any = submitting.UNDER_THE_LOCK.statement.compile(dialect=engine.dialect)
    driver: Any = session.connection().connection.driver_connection
    told = compiled.params | asked
    if engine.dialect.name == "sqlite":
        values = tuple(told[name] for name in compiled.positiontup)
        return "\n".join(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {compiled}", values))
    sql = str(compiled)
    for number, name in enumerate(told, 1):
        sql = sql.replace(f"%({name})s", f"${number}")
    driver.execute("SET plan_cache_mode = force_generic_plan")
    driver.execute(f"PREPARE look AS {sql}")
    values_ = ", ".join(f"'{value}'" for value in told.values())
    found = "\n".join(row[0] for row in driver.execute(f"EXPLAIN EXECUTE look ({values_})"))
    driver.execute("RESET plan_cache_mode")
    return found


def test_looking_again_reads_no_other_registration(session: Session, engine: Engine) -> None:
    event = an_event(session)
    fill(session, event)
    asked = {"event": event.id, "pool": event.pool_id, "key_hash": "a" * 64, "person": "b" * 64}

    found = plan(session, engine, asked)

    assert "uq_registration_person" in found
    assert "ix_registration_waitlist" in found
    assert not [
        line for line in found.splitlines() if "SCAN registration" in line or "Seq Scan on registration" in line
    ]
