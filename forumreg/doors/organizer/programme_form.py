"""The form of a programme session: filled from a draft, read into one. Shapes the input, decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired

from forumreg.base.folding import clean_line, clean_text, prose, prose_line
from forumreg.base.texts import Texts
from forumreg.doors.organizer.programme_words import booking_words, visibility_words
from forumreg.rules.event import EventFacts
from forumreg.rules.event.checks import LONGEST_LINE, LONGEST_TEXT
from forumreg.rules.event.drafts import (
    BOOKINGS,
    SESSION_KINDS,
    SESSION_VISIBILITIES,
    SessionDraft,
    SpeakerDraft,
)
from forumreg.rules.planning import local_instants
from forumreg.rules.registration import INTERPRETATION
from forumreg.web import language, number, translated
from forumreg.web.when import clock, language_name, language_within, zone_name
from forumreg.web.words import kind_words

EMPTY_ROWS = 3  # for speakers, below those that are filled in
MOST_ROWS = 300
LARGEST_NUMBER = 1_000_000  # places; as an event file may say
FOLDS = ("0", "1")  # which of two readings of a doubtful hour: before the clocks change, or after
USUAL_LENGTH = timedelta(minutes=90)
FIRST_HOUR = time(9, 0)


class SessionForm(FlaskForm):
    """What is asked of every session; ``form_class`` adds texts by language and places by category."""

    version = HiddenField()
    kind = SelectField(_l("Kind"), validate_choice=False)
    track = SelectField(_l("Track"), validate_choice=False)
    room = SelectField(_l("Room"), validate_choice=False)
    day = StringField(_l("Day"), [InputRequired()])
    starts = StringField(_l("Starts"), [InputRequired()])
    ends = StringField(_l("Ends"), [InputRequired()])
    ends_on = StringField(_l("Day it ends, if another"))
    starts_fold = RadioField(_l("Which start do you mean?"), validate_choice=False, choices=[])
    ends_fold = RadioField(_l("Which end do you mean?"), validate_choice=False, choices=[])
    capacity = StringField(_l("Capacity"))
    languages = SelectMultipleField(_l("Languages spoken"), validate_choice=False)
    interpreted = SelectMultipleField(_l("Interpreted into"), validate_choice=False)
    lead = SelectField(_l("Lead organization"), validate_choice=False)
    booking = RadioField(_l("Booking"), validate_choice=False)
    visibility = RadioField(_l("Who sees it"), validate_choice=False)

    def prepare(self, event: EventFacts) -> None:
        """Fill in what may be chosen."""
        self.kind.choices = list(kind_words().items())
        self.track.choices = [("", _("No track")), *((each.key, translated(each.title)) for each in event.tracks)]
        self.room.choices = [("", _("No room yet")), *((each.key, _room_words(each)) for each in event.rooms)]
        self.lead.choices = [("", _("None")), *((each.short, each.name) for each in event.organisations)]
        self.booking.choices = list(booking_words().items())
        self.visibility.choices = list(visibility_words().items())
        tags = _languages(event, [*(self.languages.data or ()), *(self.interpreted.data or ())])
        self.languages.choices = self.interpreted.choices = [(code, language_name(code)) for code in tags]

    def say(self, problems: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Put each problem at its input; answers the problems as links to inputs."""
        found = []
        for name, message in problems:
            if name in self:
                self[name].errors = (message,)
            found.append((name, message))
        return found


@dataclass(frozen=True, slots=True)
class Speaker:
    """A row of the form's speakers, as typed."""

    name: str = ""
    title: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sent form says: a draft, or what is wrong with it (input and sentence)."""

    draft: SessionDraft | None
    problems: tuple[tuple[str, str], ...]


def _room_words(room: Any) -> str:
    name = translated(room.name)
    if room.capacity is None:
        return name
    return _("%(room)s (%(num)s seats)", room=name, num=number(language(), room.capacity))


def _languages(event: EventFacts, more: Iterable[str]) -> list[str]:
    """The event's languages, those of the United Nations, and every one that a session has."""
    used = {code for entry in event.planned for code in (*entry.languages, *entry.interpreted)}
    return list(dict.fromkeys([*event.languages, *INTERPRETATION, *sorted(used | set(more))]))


@lru_cache(maxsize=256)
def form_class(texts: tuple[tuple[str, str, str], ...], held: tuple[tuple[str, str], ...]) -> type[SessionForm]:
    """The form with texts in these languages (code, label of the title, of the abstract) and places to hold."""
    fields: dict[str, Any] = {}
    for at, (code, title, abstract) in enumerate(texts):
        fields[f"title-{code}"] = StringField(title, [InputRequired()] if at == 0 else [])
        fields[f"abstract-{code}"] = TextAreaField(abstract)
    fields |= {name: StringField(label) for name, label in held}
    return type("SessionFormOfEvent", (SessionForm,), fields)


def form_for(event: EventFacts, values: Mapping[str, Any] | None = None) -> SessionForm:
    """The event's form with these values; without any, filled from the request."""
    is_one = len(event.languages) == 1
    names = {code: language_within(code) for code in event.languages}
    texts = tuple(
        (
            code,
            pgettext("session", "Title") if is_one else _("Title, in %(language)s", language=name),
            _("Abstract") if is_one else _("Abstract, in %(language)s", language=name),
        )
        for code, name in names.items()
    )
    held = tuple((f"held-{each.key}", translated(each.title)) for each in event.categories)
    form = form_class(texts, held)(formdata=request.form if values is None else None, data=dict(values or {}))
    form.prepare(event)
    return form


# From a draft ----------------------------------------------------------------------------------------------------


def values_of(event: EventFacts, draft: SessionDraft, version: int | None) -> dict[str, Any]:
    """A draft as the values of its form."""
    starts_at, ends_at = (each.astimezone(event.zone) for each in (draft.starts_at, draft.ends_at))
    return {
        "version": "" if version is None else str(version),
        **{name: getattr(draft, name) for name in ("kind", "booking", "visibility")},
        **{name: getattr(draft, name) or "" for name in ("track", "room")},
        "lead": _lead(event, draft.lead),
        "day": starts_at.date().isoformat(),
        "starts": clock(starts_at, event.zone),
        "ends": clock(ends_at, event.zone),
        "ends_on": ends_at.date().isoformat() if ends_at.date() != starts_at.date() else "",
        "starts_fold": str(starts_at.fold),
        "ends_fold": str(ends_at.fold),
        "capacity": "" if draft.capacity is None else str(draft.capacity),
        "languages": list(draft.languages),
        "interpreted": list(draft.interpreted),
        **{f"title-{code}": draft.title.get(code, "") for code in event.languages},
        **{f"abstract-{code}": draft.abstract.get(code, "") for code in event.languages},
        **{f"held-{key}": str(places) for key, places in draft.held.items()},
    }


def _lead(event: EventFacts, name: str | None) -> str:
    return next((each.short for each in event.organisations if name and name in {each.name, each.short}), "")


def a_new_draft(event: EventFacts, day: str = "", room: str = "", at: str = "") -> SessionDraft:
    """What the form of a new session starts from."""
    try:
        local = datetime.combine(date.fromisoformat(day), time.fromisoformat(at) if at else FIRST_HOUR)
    except ValueError:
        local = datetime.combine(event.starts_on, FIRST_HOUR)
    starts_at = local.replace(tzinfo=event.zone).astimezone(UTC)
    return SessionDraft(
        id="",
        title={},
        kind="panel",
        starts_at=starts_at,
        ends_at=starts_at + USUAL_LENGTH,
        room=room if room in {each.key for each in event.rooms} else None,
        visibility="draft",
        booking="open",
    )


def speakers_of(draft: SessionDraft) -> list[Speaker]:
    """The rows of a draft's speakers, and empty ones below."""
    rows = [Speaker(each.name, each.title, each.organisation) for each in draft.speakers]
    return [*rows, *[Speaker()] * EMPTY_ROWS]


def sent_speakers(sent: MultiDict[str, str], *, more: bool = False) -> list[Speaker]:
    """The rows as they were sent, empty ones too; with ``more`` there are more of those."""
    numbers = [int(name.split("-")[1]) for name in sent if _is_speaker(name)]
    number = min(max(numbers, default=-1) + 1, MOST_ROWS)
    names = ("name", "title", "organisation")
    rows = [Speaker(*(sent.get(f"speaker-{row}-{name}", "") for name in names)) for row in range(number)]
    return [*rows, *[Speaker()] * (EMPTY_ROWS if more else max(0, EMPTY_ROWS - number))]


def _is_speaker(name: str) -> bool:
    parts = name.split("-")
    return len(parts) == 3 and parts[0] == "speaker" and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 4


# Into a draft ----------------------------------------------------------------------------------------------------


def read_form(event: EventFacts, form: SessionForm, base: SessionDraft, sent: MultiDict[str, str]) -> Reading:
    """The draft that a sent form says; what it does not ask is kept from ``base``."""
    problems: list[tuple[str, str]] = []
    titles = {**base.title, **_texts(event, sent, "title", base.title, prose_line)}
    if not any(titles.values()):
        problems.append((f"title-{event.language}", _("Enter a title.")))
    abstracts = {**base.abstract, **_texts(event, sent, "abstract", base.abstract, prose)}
    for name, texts, longest in (("title", titles, LONGEST_LINE), ("abstract", abstracts, LONGEST_TEXT)):
        problems += [
            (f"{name}-{code}", _("Shorten this to %(max)d characters.", max=longest))
            for code, text in texts.items()
            if len(text) > longest
        ]
    moments = _moments(event, form, problems)
    numbers = _numbers(event, form, problems)
    _choices(event, form, problems)
    speakers = [_clean(each) for each in sent_speakers(sent)]
    for row, speaker in enumerate(speakers):
        if (speaker.title or speaker.organisation) and not speaker.name:
            problems.append((f"speaker-{row}-name", _("Enter the speaker’s name.")))
    if problems or moments is None:
        return Reading(None, tuple(problems))
    draft = replace(
        base,
        title=_filled(titles),
        abstract=_filled(abstracts),
        kind=form.kind.data,
        starts_at=moments[0],
        ends_at=moments[1],
        track=form.track.data or None,
        room=form.room.data or None,
        capacity=numbers.pop("capacity", None),
        languages=_tags(form.languages.data, base.languages),
        interpreted=_tags(form.interpreted.data, base.interpreted),
        speakers=tuple(SpeakerDraft(each.name, each.title, each.organisation) for each in speakers if each.name),
        booking=form.booking.data,
        visibility=form.visibility.data,
        held={key: places for key, places in numbers.items() if places},
        lead=form.lead.data or None,
    )
    return Reading(draft, ())


def _texts(
    event: EventFacts, sent: MultiDict[str, str], name: str, before: Texts, clean: Callable[[str], str]
) -> dict[str, str]:
    """What was typed in each language; where nothing but blanks differs it stays as it was, no-break spaces too."""
    typed = {code: clean(sent.get(f"{name}-{code}", "")) for code in event.languages}
    return {
        code: before[code] if clean_text(text) == clean_text(before.get(code, "")) != "" else text
        for code, text in typed.items()
    }


def _tags(sent: Iterable[str] | None, before: tuple[str, ...]) -> tuple[str, ...]:
    """The languages that were ticked; the same ones stay in the order that they had."""
    tags = tuple(dict.fromkeys(sent or ()))
    return before if set(tags) == set(before) else tags


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {code: text for code, text in texts.items() if text}


def _clean(row: Speaker) -> Speaker:
    return Speaker(clean_line(row.name), clean_line(row.title), clean_line(row.organisation))


def _numbers(event: EventFacts, form: SessionForm, problems: list[tuple[str, str]]) -> dict[str, int]:
    """Capacity, and places held by category key."""
    found = {}
    names = {"capacity": "capacity"} | {f"held-{each.key}": each.key for each in event.categories}
    for name, key in names.items():
        typed = (form[name].data or "").strip()
        if not typed:
            continue
        if not (typed.isascii() and typed.isdigit() and int(typed) <= LARGEST_NUMBER):
            problems.append((name, _("Enter a whole number, such as 60, or leave it empty.")))
        else:
            found[key] = int(typed)
    if found.get("capacity") == 0:
        problems.append(("capacity", _("Enter at least 1, or leave it empty for as many as the room holds.")))
    return found


def _choices(event: EventFacts, form: SessionForm, problems: list[tuple[str, str]]) -> None:
    """Only what the form offers was chosen."""
    offered: dict[str, Sequence[str]] = {"kind": SESSION_KINDS, "booking": BOOKINGS, "visibility": SESSION_VISIBILITIES}
    offered |= {name: [str(value) for value, _label in form[name].choices] for name in ("track", "room", "lead")}
    for name, values in offered.items():
        if (form[name].data or "") not in values:
            problems.append((name, _("Choose one of those that the page offers.")))
    known = set(_languages(event, ()))
    problems += [
        (name, _("Choose one of those that the page offers."))
        for name in ("languages", "interpreted")
        if set(form[name].data or ()) - known
    ]
    if form.kind.data == "break" and form.booking.data != "none":
        problems.append(("booking", _("A break cannot be booked. Choose “No booking”.")))


def _moments(event: EventFacts, form: SessionForm, problems: list[tuple[str, str]]) -> tuple[datetime, datetime] | None:
    """Start and end; doubtful hours are asked about."""
    day = _parsed(form, "day", date.fromisoformat, _("Enter the day, such as 2015-10-16."), problems)
    starts = _parsed(form, "starts", time.fromisoformat, _("Enter when it starts, such as 09:30."), problems)
    ends = _parsed(form, "ends", time.fromisoformat, _("Enter when it ends, such as 11:00."), problems)
    last = day
    if (form.ends_on.data or "").strip():
        last = _parsed(form, "ends_on", date.fromisoformat, _("Enter the day it ends, or leave it empty."), problems)
    if day is None or last is None or starts is None or ends is None:
        return None
    starts_at = _instant(event, form, "starts", datetime.combine(day, starts), problems)
    ends_at = _instant(event, form, "ends", datetime.combine(last, ends), problems)
    if starts_at is None or ends_at is None:
        return None
    if ends_at <= starts_at:
        place, said = ("ends_on", _("It ends before it starts. Look at both days.")) if last != day else ("ends", "")
        problems.append(
            (place, said or _("It ends before it starts. If it goes on past midnight, enter the day it ends, too."))
        )
        return None
    return starts_at, ends_at


def _parsed(form: SessionForm, name: str, parse: Any, message: str, problems: list[tuple[str, str]]) -> Any:
    try:
        value = parse((form[name].data or "").strip())
    except ValueError:
        problems.append((name, message))
        return None
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0, tzinfo=None)
    if not 1900 <= value.year <= 2199:  # what an event file may say
        problems.append((name, message))
        return None
    return value


def _instant(
    event: EventFacts, form: SessionForm, name: str, local: datetime, problems: list[tuple[str, str]]
) -> datetime | None:
    """The instant that a local hour means; where it is doubtful, the one that was chosen."""
    found = local_instants(event.zone, local)
    if len(found) == 1:
        return found[0]
    field = form[f"{name}_fold"]
    readings = readings_of(event.zone, local)
    field.choices = [
        (fold, _("%(clock)s (%(zone)s)", clock=clock(at, event.zone), zone=zone_name(event.city, event.zone, at)))
        for fold, at in zip(FOLDS, readings, strict=True)
    ]
    if field.data in FOLDS:
        return readings[int(field.data)]
    hour = f"{local:%H:%M}"
    said = (
        _("The clocks go back that night and show %(clock)s twice. Choose which one you mean.", clock=hour)
        if found
        else _("The clocks go forward that night and never show %(clock)s. Choose which hour you mean.", clock=hour)
    )
    problems.append((f"{name}_fold", said))
    return None


def readings_of(zone: ZoneInfo, local: datetime) -> tuple[datetime, datetime]:
    """What a doubtful hour may mean: by the offset before the clocks change, and by that after it."""
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return before, after


def doubtful(event: EventFacts, form: SessionForm) -> Iterator[str]:
    """The radio groups that a filled form has to show, because its hours are doubtful; their choices are set."""
    for name, day_name in (("starts", "day"), ("ends", "ends_on")):
        try:
            day = date.fromisoformat((form[day_name].data or form.day.data or "").strip())
            local = datetime.combine(day, time.fromisoformat((form[name].data or "").strip()))
        except ValueError:
            continue
        if len(local_instants(event.zone, local)) != 1:
            _instant(event, form, name, local, [])
            yield f"{name}_fold"
