"""A sheet of sessions, from CSV or XLSX, as items: a row a session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from forumreg.adapters.schedule.columns import ABSTRACT, TITLE, held_of, list_of, speakers_of
from forumreg.adapters.schedule.reading_columns import (
    ABSTRACTS,
    DAY,
    DURATION,
    KEEP,
    LEAVE,
    LONGEST_HEAD,
    TITLES,
    cell,
    head_of,
    matched,
)
from forumreg.adapters.schedule.reading_csv import Grid
from forumreg.adapters.schedule.reading_hours import Hours, duration_of, end_of, hour_of
from forumreg.adapters.schedule.reading_items import (
    MOST_SESSIONS,
    UNNAMED,
    Column,
    Item,
    Place,
    Said,
    Told,
    problem,
)
from forumreg.adapters.schedule.reading_kinds import is_ours, kind_of
from forumreg.adapters.schedule.reading_languages import language_of
from forumreg.adapters.schedule.reading_text import has_control
from forumreg.base.errors import Invalid, Problem
from forumreg.base.folding import clean_line, clean_text, prose, prose_line
from forumreg.rules.event.drafts import BOOKINGS, SESSION_VISIBILITIES
from forumreg.rules.event.facts import EventFacts


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid whose head and columns are known."""

    grid: Grid
    head: int
    columns: tuple[Column, ...]


def sheet_of(grids: Sequence[Grid], chosen: Mapping[int, str]) -> Sheet:
    """The sheet that looks most like a programme, the first of these; without any, the first row is the head.

    Raises:
        Invalid: there is nothing in it, or two columns are chosen for the same.
    """
    filled = [grid for grid in grids if grid.rows]
    if not filled:
        raise Invalid(problem(Place(""), "empty"))
    grid = max(filled, key=_known)
    head = max(0, head_of(grid))
    width = max(len(row) for row in grid.rows[head:])
    heads = [clean_line(text) for text in grid.rows[head]]
    heads += [""] * (width - len(heads))
    below = grid.rows[head + 1 :]
    return Sheet(grid, head, matched(heads, below, chosen))


def _known(grid: Grid) -> int:
    head = head_of(grid)
    return 0 if head < 0 else sum(column.field != KEEP for column in matched(grid.rows[head], (), {}))


def told(sheet: Sheet, others: Sequence[Grid], event: EventFacts) -> Told:
    """What the sheet tells.

    Raises:
        Invalid: every cell that is wrong, by its name in spreadsheets.
    """
    fields = {column.field: number for number, column in enumerate(sheet.columns)}
    _require(fields)
    reader = _Rows(sheet, event)
    rows = list(zip(sheet.grid.numbers, sheet.grid.rows, strict=True))[sheet.head + 1 :]
    if len(rows) > MOST_SESSIONS:
        raise Invalid(problem(Place(sheet.grid.name), "too_many", most=MOST_SESSIONS))
    if not rows:
        raise Invalid(problem(Place(sheet.grid.name), "empty"))
    items, wrong = [], list[Problem]()
    for number, row in rows:
        try:
            items.append(reader.item(number, row))
        except Invalid as invalid:
            wrong += invalid.problems
    if wrong:
        raise Invalid(*wrong)
    return Told(tuple(items), named=_named(sheet, others))


def _require(fields: Mapping[str, int]) -> None:
    """Without a title and a start nothing can be brought in."""
    has_title = any(field == TITLES or field.startswith(TITLE) for field in fields)
    missing = [name for name, there in (("title", has_title), ("starts_at", "starts_at" in fields)) if not there]
    if "ends_at" not in fields and DURATION not in fields:
        missing.append("ends_at")
    if missing:
        raise Invalid(*(problem(Place(name), "missing_column") for name in missing))


def _named(sheet: Sheet, others: Sequence[Grid]) -> Counter[str]:
    below = sheet.grid.rows[sheet.head + 1 :]
    named: Counter[str] = Counter()
    for number, column in enumerate(sheet.columns):
        if column.field == LEAVE:
            named[_name(column, number)] = sum(number < len(row) and bool(row[number].strip()) for row in below)
    for row in sheet.grid.rows[: sheet.head]:
        named[clean_line(" ".join(filter(None, row)))[:LONGEST_HEAD]] += 1
    for grid in others:
        if grid is not sheet.grid:
            named[grid.name] += len(grid.rows)
    return +named


def _name(column: Column, number: int) -> str:
    """Under what a column without a field is kept."""
    return column.head[:LONGEST_HEAD] or cell(number, 0).rstrip("0")


class _Rows:
    """Reads rows of one sheet."""

    def __init__(self, sheet: Sheet, event: EventFacts) -> None:
        self.sheet = sheet
        self.hours = Hours(event.zone, event.days)
        self.single: Mapping[str, Callable[[Said, str, Place], None]] = {
            "kind": _kind,
            "track": _line("track"),
            "room": _line("room"),
            "lead": _line("lead"),
            "capacity": _capacity,
            "languages": _tags("languages"),
            "interpreted": _tags("interpreted"),
            "speakers": _speakers,
            "booking": _word("booking", BOOKINGS, "unknown_booking"),
            "visibility": _word("visibility", SESSION_VISIBILITIES, "unknown_visibility"),
            "held": _held,
        }

    def item(self, number: int, row: Sequence[str]) -> Item:
        """One row.

        Raises:
            Invalid: every cell of it that is wrong.
        """
        cells, places, extra = self.cells(number, row)
        said, wrong = Said(), list[Problem]()
        for read in (self.fields, self.texts, self.times):
            try:
                read(said, cells, places)
            except Invalid as invalid:
                wrong += invalid.problems
        guid = clean_line(cells.get("guid", ""))
        try:
            guid = str(UUID(guid)) if guid else ""
        except ValueError:
            extra["guid"], guid = guid, ""
        if wrong:
            raise Invalid(*wrong)
        place = places.get("title") or next(iter(places.values()), Place(str(number)))
        return Item(place, said, guid or None, clean_line(cells.get("id", "")) or None, extra, places)

    def cells(self, number: int, row: Sequence[str]) -> tuple[dict[str, str], dict[str, Place], dict[str, Any]]:
        """The cells by field, where they stand, and what is kept beside."""
        cells, places, extra = dict[str, str](), dict[str, Place](), dict[str, Any]()
        for at, column in enumerate(self.sheet.columns):
            text = row[at] if at < len(row) else ""
            place = Place(f"{self.sheet.grid.name}!{cell(at, number)}" if self.sheet.grid.name else cell(at, number))
            if has_control(text):
                raise Invalid(problem(place, "control"))
            if column.field == KEEP:
                extra |= {_name(column, at): clean_text(text)} if clean_text(text) else {}
            elif column.field != LEAVE:
                cells[column.field], places[column.field] = text, place
                places.setdefault(column.field.partition("_")[0], place)
        return cells, places, extra

    def fields(self, said: Said, cells: Mapping[str, str], places: Mapping[str, Place]) -> None:
        """What stands in one cell each."""
        wrong: list[Problem] = []
        for name, read in self.single.items():
            if name in cells:
                try:
                    read(said, clean_line(cells[name]) if name != "speakers" else cells[name], places[name])
                except Invalid as invalid:
                    wrong += invalid.problems
        if wrong:
            raise Invalid(*wrong)

    def texts(self, said: Said, cells: Mapping[str, str], _places: Mapping[str, Place]) -> None:
        """Titles and abstracts by language."""
        said["title"] = _by_language(cells, TITLES, TITLE, prose_line)
        abstract = _by_language(cells, ABSTRACTS, ABSTRACT, prose)
        if abstract:
            said["abstract"] = abstract

    def times(self, said: Said, cells: Mapping[str, str], places: Mapping[str, Place]) -> None:
        """Start and end, from instants, or from a day and hours."""
        at = places["starts_at"]
        text = clean_line(cells["starts_at"])
        if not text:
            raise Invalid(problem(at, "missing"))
        day = (
            self.hours.day(clean_line(cells[DAY]).partition(" ")[0], places[DAY])
            if cells.get(DAY, "").strip()
            else None
        )
        if day is not None and _is_hour(text):
            starts_at = self.hours.instant(datetime.combine(day, hour_of(text, at)), at)
        else:
            starts_at = self.hours.moment(text, at)
        said["starts_at"] = starts_at
        said["ends_at"] = self.end(starts_at, cells, places)

    def end(self, starts_at: datetime, cells: Mapping[str, str], places: Mapping[str, Place]) -> datetime:
        """The end, be it an instant, an hour or a duration."""
        text, length = clean_line(cells.get("ends_at", "")), clean_line(cells.get(DURATION, ""))
        place = places.get("ends_at") or places[DURATION]
        if text and _is_hour(text):
            day = starts_at.astimezone(self.hours.zone).date()
            return end_of(starts_at, day, hour_of(text, place), self.hours, place)
        if text:
            ends_at = self.hours.moment(text, place)
        elif length:
            ends_at = starts_at.astimezone(UTC) + duration_of(length, places[DURATION])
        else:
            raise Invalid(problem(place, "missing_end"))
        if ends_at <= starts_at:
            raise Invalid(problem(place, "ends_before_start"))
        return ends_at


def _is_hour(text: str) -> bool:
    try:
        hour_of(text, Place(""))
    except Invalid:
        return False
    return True


def _by_language(cells: Mapping[str, str], plain: str, stem: str, clean: Callable[[str], str]) -> dict[str, str]:
    found = {name.removeprefix(stem): clean(text) for name, text in cells.items() if name.startswith(stem)}
    return {**found, UNNAMED: clean(cells[plain])} if plain in cells else found


def _line(name: str) -> Callable[[Said, str, Place], None]:
    def read(said: Said, text: str, _place: Place) -> None:
        said[name] = text  # type: ignore[literal-required]  # a name of its own

    return read


def _word(name: str, known: Sequence[str], refusal: str) -> Callable[[Said, str, Place], None]:
    def read(said: Said, text: str, place: Place) -> None:
        word = text.casefold()
        if word in known:
            said[name] = word  # type: ignore[literal-required]  # a name of its own
        elif word:
            raise Invalid(problem(place, refusal, value=text[:60]))

    return read


def _kind(said: Said, text: str, _place: Place) -> None:
    if is_ours(text):
        said["kind"] = text
    elif text:
        known = kind_of(text)
        if known is not None:
            said["kind"] = known
        else:
            said["type"] = text


def _capacity(said: Said, text: str, place: Place) -> None:
    digits = text.replace(" ", "").replace("\u00a0", "")
    if digits and not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise Invalid(problem(place, "bad_capacity", value=text[:60]))
    said["capacity"] = int(digits) if digits else None


def _tags(name: str) -> Callable[[Said, str, Place], None]:
    def read(said: Said, text: str, place: Place) -> None:
        words = list_of(text.replace("/", ";"))
        found = [(word, language_of(word)) for word in words]
        wrong = [problem(place, "unknown_language", value=word[:60]) for word, tag in found if tag is None]
        if wrong:
            raise Invalid(*wrong)
        said[name] = tuple(dict.fromkeys(tag for _word_, tag in found if tag))  # type: ignore[literal-required]  # a name of its own

    return read


def _speakers(said: Said, text: str, _place: Place) -> None:
    said["speakers"] = speakers_of(text)


def _held(said: Said, text: str, place: Place) -> None:
    try:
        said["held"] = held_of(text)
    except ValueError:
        raise Invalid(problem(place, "bad_held", value=text[:60])) from None
    if any(places < 0 for places in said["held"].values()):
        raise Invalid(problem(place, "bad_held", value=text[:60]))
