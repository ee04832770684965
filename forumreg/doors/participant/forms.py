"""The registration form: its fields as they are read. Decides nothing."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.csrf import validate_csrf
from wtforms import (
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, ValidationError

from forumreg.rules.event import EventFacts, FieldFacts
from forumreg.rules.registration import INTERPRETATION, Choice, RegistrationFacts, Submission, languages_of
from forumreg.web import kept, translated
from forumreg.web.languages import installed, name_of
from forumreg.web.when import language_name
from forumreg.web.words import diet_words

WAIT = "wait:"  # before a session's key: its line will do
# These look at the form's token themselves, so that an expired one costs nobody what was typed.
CHECK_OWN_TOKEN = (
    "participant.registration.send",
    "participant.registration.mail_links",
    "participant.own.change",
    "participant.choosing.choose",
    "participant.sharing.share",
)
WARNED = "warned"  # the sessions, by key, of which the form has said that they may not be understood
TRAP = "website"  # a field that people never see


class RegistrationForm(FlaskForm):
    """What is asked of everybody. ``questions`` adds the event's own."""

    class Meta(FlaskForm.Meta):
        """The library's own sentences are never shown, so nothing is spent on translating them."""

        def get_translations(self, form: Any) -> None:
            """None: rules find what is wrong, and ``problems`` says it."""

    key = HiddenField()
    version = HiddenField()
    notice_version = HiddenField()
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
    understands = SelectMultipleField(_l("Languages you understand"), validate_choice=False)
    dietary = SelectMultipleField(_l("Food"), validate_choice=False)
    accessibility = TextAreaField(_l("What do you need to take part fully?"))
    sharing = SelectMultipleField(_l("Sharing your details"), validate_choice=False)
    sessions = SelectMultipleField(_l("Sessions"), validate_choice=False)

    def offer(self, choices: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Fill in what may be chosen, by input."""
        for name, options in choices.items():
            self[name].choices = list(options)

    def submission(self, event: EventFacts) -> Submission:
        """What the rule takes; a form that came without a key gets one."""
        found = _submission(event, lambda name: self[name].data, lambda name: self[name].data or ())
        self.key.data = found.key
        return found


def label_of(name: str) -> str:
    """What an input that everybody is asked is called."""
    return str(RegistrationForm(None, meta={"csrf": False})[name].label.text)


def sent(event: EventFacts) -> Submission:
    """What the rule takes of the form that was sent, read without making its fields: most need not be shown again."""
    return _submission(event, request.form.get, request.form.getlist)


def _submission(
    event: EventFacts, one: Callable[[str], str | None], several: Callable[[str], Iterable[str]]
) -> Submission:
    """What the rule takes, of what was said once in an input and of what was said in several of the same name."""
    key, category, language = one("key") or "", one("category") or None, one("language")
    lines: dict[str, Any] = {name: one(name) or "" for name in _LINES}
    return Submission(
        **lines,
        category=category,
        language=language if language in installed() else installed()[0],
        interpretation=_offered(event, one("interpretation") or ""),
        understands=tuple(several("understands")),
        dietary=tuple(several("dietary")),
        answers={entry.key: _answer(entry, one, several) for entry in event.fields},
        sessions=sent_choices(),
        sharing=frozenset(whole_numbers(several("sharing"))),
        named=sent_terms(),
        notice_version=next(iter(whole_numbers([one("notice_version") or ""])), 0),
        accept_waitlist=bool(one("accept_waitlist")) or category in request.form.getlist("waits"),
        # What makes sending this form again the same; a form that came without one gets its own.
        key=key if 16 <= len(key) <= 64 else secrets.token_urlsafe(18),
    )


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """The whole numbers among texts that somebody sent; what is none is left out."""
    return [int(text) for text in texts if _WHOLE_NUMBER.fullmatch(text)]


_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")  # within the ids of both databases
_LINES = (
    "honorific", "given_name", "family_name", "badge_name", "email", "phone", "organisation", "job_title", "country",
    "accessibility",
)  # fmt: skip


def _offered(event: EventFacts, chosen: str) -> str:
    """The language to listen in, if the form offers it."""
    spoken = any(chosen in entry.languages or chosen in entry.interpreted for entry in event.sessions)
    return chosen if spoken or (chosen in INTERPRETATION and not _spoken(event)) else ""


def _spoken(event: EventFacts) -> set[str]:
    return {code for entry in event.sessions for code in (*entry.languages, *entry.interpreted)}


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
    made, choices = _words_of(event)
    answers = request.form if request.method == "POST" else None  # and no files, which none of its inputs takes
    form = made(answers, meta={"csrf": False}, **values)
    form.offer(choices)
    return form


def _words_of(event: EventFacts) -> tuple[type[RegistrationForm], Mapping[str, Sequence[tuple[str, str]]]]:
    return kept.words(("form", event.id, event.version), lambda: _made_for(event))


def _made_for(event: EventFacts) -> tuple[type[RegistrationForm], Mapping[str, Sequence[tuple[str, str]]]]:
    """The form's class in the page's language, and what may be chosen in it, by input."""
    questions = tuple(
        (name_of_question(entry), entry.kind.value, translated(entry.label), entry.required) for entry in event.fields
    )
    interpretation = [(code, language_name(code)) for code in sorted(_spoken(event) or INTERPRETATION)]
    choices: dict[str, Sequence[tuple[str, str]]] = {
        "language": [(code, name_of(code)) for code in installed()],
        "interpretation": [("", _("No preference")), *interpretation],
        "understands": [(code, language_name(code)) for code in languages_of(event)],
        "dietary": list(diet_words().items()),
        "sharing": [(str(entry.id), entry.short) for entry in event.sharing],
    }
    for entry in event.fields:
        if entry.kind in {"choice", "choices"}:
            choices[name_of_question(entry)] = [(option.value, translated(option.label)) for option in entry.options]
    return form_class(event.id, questions), choices


def is_ours() -> bool:
    """Whether the token of the form that was sent is one that we gave this browser."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _question(kind: str, label: str, required: bool) -> Any:
    validators = [InputRequired()] if required else []
    if kind == "long-text":
        return TextAreaField(label, validators)
    if kind == "choices":
        return SelectMultipleField(label, validators, validate_choice=False, choices=[])
    if kind == "choice":
        return SelectField(label, validators, validate_choice=False, choices=[])
    return StringField(label, validators)


def _answer(
    entry: FieldFacts, one: Callable[[str], str | None], several: Callable[[str], Iterable[str]]
) -> str | bool | list[str] | None:
    name = name_of_question(entry)
    if entry.kind == "choices":
        return list(several(name))
    said = one(name)
    return {"yes": True, "no": False}.get(said or "") if entry.kind == "yes-no" else said


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


def sent_terms() -> frozenset[tuple[int, str]]:
    """What the form that was sent said beside each tick, beyond the default columns: (organisation, column or key)."""
    terms = (value.partition(":") for value in request.form.getlist("named"))
    return frozenset(
        (number, key) for word, _colon, keys in terms for number in whole_numbers([word]) for key in keys.split() if key
    )


def sent_choices() -> tuple[Choice, ...]:
    """The same as the rules take them."""
    return tuple(_choice(value) for value in sent_sessions())


def warned_of() -> frozenset[str]:
    """The sessions (by key) of which the form has warned before it was sent."""
    return frozenset(request.form.getlist(WARNED))


def values_of(found: RegistrationFacts) -> dict[str, Any]:
    """A registration as the values of its form."""
    values: dict[str, Any] = {name: getattr(found, name) for name in _LINES}
    values |= {
        "version": str(found.version),
        "language": found.language,
        "category": found.category.key if found.category else "",
        "interpretation": found.interpretation,
        "understands": list(found.understands),
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
