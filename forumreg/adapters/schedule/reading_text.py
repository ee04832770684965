"""Bytes to text, in whatever a spreadsheet or another program saved it."""

from __future__ import annotations

import codecs
import unicodedata

from forumreg.adapters.schedule.reading_items import Place, problem
from forumreg.base.errors import Invalid

LARGEST_BYTES = 10 * 1024 * 1024  # real schedules of 1,500 sessions have 3 to 6 MB
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BREAKS = str.maketrans({"\x0b": "\n", "\x0c": "\n", "\x85": "\n"})  # line breaks of text processors


def text_of(blob: bytes, *, is_json: bool = False) -> str:
    """The text in the bytes: UTF-8, UTF-16 or, of a sheet, what Windows wrote before them.

    Raises:
        Invalid: it is none of these; the line is named.
    """
    encoding = _encoding(blob)
    try:
        return blob.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or is_json:
            line = blob[: error.start].count(b"\n") + 1
            raise Invalid(problem(Place("", line), "encoding")) from None
    try:
        return blob.decode("cp1252")
    except UnicodeDecodeError:
        return blob.decode("iso8859-1")  # knows every byte; what is no letter is met as a control character


def _encoding(blob: bytes) -> str:
    for mark, encoding in _BOMS:
        if blob.startswith(mark):
            return encoding
    head = blob[:400]
    if head.count(0) * 3 > len(head):  # letters of Latin in two bytes
        return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    return "utf-8"


def has_control(text: str) -> bool:
    """Whether there is a sign that no text holds: a control but tab and line ends, or half a sign."""
    return any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\t\n\r" for sign in text)


def broken(text: str) -> str:
    """The text with the line breaks of text processors as ours."""
    return text.translate(_BREAKS)
