"""Files as LibreOffice opens them: what looks like a formula stays the text that somebody typed."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from forumreg.adapters.sheets.cells import UNSEEN
from forumreg.rules.access import Role
from tests.builders import a_draft
from tests.groups import libreoffice
from tests.journeys.house import House
from tests.journeys.windows import Windows

pytestmark = [pytest.mark.browser, pytest.mark.libreoffice]
AS_TEXT = "Text - txt - csv (StarCalc):44,34,76,1"  # commas, quotes, UTF-8, from the first line
EVERY_SHEET = f"{AS_TEXT},,0,false,true,false,false,false,-1"
NAMES = [
    "=1+1",
    "+39 011",
    "-2-3",
    "@SUM(1+1)",
    '=HYPERLINK("https://example.org","Ana")',
    "＝1+1",
    'O’Neill, "Bob"; =1+1',
    "李小龙",
]
FIGURES = ["0012", "1/2"]  # a text table cannot say that these are words; the workbook does
ORGANIZER = "organizer@sheets.example.org"


@pytest.fixture(scope="module")
def files(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the files; people with such names are registered."""
    event = house.store(a_draft("sheets"))
    for number, name in enumerate(NAMES + FIGURES):
        house.register(event, given_name=name, family_name=f"Family{number:02}", email=f"{number}@sheets.example.org")
    house.hire(ORGANIZER, Role.ORGANIZER, "sheets", name="Giulia Verdi")
    return tmp_path_factory.mktemp("sheets")


def test_libreoffice_shows_each_name_as_it_was_typed(windows: Windows, files: Path) -> None:
    page = windows.staff(ORGANIZER)
    typed_as = {f"Family{number:02}": name for number, name in enumerate(NAMES + FIGURES)}

    workbook = taken(page, "xlsx", files / "sheets.xlsx")
    assert names_in(opened(workbook, files / "from-xlsx", EVERY_SHEET)) == typed_as

    text = taken(page, "csv", files / "sheets.csv")
    found = list(names_in(opened(text, files / "from-csv", AS_TEXT, infilter=AS_TEXT)).values())[: len(NAMES)]
    assert [name.replace(UNSEEN, "") for name in found] == NAMES
    assert [name for name in found if name.startswith(tuple("=+-@＝"))] == []


def taken(page: Page, ending: str, path: Path) -> Path:
    """The file of everybody, as an organizer takes it."""
    answer = page.request.get(f"/organize/sheets/attendees.{ending}")
    assert answer.ok
    path.write_bytes(answer.body())
    return path


def opened(path: Path, folder: Path, filter_: str, *, infilter: str = "") -> Path:
    """What LibreOffice shows, written down as text."""
    profile = f"-env:UserInstallation={(folder.parent / 'profile').as_uri()}"
    reads = [f"--infilter={infilter}"] if infilter else []
    writes = ["--convert-to", f"csv:{filter_}", "--outdir", str(folder), str(path)]
    command = [libreoffice() or "soffice", profile, "--headless", *reads, *writes]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return next(iter(sorted(folder.glob("*-Attendees.csv")) or folder.glob("*.csv")))  # a file for each sheet


def names_in(path: Path) -> dict[str, str]:
    """Given names by family name."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["family_name"]: row["given_name"] for row in csv.DictReader(file)}
