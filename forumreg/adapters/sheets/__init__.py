"""Rosters as files: CSV, XLSX and JSON, written row by row."""

from forumreg.adapters.sheets.cells import harmless
from forumreg.adapters.sheets.formats import FORMATS, Format, spooled
from forumreg.adapters.sheets.sheet import Labels, Sheet

__all__ = ["FORMATS", "Format", "Labels", "Sheet", "harmless", "spooled"]
