"""The registration form: fields as they are read, rows of sessions as they are shown. Decides nothing."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol

from flask import request
from flask_babel import format_number, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    Field,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from forumreg.rules.event import EventFacts, FieldFacts, SessionFacts
from forumreg.rules.registration import INTERPRETATION, Choice, RegistrationFacts, Submission
from forumreg.rules.seats import PoolState
from forumreg.web import language, translated
from forumreg.web.languages import installed, name_of
from forumreg.web.when import clock, day, language_list, language_name
from forumreg.web.words import diet_words, kind_words

WAIT = "wait:"  # before a session's key: its line will do
# These look at the form's token themselves, so that an expired one costs nobody what was typed.
CHECK_OWN_TOKEN = ("participant.registration.send", "participant.own.change")
TRAP = "website"  # a field that people never see


class RegistrationForm(FlaskForm):
    """What is asked of everybody. ``questions`` adds the event's own."""

    class Meta(FlaskForm.Meta):
        """The library's own sentences are never shown, so nothing is spent on translating them."""

        def get_translations(self, form: Any) -> None:
            """None: rules find what is wrong, and ``problems`` says it."""

    key = HiddenField()
    version = HiddenField()
    accept_waitlist = HiddenField()
    honorific = StringField(_l("Title"))
    given_name = StringField(_l("Given names"))
    family_name = StringField(_l("Family name"))
    badge_name = StringField(_l("Name on your badge"))
    email = StringField(_l("Email address"), [InputRequired()])
    phone = StringField(_l("Mobile phone"))
    organisation = StringField(_l("Organization"), [InputRequired()])
    job_title = StringField(_l("Your role there"))
    country = StringField(_l("Country you come from"), [InputRequired()])
    language = SelectField(_l("Language of our emails to you"), validate_choice=False)
    category = StringField(_l("In which category do you come?"), [InputRequired()])
    interpretation = SelectField(_l("Language you want to listen in"), validate_choice=False)
    dietary = SelectMultipleField(_l("Food"), validate_choice=False)
    accessibility = TextAreaField(_l("What do you need to take part fully?"))
    sharing = SelectMultipleField(_l("Sharing your details"), validate_choice=False)
    sessions = SelectMultipleField(_l("Sessions"), validate_choice=False)

    def prepare(self, event: EventFacts) -> None:
        """Fill in what may be chosen."""
        self.language.choices = [(code, name_of(code)) for code in installed()]
        spoken = {code for entry in event.sessions for code in entry.languages} or set(INTERPRETATION)
        self.interpretation.choices = [
            ("", _("No preference")),
            *((code, language_name(code)) for code in sorted(spoken)),
        ]
        self.dietary.choices = [(word, label) for word, label in diet_words().items()]
        self.sharing.choices = [(str(entry.id), entry.short) for entry in event.sharing]

    def submission(self, event: EventFacts) -> Submission:
        """What the rule takes."""
        lines = {name: self[name].data or "" for name in _LINES}
        return Submission(
            **lines,
            category=self.category.data or None,
            language=self.language.data if self.language.data in installed() else installed()[0],
            interpretation=_one_of(self.interpretation),
            dietary=tuple(self.dietary.data or ()),
            answers={entry.key: _answer(entry, self[name_of_question(entry)]) for entry in event.fields},
            sessions=tuple(_choice(value) for value in sent_sessions()),
            sharing=frozenset(whole_numbers(self.sharing.data or ())),
            accept_waitlist=bool(self.accept_waitlist.data),
            key=self.form_key(),
        )

    def form_key(self) -> str:
        """What makes sending this form again the same; a form that came without one gets its own."""
        if not 16 <= len(self.key.data or "") <= 64:
            self.key.data = secrets.token_urlsafe(18)
        return str(self.key.data)

    def is_ours(self) -> bool:
        """Whether the form's token is one that we gave this browser."""
        return "csrf_token" not in self or bool(self.csrf_token.validate(self))


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """The whole numbers among texts that somebody sent; what is none is left out."""
    return [int(text) for text in texts if _WHOLE_NUMBER.fullmatch(text)]


_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")  # within the ids of both databases
_LINES = (
    "honorific", "given_name", "family_name", "badge_name", "email", "phone", "organisation", "job_title", "country",
    "accessibility",
)  # fmt: skip


def _one_of(field: SelectField) -> str:
    known = {str(value) for value, _label in field.choices or ()}
    return field.data if field.data in known else ""


def name_of_question(entry: FieldFacts) -> str:
    """The input's name of a question of the event's own."""
    return f"q-{entry.key}"


@lru_cache(maxsize=256)
def form_class(event_id: int, questions: tuple[tuple[str, str, str, bool], ...]) -> type[RegistrationForm]:
    """The form with these questions (name, kind, label, required): made once for each wording of them."""
    fields = {name: _question(kind, label, required) for name, kind, label, required in questions}
    return type(f"RegistrationForm{event_id}", (RegistrationForm,), fields)


def form_for(event: EventFacts, **values: Any) -> RegistrationForm:
    """An event's form, filled from the request if one was sent, else with the values."""
    questions = tuple(
        (name_of_question(entry), entry.kind.value, translated(entry.label), entry.required) for entry in event.fields
    )
    form = form_class(event.id, questions)(**values)
    form.prepare(event)
    for entry in event.fields:
        if entry.kind in {"choice", "choices"}:
            form[name_of_question(entry)].choices = [
                (option.value, translated(option.label)) for option in entry.options
            ]
    return form


def _question(kind: str, label: str, required: bool) -> Any:
    validators = [InputRequired()] if required else []
    if kind == "long-text":
        return TextAreaField(label, validators)
    if kind == "choices":
        return SelectMultipleField(label, validators, validate_choice=False, choices=[])
    if kind == "choice":
        return SelectField(label, validators, validate_choice=False, choices=[])
    return StringField(label, validators)


def _answer(entry: FieldFacts, field: Field) -> Any:
    if entry.kind == "yes-no":
        return {"yes": True, "no": False}.get(field.data or "")
    return field.data


def _choice(value: str) -> Choice:
    waits = value.startswith(WAIT)
    return Choice(value.removeprefix(WAIT) if waits else value, waits)


def sent_sessions() -> list[str]:
    """The sessions that were chosen: one a group of parallel ones, any number of the others."""
    return [
        value
        for name, values in request.form.lists()
        if name == "sessions" or name.startswith("slot-")
        for value in values
        if value
    ]


def values_of(found: RegistrationFacts) -> dict[str, Any]:
    """A registration as the values of its form."""
    values: dict[str, Any] = {name: getattr(found, name) for name in _LINES}
    values |= {
        "version": str(found.version),
        "language": found.language,
        "category": found.category.key if found.category else "",
        "interpretation": found.interpretation,
        "dietary": list(found.dietary),
        "sharing": [str(entry) for entry in sorted(found.sharing)],
    }
    for entry in found.event.fields:
        answer = found.answers.get(entry.key)
        words = {True: "yes", False: "no"}
        values[name_of_question(entry)] = words[answer] if isinstance(answer, bool) else _typed(answer)
    return values


def _typed(answer: Any) -> Any:
    return answer if isinstance(answer, list) or answer is None else str(answer)


class SeatsLeft(Protocol):
    """Says what is left in a pool, as HTML."""

    def __call__(self, pool: PoolState, *, is_full: bool) -> Markup:
        """The words and the meter, or what stands for them."""


# Sessions ------------------------------------------------------------------------------------------------------


def session_parts(
    event: EventFacts,
    pools: Mapping[int, PoolState],
    chosen: Sequence[str],
    waiting: Mapping[int, int],
    *,
    held: frozenset[str] = frozenset(),
    clashes: Mapping[str, str] | None = None,
    seats: SeatsLeft | None = None,
) -> list[dict[str, Any]]:
    """The bookable sessions by day: groups of parallel ones to choose one of, then the others to choose any of.

    ``chosen`` are the values sent or kept; ``waiting`` says how many wait by session id; ``held`` are the keys in
    which the registrant has a seat, so that a full session is not full for them.
    """
    make = _RowMaker(event, pools, frozenset(chosen), waiting, held, clashes or {}, seats=seats or seats_left)
    by_day: dict[date, dict[tuple[datetime, datetime], list[SessionFacts]]] = {}
    for entry in event.bookable:
        hours = by_day.setdefault(entry.starts_at.astimezone(event.zone).date(), {})
        hours.setdefault((entry.starts_at, entry.ends_at), []).append(entry)
    return [
        {"title": day(date_), "sets": [make.slot(parallel) for parallel in hours.values()]}
        for date_, hours in by_day.items()
    ]


class _RowMaker:
    """Makes the rows of one day's sessions."""

    def __init__(
        self,
        event: EventFacts,
        pools: Mapping[int, PoolState],
        chosen: frozenset[str],
        waiting: Mapping[int, int],
        held: frozenset[str],
        clashes: Mapping[str, str],
        *,
        seats: SeatsLeft,
    ) -> None:
        self.event, self.pools, self.chosen = event, pools, chosen
        self.waiting, self.held, self.clashes = waiting, held, clashes
        self.seats, self.kinds = seats, kind_words()

    def slot(self, entries: Sequence[SessionFacts]) -> dict[str, Any]:
        """The sessions that start and end together: a choice of one where there are several."""
        first = entries[0]
        hours = f"{clock(first.starts_at, self.event.zone)}–{clock(first.ends_at, self.event.zone)}"
        rows = [self.row(entry) for entry in entries]
        is_choice = len(entries) > 1
        if is_choice:
            none = not any(row["checked"] for row in rows)
            rows.append({"value": "", "label": _("None of these"), "id": f"none-{first.key}", "checked": none})
        return {
            "id": f"slot-{first.id}",
            "name": f"slot-{first.id}" if is_choice else "sessions",
            "kind": "radio" if is_choice else "checkbox",
            "legend": hours,
            "note": _("in parallel, choose one") if is_choice else "",
            "rows": rows,
            "error": next((self.clashes[entry.key] for entry in entries if entry.key in self.clashes), ""),
        }

    def row(self, entry: SessionFacts) -> dict[str, Any]:
        """One session with what is left of it."""
        pool = self.pools[entry.pool_id or 0]
        has_seat, line = entry.key in self.held, f"{WAIT}{entry.key}"
        is_full = pool.is_full and not has_seat
        # Who waits keeps the place in line, also while a seat is free that another session keeps them from.
        value = line if is_full or (line in self.chosen and not has_seat) else entry.key
        title = translated(entry.title)
        return {
            "value": value,
            "label": title,
            "id": f"session-{entry.key}",
            "hint": " ".join(filter(None, (self._meta(entry), self._line(entry) if is_full else ""))),
            "end": self.seats(pool, is_full=is_full),
            "clash": self._clash(is_full=is_full) if entry.key in self.clashes else "",
            "checked": bool({entry.key, line} & self.chosen),
            "starts": int(entry.starts_at.timestamp() // 60),
            "ends": int(entry.ends_at.timestamp() // 60),
            "title": title,
        }

    @staticmethod
    def _clash(*, is_full: bool) -> str:
        """What is wrong with the row, in few words: its group says it in full."""
        return _("Full since you chose it") if is_full else _("At the same time as another session you chose")

    def _meta(self, entry: SessionFacts) -> str:
        room = translated(entry.room.name) if entry.room else ""
        spoken = language_list(entry.languages)
        return ". ".join(filter(None, (", ".join(filter(None, (self.kinds[entry.kind.value], room))), spoken))) + "."

    def _line(self, entry: SessionFacts) -> str:
        waiting = self.waiting.get(entry.id, 0)
        return ngettext(
            "Choose it to join its waiting list: %(count)s person is before you.",
            "Choose it to join its waiting list: %(count)s people are before you.",
            waiting,
            count=format_number(waiting),
        )


def clash_words() -> str:
    """The words of a clash hint; the script puts the other session's title in place of %s."""
    return str(_("Same time as “%(title)s”", title="%s"))


def seats_left(pool: PoolState, *, is_full: bool) -> Markup:
    """What is left, in words and as a meter; fast, for forms with many sessions."""
    return _seats_left(language(), pool.capacity, pool.left, is_full)


@lru_cache(maxsize=2048)
def _seats_left(_language: str, capacity: int | None, left: int | None, is_full: bool) -> Markup:
    if capacity is None or left is None:
        return Markup('<span class="soft">{}</span>').format(_("Open to everyone"))
    if is_full:
        return Markup('<span class="pill" data-tone="warn">{}</span>').format(_("Full"))
    percent = round(100 * (capacity - left) / capacity) if capacity else 100
    words = ngettext(
        "<b>%(left)s</b> of %(capacity)s left",
        "<b>%(left)s</b> of %(capacity)s left",
        left,
        left=format_number(left),
        capacity=format_number(capacity),
    )
    meter = Markup('<svg class="meter" aria-hidden="true"><rect width="{}%" height="100%"/></svg>')
    return Markup(f'<span class="num">{words}</span>') + meter.format(percent)  # noqa: S704 (our words, numbers)
