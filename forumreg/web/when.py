"""Days, hours, countries and languages as the reader writes them, in the event's zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from functools import cache

from babel import Locale
from babel.dates import (
    format_datetime,
    match_skeleton,
    parse_pattern,
    tokenize_pattern,
    untokenize_pattern,
)
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from forumreg.web.languages import OWN, language

RUN_OF_DAYS = "yMMMMd"
ABBREVIATED = 3  # letters of a field that is a short word, in CLDR's patterns; 4 are the whole word
_IN_A_DATE = {"L": "M", "c": "E"}  # months and weekdays that stand alone have other letters
_FIRST_OF_A_MONTH = re.compile(r"\b1(?=[ –]|$)")


def _locale() -> Locale:
    """The reader's locale; English is that of the United Nations and of Europe: 15 October, 24 hours."""
    locale = get_locale() or Locale(OWN)
    return Locale("en", "GB") if str(locale) == OWN else locale


def day(value: date | datetime, zone: tzinfo | None = None, *, form: str = "MMMMEEEEd") -> str:
    """A day with its weekday (``Thursday 15 October``), of an instant in the zone."""
    local = value.astimezone(zone).date() if isinstance(value, datetime) else value
    return _one_day(local, str(_locale()), form)


@cache
def _one_day(value: date, locale: str, form: str) -> str:
    skeletons = Locale.parse(locale).datetime_skeletons
    nearest = form if form in skeletons else match_skeleton(form, skeletons)
    return _spoken(value, skeletons[nearest or "yMMMEd"].pattern, form, locale)


def _spoken(value: date, pattern: str, form: str, locale: str) -> str:
    """A day by a pattern of CLDR, its months and weekdays as long as the form asks, as ICU does it."""
    asked = {token[0]: int(token[1]) for kind, token in tokenize_pattern(form) if kind == "field"}
    fitted = untokenize_pattern((kind, _fitted(token, asked)) for kind, token in tokenize_pattern(pattern))
    said = parse_pattern(fitted).apply(value, locale)
    return _FIRST_OF_A_MONTH.sub("1er", said) if locale == "fr" else said


def _fitted(token: str | tuple[str, int], asked: Mapping[str, int]) -> str | tuple[str, int]:
    if isinstance(token, str):
        return token  # what stands between the fields
    letter, width = token
    is_word = letter in "Ec" or (letter in "ML" and width >= ABBREVIATED)
    return (letter, max(asked.get(_IN_A_DATE.get(letter, letter), width), ABBREVIATED) if is_word else width)


def clock(value: datetime, zone: tzinfo) -> str:
    """An hour of 24, as on every badge and sign."""
    return value.astimezone(zone).strftime("%H:%M")


def day_and_clock(value: datetime, zone: tzinfo) -> str:
    """A day and an hour (``Friday 9 October 2015, 23:59``)."""
    return f"{day(value, zone, form='yMMMMEEEEd')}, {clock(value, zone)}"


def days(starts_on: date, ends_on: date) -> str:
    """A run of days (``15–18 October 2015``)."""
    if starts_on == ends_on:
        return day(starts_on, form=RUN_OF_DAYS)
    return _run(starts_on, ends_on, str(_locale()))


@cache
def _run(starts_on: date, ends_on: date, locale: str) -> str:
    formats = Locale.parse(locale).interval_formats
    changing = next(
        letter
        for letter, part in (("y", "year"), ("M", "month"), ("d", "day"))
        if getattr(starts_on, part) != getattr(ends_on, part)
    )
    patterns = formats[match_skeleton(RUN_OF_DAYS, formats) or "yMMMd"][changing]
    return "".join(
        _spoken(value, pattern, RUN_OF_DAYS, locale)
        for pattern, value in zip(patterns, (starts_on, ends_on), strict=True)
    )


def zone_name(city: str, zone: tzinfo, at: datetime) -> str:
    """Whose time it is, and how far from UTC (``Turin time, UTC+02:00``)."""
    offset = format_datetime(at.astimezone(zone), "'UTC'xxx", locale=_locale())
    return _("%(city)s time, %(offset)s", city=city, offset=offset) if city else offset


def country_name(code: str) -> str:
    """A country in the reader's language; the code where it has no name."""
    return str(_locale().territories.get(code, code)) if code else ""


def language_name(code: str) -> str:
    """A language in the reader's language, with a capital."""
    name = language_within(code)
    return name[:1].upper() + name[1:]


def language_within(code: str) -> str:
    """A language as the reader's language writes it inside a sentence (``anglais``)."""
    return str(_locale().languages.get(code, code))


def language_list(codes: Iterable[str]) -> str:
    """Languages with one capital, at the head (``Anglais, espagnol``)."""
    known = _locale().languages  # found once: a form has the languages of every session
    names = ", ".join(str(known.get(code, code)) for code in codes)
    return names[:1].upper() + names[1:]


@cache
def _countries(locale: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(locale).territories
    rows = [
        (code, name) for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    ]
    return tuple(sorted(rows, key=lambda row: _sortable(row[1])))


# Groupings and private-use codes that CLDR names beside ISO 3166-1.
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})


def _sortable(name: str) -> str:
    import_free = name.casefold()
    for accented, bare in zip("éèêàâîïôöçåÉÎÅ", "eeeaaiioocaeia", strict=True):
        import_free = import_free.replace(accented, bare)
    return import_free


def country_codes() -> frozenset[str]:
    """Every country that a person may come from."""
    return frozenset(code for code, _name in _countries(OWN))


@cache
def _country_options(locale: str) -> Markup:
    rows = (f'<option value="{code}">{escape(name)}</option>' for code, name in _countries(locale))
    return Markup("".join(rows))  # noqa: S704 (codes are ours, names are escaped)


def country_options(chosen: str = "") -> Markup:
    """The options of a country list in the reader's language, the chosen one selected."""
    options = _country_options(str(_locale()))
    if not chosen:
        return options
    value = f'value="{escape(chosen)}"'
    return Markup(str(options).replace(value, f"{value} selected", 1))  # noqa: S704 (both sides are escaped)


def today_in(zone: tzinfo, at: datetime) -> date:
    """The calendar day of an instant in a zone."""
    return at.astimezone(zone).date()


__all__ = [
    "clock",
    "country_codes",
    "country_name",
    "country_options",
    "day",
    "day_and_clock",
    "days",
    "language",
    "language_list",
    "language_name",
    "language_within",
    "today_in",
    "zone_name",
]
