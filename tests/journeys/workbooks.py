"""A workbook as a spreadsheet shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def cells_of(path: Path) -> dict[str, list[list[Any]]]:
    """The cells of each sheet, by its name. None of them may be a formula."""
    book = load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
