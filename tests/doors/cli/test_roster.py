"""Rosters by the program."""

import csv
import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.rules.event import EventFacts
from forumreg.tables.journal import JournalEntry
from tests.builders import a_receipt, an_event
from tests.doors.cli.conftest import Forumreg


@pytest.fixture
def event(session: Session) -> EventFacts:
    """A forum with two people, one of whom agreed to share with the first organisation asked for."""
    made = an_event(session)
    a_receipt(session, made, given_name="=Ada", sharing=frozenset({made.sharing[0].id}))
    a_receipt(session, made, given_name="Béla")
    return made


def test_everybody_is_in_the_organizers_file(forumreg: Forumreg, event: EventFacts, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"

    result = forumreg("roster", event.slug, "--format", "csv", "-o", str(file))

    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert (result.exit_code, result.stderr) == (0, "2 people\n")
    assert sorted(row["given_name"].lstrip("\u200b\u2060'") for row in rows) == ["=Ada", "Béla"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_partner_gets_who_agreed_and_the_journal_keeps_it(
    forumreg: Forumreg, event: EventFacts, session: Session
) -> None:
    result = forumreg("roster", event.slug, "--partner", event.sharing[0].name.upper(), "--format", "json", "-o", "-")

    told = json.loads(result.stdout)
    entries = session.scalars(select(JournalEntry).where(JournalEntry.action == "roster_taken")).all()
    assert (told["count"], "email" in told["people"][0]) == (1, False)
    assert [(it.actor_kind.value, it.after["rows"], it.after["format"]) for it in entries] == [("shell", 1, "json")]


def test_a_workbook_is_written(forumreg: Forumreg, event: EventFacts, tmp_path: Path) -> None:
    forumreg("roster", event.slug, "--format", "xlsx", "-o", str(tmp_path / "all.xlsx"))

    assert (tmp_path / "all.xlsx").read_bytes()[:2] == b"PK"


def test_an_organisation_that_nobody_shares_with_is_refused(forumreg: Forumreg, event: EventFacts) -> None:
    result = forumreg("roster", event.slug, "--partner", "Nobody", "--format", "csv", "-o", "-")

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("forumreg: nobody is asked to share with Nobody; ")
