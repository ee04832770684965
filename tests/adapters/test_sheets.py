"""Files of rosters: what a spreadsheet reads in them is what was written, and it runs nothing."""

from __future__ import annotations

import csv
import json
import subprocess
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from forumreg.adapters.sheets import FORMATS, Labels, Sheet, harmless, spooled
from forumreg.rules.event.facts import SessionFacts
from tests.groups import libreoffice
from tests.letters import a_session_facts

UNSEEN = "\u200b"
AT = datetime(2015, 9, 1, 7, 0, 30, 250_000, tzinfo=UTC)
SHEET = Sheet(
    columns=("given_name", "phone", "sessions", "registered_at", "arrival", "staff", "visa", "themes"),
    slug="forum",
    event="Forum on Local Development",
    language="en",
    zone=ZoneInfo("Europe/Rome"),
    scope="People who agreed to share with ILO",
    who="Sample Officer",
    at=AT,
    chosen_by="Search: =1+1",
)
LIVE = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\tname",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1,1)",
    "﹦1+1",
    "⁼1+1",
    " =1+1",
    "\u00a0=1+1",
    "\n=1+1",
    "'=1+1",
    '"=1+1"',
    "=HYPERLINK(\"http://example.org\",\"Ali\")",
    "x;=1+1",
    "x\t=1+1",
    "x|@SUM(1,1)",
    "+39 011 555-0100",
    "=",
)  # fmt: skip
DEAD = (
    "Amina",
    "مريم بن عيسى",
    "Jean-Pierre",
    "a=b",
    "amina@example.org",
    "7 + 1",
    "O'Neill",
    "Åse, the \"quick\"",
    "two\nlines",
    "",
)  # fmt: skip


def a_session(key: str, title: str) -> SessionFacts:
    return a_session_facts(1, key=key, title={"en": title, "fr": f"{title} (fr)"})


ROW = (
    "Zoë",
    "+39 011 555-0100",
    (a_session("opening", "Opening"), a_session("money", "=Money")),
    AT,
    date(2015, 10, 14),
    -12,
    True,
    ("jobs", "food"),
)
EMPTY = ("", "", (), None, None, None, None, None)


def written(name: str, rows: Iterable[tuple[Any, ...]], sheet: Sheet = SHEET) -> bytes:
    file = BytesIO()
    FORMATS[name].write(file, sheet, rows)
    return file.getvalue()


def names_sheet(names: Iterable[str]) -> tuple[Sheet, list[tuple[str, ...]]]:
    return replace(SHEET, columns=("given_name",)), [(name,) for name in names]


@pytest.mark.parametrize("text", LIVE)
def test_what_could_run_gets_an_unseen_sign_and_reads_the_same(text: str) -> None:
    made = harmless(text)

    assert made.replace(UNSEEN, "") == text
    assert made != text
    for separator in ",;|\t":
        for cell in made.split(separator):
            bare = cell.lstrip(" \u00a0\"'\r\n")
            assert not bare.startswith(tuple("=+-@＝＋－＠﹦⁼"))
    assert made[0] not in "=+-@＝＋－＠\t\r\n"
    assert harmless(made) == made


@pytest.mark.parametrize("text", DEAD)
def test_what_cannot_run_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_csv_has_a_mark_a_header_and_lines_as_its_standard_says() -> None:
    made = written("csv", [ROW, EMPTY])

    assert (
        made
        == (
            "\ufeffgiven_name,phone,sessions,registered_at,arrival,staff,visa,themes\r\n"
            f"Zoë,{UNSEEN}+39 011 555-0100,Opening; {UNSEEN}=Money,2015-09-01T09:00:30+02:00,2015-10-14,"
            "-12,yes,jobs; food\r\n"
            ",,,,,,,\r\n"
        ).encode()
    )


def test_csv_quotes_what_would_end_a_cell() -> None:
    sheet, rows = names_sheet(DEAD[:-1])

    text = written("csv", rows, sheet).decode("utf-8-sig")

    assert [row[0] for row in csv.reader(text.splitlines(keepends=True))] == ["given_name", *DEAD[:-1]]


def test_a_workbook_has_texts_dates_and_numbers_of_their_own_kind() -> None:
    book = openpyxl.load_workbook(BytesIO(written("xlsx", [ROW, EMPTY])))
    sheet = book["Roster"]

    assert [[cell.value for cell in row] for row in sheet.rows] == [
        list(SHEET.columns),
        [
            "Zoë", "+39 011 555-0100", "Opening; =Money", datetime(2015, 9, 1, 9, 0, 30, 250_000),  # noqa: DTZ001
            datetime(2015, 10, 14), -12, "yes", "jobs; food",  # noqa: DTZ001 (workbooks know no zones)
        ],
    ]  # fmt: skip
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:H3")
    assert sheet.column_dimensions["A"].width > 15
    assert sheet["D2"].number_format == "yyyy-mm-dd hh:mm"


def test_a_workbook_says_event_scope_who_when_and_how_many() -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(written("xlsx", [ROW, ROW])))

    assert book.get_sheet_by_name("About").to_python() == [
        ["Event", "Forum on Local Development"],
        ["People and columns", "People who agreed to share with ILO"],
        ["Chosen by", "Search: =1+1"],
        ["Taken by", "Sample Officer"],
        ["Taken at", datetime(2015, 9, 1, 9, 0, 30, 250_000)],  # noqa: DTZ001 (workbooks know no zones)
        ["Time zone", "Europe/Rome"],
        ["People in this file", 2.0],
    ]


def test_a_workbook_holds_no_formula_and_every_text_as_it_was() -> None:
    sheet, rows = names_sheet([*LIVE, *DEAD])

    made = written("xlsx", rows, sheet)

    cells = [row[0] for row in openpyxl.load_workbook(BytesIO(made))["Roster"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    read = [row[0] for row in CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(0).to_python()]
    assert [one_break(text) for text in read[1:]] == [one_break(text) for text in (*LIVE, *DEAD) if text]
    assert all(cell.quotePrefix for cell in cells[:4])
    assert not any(cell.quotePrefix for cell in cells[-len(DEAD) + 1 :])


def test_a_workbook_keeps_what_spreadsheets_have_no_number_or_date_for() -> None:
    sheet = replace(SHEET, columns=("arrival", "staff"))

    book = openpyxl.load_workbook(BytesIO(written("xlsx", [(date(1899, 12, 31), 10**16 + 1)], sheet)))

    assert [cell.value for cell in book["Roster"][2]] == ["1899-12-31", "10000000000000001"]


def test_a_workbook_says_its_labels_in_the_readers_language() -> None:
    labels = Labels(roster="Liste: participants", about="À propos", count="Personnes")

    book = openpyxl.load_workbook(BytesIO(written("xlsx", [], replace(SHEET, labels=labels))))

    assert book.sheetnames == ["Liste participants", "À propos"]


def test_json_holds_facts_people_and_the_titles_of_their_sessions() -> None:
    made = written("json", [ROW, EMPTY])

    assert json.loads(made) == {
        "format": "forumreg-roster/1",
        "event": "forum",
        "event_title": "Forum on Local Development",
        "timezone": "Europe/Rome",
        "scope": "People who agreed to share with ILO",
        "taken_by": "Sample Officer",
        "taken_at": "2015-09-01T09:00:30+02:00",
        "columns": list(SHEET.columns),
        "people": [
            {
                "given_name": "Zoë",
                "phone": "+39 011 555-0100",
                "sessions": ["opening", "money"],
                "registered_at": "2015-09-01T09:00:30+02:00",
                "arrival": "2015-10-14",
                "staff": -12,
                "visa": True,
                "themes": ["jobs", "food"],
            },
            {
                "given_name": "", "phone": "", "sessions": [], "registered_at": None, "arrival": None,
                "staff": None, "visa": None, "themes": None,
            },
        ],
        "count": 2,
        "session_titles": {"opening": "Opening", "money": "=Money"},
    }  # fmt: skip
    assert json.loads(written("json", []))["people"] == []


@pytest.mark.parametrize("name", FORMATS)
def test_memory_does_not_grow_with_the_rows(name: str) -> None:
    sheet = replace(SHEET, columns=tuple(f"column_{number}" for number in range(40)))
    rows = (tuple(f"{number} and {place}" * 2 for place in range(40)) for number in range(4000))  # 3 MB of text

    tracemalloc.start()
    with spooled() as file:
        FORMATS[name].write(file, sheet, rows)
        size_bytes = file.tell()
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size_bytes > 300_000
    assert peak_bytes < 2_500_000


def converted(folder: Path, source: Path, to: str, *options: str) -> Path:
    """What LibreOffice makes of a file: opened as a person would, saved as another kind."""
    soffice = libreoffice()
    assert soffice is not None
    subprocess.run(
        [
            soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", *options,
            "--convert-to", to, "--outdir", str(folder / "made"), str(source),
        ],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    return folder / "made" / f"{source.stem}.{to}"


@pytest.mark.libreoffice
@pytest.mark.parametrize("separator", [44, 59, 9], ids=["comma", "semicolon", "tab"])
def test_libreoffice_runs_nothing_in_a_csv_whatever_its_separator(tmp_path: Path, separator: int) -> None:
    source = tmp_path / "names.csv"
    sheet, rows = names_sheet([*LIVE, *DEAD])
    source.write_bytes(written("csv", rows, sheet))

    # token 7: evaluate formulas; 76: UTF-8 (LibreOffice's filter options for text)
    options = f"--infilter=CSV:{separator},34,76,1,,0,false,true,false,false,false,-1,true"
    made = converted(tmp_path, source, "xlsx", options)

    cells = [cell for row in openpyxl.load_workbook(made).worksheets[0].iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    if separator == 44:
        texts = [str(cell.value or "").replace("\r", "\n").replace(UNSEEN, "") for cell in cells]
        assert texts[1 : len(LIVE) + 1] == [one_break(text) for text in LIVE]


@pytest.mark.libreoffice
def test_libreoffice_runs_the_same_cells_where_nothing_guards_them(tmp_path: Path) -> None:
    source = tmp_path / "names.csv"
    source.write_text("name\n=1+1\n", encoding="utf-8")

    made = converted(tmp_path, source, "xlsx", "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true")

    assert openpyxl.load_workbook(made).worksheets[0]["A2"].data_type == "f"


@pytest.mark.libreoffice
def test_libreoffice_reads_a_workbook_as_it_was_written(tmp_path: Path) -> None:
    source = tmp_path / "names.xlsx"
    sheet, rows = names_sheet([*LIVE, *DEAD])
    source.write_bytes(written("xlsx", rows, sheet))

    made = openpyxl.load_workbook(converted(tmp_path, source, "xlsx"))

    cells = [row[0] for row in made["Roster"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [one_break(cell.value) for cell in cells] == [one_break(text) for text in (*LIVE, *DEAD) if text]


def one_break(text: str) -> str:
    """XML knows one line break."""
    return text.replace("\r", "\n")
