"""What is sent past the session's layers stays inside its transaction, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import Table, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forumreg.base.errors import Unavailable
from forumreg.store.bundles import FIRST_ID, Rows, first_id, write_bundle
from forumreg.store.sending import Statement
from forumreg.store.types import among
from forumreg.store.writing import writing
from forumreg.tables.event import Organisation
from forumreg.tables.journal import ActorKind, JournalEntry
from forumreg.tables.mail import JobDone, MailStatus, Message, OutboxMessage

MOMENT = datetime(2015, 10, 25, 0, 30, 0, 123456, tzinfo=UTC)
WORDS = ["\"'%s\\", "é\u202f"]
ORGANISATIONS, ENTRIES, MAILS = (cast("Table", each.__table__) for each in (Organisation, JournalEntry, OutboxMessage))
RENAME = Statement(
    update(ORGANISATIONS)
    .where(ORGANISATIONS.c.name == bindparam("old"))
    .values(name=bindparam("new"))
    .returning(ORGANISATIONS.c.name)
)
DONE = Statement(
    insert(cast("Table", JobDone.__table__)).values(job=bindparam("job"), period="1", done_at=bindparam("at"))
)


def names(session: Session) -> list[str]:
    return sorted(session.scalars(select(Organisation.name)))


def an_entry(**other: Any) -> dict[str, Any]:
    return {
        "at": MOMENT, "event_id": None, "actor_kind": ActorKind.SHELL, "actor_id": None, "action": "tested",
        "subject_kind": "organisation", "subject_id": FIRST_ID, "before": {}, "after": {"words": WORDS},
        **other,
    }  # fmt: skip


def a_mail(key: str) -> Mapping[str, Any]:
    return {
        "key": key, "message": Message.CONFIRMED, "recipient": "a@example.org", "language": "fr", "payload": {},
        "status": MailStatus.QUEUED, "created_at": MOMENT, "due_at": MOMENT,
    }  # fmt: skip


def test_a_statement_sees_what_was_flushed_and_says_what_it_did(session: Session) -> None:
    with writing(session):
        session.add_all([Organisation(name="ILO"), Organisation(name="UCLG")])
        session.flush()
        assert [list(row) for row in RENAME.at(session, old="ILO", new="OIT")] == [["OIT"]]
        assert list(RENAME.at(session, old="UNDP", new="PNUD")) == []

    assert names(session) == ["OIT", "UCLG"]


def test_a_statement_writes_instants_and_its_own_constants_as_the_session_does(session: Session) -> None:
    with writing(session):
        DONE.at(session, job="a", at=MOMENT)

    row = session.scalars(select(JobDone)).one()
    assert (row.job, row.period, row.done_at) == ("a", "1", MOMENT)


def test_a_statement_is_taken_back_with_the_transaction(session: Session) -> None:
    with writing(session):
        session.add(Organisation(name="ILO"))

    def refused() -> None:
        with writing(session):
            RENAME.at(session, old="ILO", new="OIT")
            raise LookupError

    with pytest.raises(LookupError):
        refused()

    assert names(session) == ["ILO"]


def test_a_statement_is_taken_back_with_a_savepoint(session: Session) -> None:
    with writing(session):
        session.add(Organisation(name="ILO"))

    with writing(session):
        with session.begin_nested() as tried:  # nothing was asked of the session since: a statement must say SAVEPOINT
            RENAME.at(session, old="ILO", new="OIT")
            tried.rollback()
        RENAME.at(session, old="ILO", new="BIT")

    assert names(session) == ["BIT"]


def test_a_statement_outside_of_writing_is_refused(session: Session) -> None:
    with pytest.raises(RuntimeError):
        RENAME.at(session, old="ILO", new="OIT")


def test_a_statement_that_hurts_a_constraint_says_so(session: Session) -> None:
    def twice() -> None:
        with writing(session):
            for _ in range(2):
                DONE.at(session, job="a", at=MOMENT)

    with pytest.raises(IntegrityError):
        twice()

    assert session.scalars(select(JobDone)).all() == []


def test_numbers_are_one_value_however_many(session: Session) -> None:
    with writing(session):
        session.add_all(Organisation(name=name) for name in "abcd")
    ids = {name: number for number, name in session.execute(select(Organisation.id, Organisation.name))}
    some = Statement(select(ORGANISATIONS.c.name).where(among(ORGANISATIONS.c.id, "these")))

    with writing(session):
        found = [
            sorted(row[0] for row in some.at(session, these=[ids[name] for name in these])) for these in ("", "b", "ad")
        ]

    assert found == [[], ["b"], ["a", "d"]]


def test_a_bundle_is_written_with_its_first_row_s_id_and_the_tables_defaults(session: Session) -> None:
    again = insert(ORGANISATIONS).from_select(
        ["name"],
        select(ENTRIES.c.action).where(ENTRIES.c.subject_id == first_id(ORGANISATIONS)),
    )
    with writing(session):
        session.add(Organisation(name="there before"))
        session.add(JournalEntry(**an_entry(subject_id=12345, action="another")))
    with writing(session):
        write_bundle(
            session,
            Rows(ORGANISATIONS, [{"name": "ILO"}]),
            Rows(ENTRIES, [an_entry(), an_entry(action="again")]),
            Rows(MAILS, [a_mail("1")]),
            Rows(cast("Table", JobDone.__table__), []),
            then=[again],
        )

    first = session.scalars(select(Organisation.id).where(Organisation.name == "ILO")).one()
    entries = session.scalars(select(JournalEntry).where(JournalEntry.subject_id == first)).all()
    mail = session.scalars(select(OutboxMessage)).one()
    assert [(each.at, each.action, each.event_id, each.after) for each in entries] == [
        (MOMENT, action, None, {"words": WORDS}) for action in ("tested", "again")
    ]
    assert (mail.key, mail.message, mail.status, mail.due_at) == ("1", Message.CONFIRMED, MailStatus.QUEUED, MOMENT)
    assert (mail.attempts, mail.last_error, mail.registration_id) == (0, "", None)
    assert names(session) == ["ILO", "again", "tested", "there before"]


def test_one_row_of_a_bundle_that_hurts_a_constraint_undoes_all(session: Session) -> None:
    def written() -> None:
        with writing(session):
            write_bundle(session, Rows(ORGANISATIONS, [{"name": "ILO"}]), Rows(MAILS, [a_mail("1"), a_mail("1")]))

    with pytest.raises(IntegrityError):
        written()

    assert (names(session), session.scalars(select(OutboxMessage)).all()) == ([], [])


@pytest.mark.parametrize(
    "entries",
    [
        [an_entry(), an_entry(subject_id=7)],
        [an_entry(subject_id=7), an_entry()],
        [an_entry(), {name: value for name, value in an_entry().items() if name != "event_id"}],
        [{name: value for name, value in an_entry().items() if name != "event_id"}, an_entry()],
    ],
)
def test_rows_that_differ_in_their_columns_are_no_bundle(session: Session, entries: list[dict[str, Any]]) -> None:
    with writing(session), pytest.raises(ValueError, match="journal_entry differ"):
        write_bundle(session, Rows(ORGANISATIONS, [{"name": "ILO"}]), Rows(ENTRIES, entries))

    assert names(session) == []


def test_the_order_of_columns_in_a_row_does_not_matter(session: Session) -> None:
    second = dict(reversed(an_entry(action="again").items()))
    with writing(session):
        write_bundle(session, Rows(ORGANISATIONS, [{"name": "ILO"}]), Rows(ENTRIES, [an_entry(), second]))

    rows = session.execute(select(JournalEntry.action, JournalEntry.subject_kind).order_by(JournalEntry.id)).all()
    assert [tuple(row) for row in rows] == [("tested", "organisation"), ("again", "organisation")]


@pytest.mark.parametrize("wrong", [MOMENT.replace(tzinfo=None), {1}])
def test_a_bundle_writes_nothing_in_words_of_its_own(session: Session, wrong: object) -> None:
    entry = an_entry(at=wrong) if isinstance(wrong, datetime) else an_entry(after={"words": wrong})
    with writing(session), pytest.raises((TypeError, ValueError)):
        write_bundle(session, Rows(ORGANISATIONS, [{"name": "ILO"}]), Rows(ENTRIES, [entry]))


def test_constants_that_would_not_be_sent_are_refused(session: Session) -> None:
    then = insert(ORGANISATIONS).from_select(["name"], select(ENTRIES.c.action).where(ENTRIES.c.action == "tested"))
    statements = (
        Statement(update(ORGANISATIONS).values(name=None)),
        Statement(select(ORGANISATIONS.c.name).where(ORGANISATIONS.c.id.in_([1, 2]))),
    )
    with writing(session):
        for statement in statements:
            with pytest.raises(ValueError, match="not sent"):
                statement.at(session)
        with pytest.raises(ValueError, match="not sent"):
            write_bundle(session, Rows(ORGANISATIONS, [{"name": "ILO"}]), Rows(ENTRIES, [an_entry()]), then=[then])


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_line_that_is_cut_under_a_statement_is_no_answer_and_the_next_one_is_another(session: Session) -> None:
    with writing(session):
        session.add(Organisation(name="ILO"))

    def cut() -> None:
        with writing(session):
            mine = session.scalar(text("SELECT pg_backend_pid()"))
            with session.get_bind().engine.connect() as other:  # type: ignore[union-attr]
                other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
            RENAME.at(session, old="ILO", new="OIT")

    with pytest.raises(Unavailable):
        cut()
    with writing(session):
        RENAME.at(session, old="ILO", new="BIT")

    assert names(session) == ["BIT"]
