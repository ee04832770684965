"""Sheets of sessions, kept by hand in any country's spreadsheet, become a programme."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from sqlalchemy.orm import Session

from forumreg.adapters.schedule.reading import Unmatched, read
from forumreg.adapters.schedule.reading_columns import field_of
from forumreg.adapters.schedule.reading_words import SENTENCES, sentence
from forumreg.base.errors import Invalid
from forumreg.rules.event.drafts import SpeakerDraft
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.event.reading import forget_all
from forumreg.store.engine import make_engine, make_sessions
from tests.builders import a_session, an_event
from tests.schedules import HEAD, csv_of, rows_of, sessions_of, xlsx_of

OURS = ("id", "title_en", "starts_at", "ends_at")


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[EventFacts]:
    """A forum with an opening in the Great Hall."""
    path = tmp_path_factory.mktemp("sheets") / "sheets.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    forget_all()
    session: Session
    with make_sessions(engine)() as session:
        yield an_event(session, sessions=(a_session("opening"),))
    engine.dispose()


def wrong(blob: bytes, event: EventFacts) -> list[str]:
    """What a file is refused for."""
    with pytest.raises(Invalid) as refused:
        read(blob, event)
    return [sentence(problem) for problem in refused.value.problems]


def hand_kept(**how: str) -> bytes:
    return csv_of([HEAD, *rows_of(sessions_of(4))], **how)


def test_semicolons_in_an_abstract_of_several_lines_part_no_cells(event: EventFacts) -> None:
    abstract = "\n\n".join(["jobs; and food"] * 3)
    row = ("A", "Talk", "2015-10-15T10:00:00+02:00", "2015-10-15T11:00:00+02:00", abstract)

    brought = read(csv_of([(*OURS, "abstract_en"), row]), event)

    assert [session.abstract for session in brought.programme.sessions] == [{"en": abstract}]


@pytest.mark.parametrize(
    "blob",
    [
        hand_kept(),
        hand_kept(encoding="utf-8-sig", separator=";"),
        hand_kept(encoding="utf-16", separator="\t"),
        hand_kept(encoding="utf-16-le", separator="\t"),
        hand_kept(encoding="cp1252", separator=";"),
        hand_kept(encoding="cp1252", separator=";", first="sep=;\r\n"),
        csv_of([("Forum de Turin",), (), HEAD, *rows_of(sessions_of(4))], separator=";"),
        xlsx_of([HEAD, *rows_of(sessions_of(4))]),
        xlsx_of([("Forum de Turin",), ("",), HEAD, *rows_of(sessions_of(4))]),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16 without bom", "windows", "sep line", "title above", "xlsx", "xlsx title"],
)
def test_a_sheet_is_read_however_it_was_saved(blob: bytes, event: EventFacts) -> None:
    brought = read(blob, event)

    session = brought.programme.sessions[2]
    assert len(brought.programme.sessions) == 4
    assert session.title == {"en": "Talk 2: développement local et emploi"}
    assert (session.kind, session.room, session.languages) == ("workshop", "room-3", ("fr", "en"))
    assert session.speakers == (SpeakerDraft("Speaker 2-0"), SpeakerDraft("Speaker 2-1"))
    assert (session.starts_at, session.ends_at) == (
        datetime(2015, 10, 15, 7, 0, tzinfo=UTC),
        datetime(2015, 10, 15, 7, 50, tzinfo=UTC),
    )
    assert session.extra == {"Nombre de chaises": "30"}
    assert brought.kept == {"Nombre de chaises": 4}


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("Title", "title"), ("TITRE", "title"), ("Título", "title"), ("Titolo", "title"), ("title_fr", "title_fr"),
        ("Titre (anglais)", "title_en"), ("abstract_pt-BR", "abstract_pt-BR"), ("Sala", "room"), ("Salle :", "room"),
        ("Inicio", "starts_at"), ("Hora de inicio", "starts_at"), ("Dalle", "starts_at"), ("Fim", "ends_at"),
        ("Fecha", "day"), ("Durée", "duration"), ("Relatori", "speakers"), ("Capienza", "capacity"),
        ("Starts at", "starts_at"), ("interpreted", "interpreted"), ("Nombre de chaises", None), ("", None),
    ],
)  # fmt: skip
def test_heads_are_known_in_five_languages(head: str, field: str | None) -> None:
    assert field_of(head) == field


def test_instants_and_hours_of_a_workbook_are_read_as_such(event: EventFacts) -> None:
    start, end = datetime(2015, 10, 16, 9, 30), datetime(2015, 10, 16, 11, 0)  # noqa: DTZ001 (a workbook knows no zones)
    whole = xlsx_of([("id", "title_en", "starts_at", "ends_at", "capacity"), ("a", "A", start, end, 30)])
    apart = xlsx_of([("id", "title", "Day", "Start", "End"), ("a", "A", date(2015, 10, 16), start.time(), end.time())])

    found = [read(blob, event).programme.sessions[0] for blob in (whole, apart)]

    assert [(each.starts_at, each.ends_at) for each in found] == [
        (datetime(2015, 10, 16, 7, 30, tzinfo=UTC), datetime(2015, 10, 16, 9, 0, tzinfo=UTC))
    ] * 2
    assert found[0].capacity == 30


def test_a_night_ends_the_next_day_and_a_slip_does_not(event: EventFacts) -> None:
    head = ("title", "day", "start", "end")
    night = csv_of([head, ("Dance", "2015-10-16", "22:00", "01:30")])
    slip = csv_of([head, ("Slip", "2015-10-16", "11:00", "09:30")])

    assert read(night, event).programme.sessions[0].ends_at == datetime(2015, 10, 16, 23, 30, tzinfo=UTC)
    assert wrong(slip, event) == [f"D2: {SENTENCES['ends_before_start']}"]


def test_every_wrong_cell_is_named(event: EventFacts) -> None:
    rows = [
        ("id", "title_en", "starts_at", "ends_at", "capacity", "languages", "booking", "lead"),
        ("a", "A", "2015-10-16 09:00", "2015-10-16 08:00", "30", "en", "open", "ILO"),
        ("b", "B", "soon", "2015-10-16 10:00", "many", "gibberish", "maybe", "Nobody"),
        ("c", "", "2015-10-25 02:30", "2015-10-25 04:00", "", "", "", ""),
    ]

    assert wrong(csv_of(rows), event) == [
        f"D2: {SENTENCES['ends_before_start']}",
        "E3: “many” is not a number of places.",
        "F3: “gibberish” is no language that we know. Write a code such as en or pt-BR.",
        "G3: “maybe” is no way of booking. Write open, invitation or none.",
        "C3: “soon” is not an hour that we can read. Write it like 14:30.",
        "C4: Clocks were set back: 2015-10-25 02:30 came twice on that day. Write the hour with its offset, as "
        "2015-10-25T02:30+02:00 or 2015-10-25T02:30+01:00.",
    ]
    assert wrong(
        csv_of([rows[0], ("b", "x" * 5_000, *rows[1][2:3], "2015-10-16 10:00", "", "", "", "Nobody")]), event
    ) == [
        "H2: The event has no organization called “Nobody”.",
        "B2: The text has 5000 characters; 300 are the most.",
    ]


def test_a_day_that_can_be_two_is_the_one_in_the_event_or_asked_about(event: EventFacts) -> None:
    head = ("title", "day", "start", "end")
    american = csv_of([head, ("A", "10/16/2015", "9:00 AM", "1:30 PM")])
    unclear = csv_of([head, ("A", "03/04/2015", "09:00", "10:00")])

    assert read(american, event).programme.sessions[0].ends_at == datetime(2015, 10, 16, 11, 30, tzinfo=UTC)
    assert wrong(unclear, event) == ["B2: “03/04/2015” can be two days. Write it as 2015-03-04 or 2015-04-03."]


def test_without_the_columns_that_are_needed_somebody_is_asked(event: EventFacts) -> None:
    blob = csv_of([("Was", "Wann", "Bis"), ("Eröffnung", "2015-10-16 09:00", "2015-10-16 10:00")])

    with pytest.raises(Unmatched) as refused:
        read(blob, event)
    brought = read(blob, event, {0: "title_fr", 1: "starts_at", 2: "ends_at"})

    assert [(column.head, column.field) for column in refused.value.columns] == [
        ("Was", "keep"), ("Wann", "keep"), ("Bis", "keep"),
    ]  # fmt: skip
    assert brought.programme.sessions[0].title == {"fr": "Eröffnung"}


def test_a_column_that_is_left_out_is_named_with_its_cells(event: EventFacts) -> None:
    brought = read(hand_kept(), event, {9: "leave"})

    assert (brought.kept, brought.named) == ({}, {"Nombre de chaises": 4})


def test_two_columns_for_the_same_are_refused(event: EventFacts) -> None:
    with pytest.raises(Invalid, match="double_column"):
        read(hand_kept(), event, {1: "room", 5: "room"})


def test_a_second_sheet_and_a_title_are_named(event: EventFacts) -> None:
    rows = [("Forum de Turin",), HEAD, *rows_of(sessions_of(2))]

    brought = read(xlsx_of(rows, notes=[("Call the caterer",), ("and the band",)]), event)

    assert brought.named == {"Forum de Turin": 1, "Notes": 2}


def test_a_sheet_of_ours_with_a_hidden_formula_is_read_as_text(event: EventFacts) -> None:
    blob = csv_of([OURS, ("a", "\u200b=HYPERLINK(1)", "2015-10-16T09:00:00+02:00", "2015-10-16T10:00:00+02:00")])

    assert read(blob, event).programme.sessions[0].title == {"en": "=HYPERLINK(1)"}


def test_a_workbook_that_would_take_all_memory_ends_its_own_process_alone(event: EventFacts) -> None:
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "title")
    sheet.write(1_048_575, 16_383, "far away")
    book.close()

    assert wrong(file.getvalue(), event) == [SENTENCES["book_too_large"]]


def test_a_workbook_that_unpacks_to_too_much_is_never_opened(event: EventFacts) -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 100_000_001)

    assert wrong(file.getvalue(), event) == [SENTENCES["book_too_large"]]


def test_a_broken_workbook_is_refused(event: EventFacts) -> None:
    blob = xlsx_of([HEAD, *rows_of(sessions_of(2))])

    assert wrong(blob[:1500], event) == [SENTENCES["book_broken"]]
    assert wrong(b"PK\x03\x04 nothing", event) == [SENTENCES["book_broken"]]
    later = bytearray(blob)
    later[blob.index(b"PK\x01\x02") + 6] = 90  # needs version 9.0 of the format
    assert wrong(bytes(later), event) == [SENTENCES["book_broken"]]


def test_a_sheet_that_is_too_long_or_too_wide_is_refused(event: EventFacts) -> None:
    long = csv_of([("title", "start", "end"), *[("A", "9", "10")] * 6_001])
    wide = csv_of([tuple(f"c{number}" for number in range(61))])

    assert wrong(long, event) == ["6001: The sheet has more than 6000 rows."]
    assert wrong(wide, event) == ["The sheet has more than 60 columns."]


def test_a_control_character_is_named_with_its_cell(event: EventFacts) -> None:
    blob = csv_of([OURS, ("a", "bell \x07", "2015-10-16 09:00", "2015-10-16 10:00")])

    assert wrong(blob, event) == [f"B2: {SENTENCES['control']}"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_sheet_of_1500_sessions_is_read_whole(form: str, event: EventFacts) -> None:
    rows = [HEAD, *rows_of(sessions_of(1500, rooms=100))]

    brought = read(csv_of(rows) if form == "csv" else xlsx_of(rows), event)

    assert len({session.id for session in brought.programme.sessions}) == 1500
    assert len(brought.programme.rooms) == 101
