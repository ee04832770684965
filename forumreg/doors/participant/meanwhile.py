"""What was saved while an older form was open: named plainly, and shown where the form's sender had left it alone.

A form carries a mark of every answer that it held when it was opened. So an answer that its sender changed is told from
one that stands there only because it stood there, and nobody takes back by accident what another window saved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from forumreg.base.folding import clean_text
from forumreg.doors.participant import forms
from forumreg.doors.participant.forms import WAIT, RegistrationForm, name_of_question
from forumreg.doors.participant.opening import kept_choices
from forumreg.doors.participant.problems import QUESTION_MARKS, Said
from forumreg.rules.event import EventFacts
from forumreg.rules.registration import RegistrationFacts
from forumreg.web import translated
from forumreg.web.when import country_name

GIVEN = "given"  # the input with the marks
MARK_SIGNS = 10  # of a SHA-256 in hex: that two of a form's fifty answers have one mark is as rare as 1 in 10**9
LONGEST_SHOWN = 80  # signs of an answer that is named
SESSIONS = "sessions"

_FIRST = (
    "given_name", "family_name", "honorific", "badge_name", "email", "phone", "country", "language", "organisation",
    "job_title", SESSIONS,
)  # fmt: skip
_LAST = ("interpretation", "understands", "dietary", "accessibility", "sharing")
_TICKED = frozenset({SESSIONS, "understands", "dietary", "sharing"})
_PARTS = {SESSIONS: "ses", "sharing": "share"}  # where the first input has another id than the answer's name

Answers = Mapping[str, tuple[str, ...]]  # by input, in the order of the page; one value for each thing that is ticked


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be said, and the sessions that the form shows as chosen."""

    said: Said
    chosen: frozenset[str]


def marks_of(found: RegistrationFacts, offered: Collection[str], *, whole: bool = True) -> str:
    """The marks of a form with what is stored now: a ``whole`` one, or one of sessions alone, ``offered`` by key."""
    stored = _stored(found, offered, whole=whole)
    return " ".join(sorted(_mark(name, value) for name, values in stored.items() for value in values))


def marks_sent() -> str:
    """The marks that came with the form that was sent."""
    return request.form.get(GIVEN, "")


def settle(found: RegistrationFacts, offered: Collection[str], form: RegistrationForm | None = None) -> Settled:
    """Bring together what was sent and what is stored, in the ``form`` or, where there is none, for sessions alone.

    What the sender changed stays as it was sent; what they left alone becomes what is stored. Ticks count one by one.
    """
    stored = _stored(found, offered, whole=form is not None)
    wished = {value.removeprefix(WAIT): value for value in forms.sent_sessions()}
    given = frozenset(marks_sent().split())
    said, chosen = [], frozenset[str]()
    for name, saved in stored.items():
        sent = tuple(wished) if form is None or name == SESSIONS else _values(form[name].data, name, found.event)
        by_one = _is_ticked(name, found.event)
        shown = _together(name, sent, saved, given, by_one=by_one)
        if set(shown) != set(sent) or _is_clash(name, sent, saved, given, by_one=by_one):
            words = [_words(name, values, found.event, form) for values in (saved, shown)]
            said.append((_PARTS.get(name, name), _sentence(_label(name, form), *words)))
        if form is None or name == SESSIONS:
            kept = {value.removeprefix(WAIT): value for value in kept_choices(found)}
            chosen = frozenset(kept.get(key) or wished[key] for key in shown)
        else:
            form[name].data = list(shown) if by_one else shown[0]
    return Settled(said, chosen)


def _stored(found: RegistrationFacts, offered: Collection[str], *, whole: bool) -> Answers:
    """What is stored, as the form would hold it; not the questions that are asked of others."""
    category = found.category.key if found.category else ""
    asked = [each for each in found.event.fields if not each.categories or category in each.categories]
    names = (*_FIRST, *map(name_of_question, asked), *_LAST) if whole else (SESSIONS,)
    held = [item.session.key for item in found.chosen if item.session.key in offered]
    values = {**forms.values_of(found), SESSIONS: held}
    return {name: _values(values[name], name, found.event) for name in names}


def _values(answer: object, name: str, event: EventFacts) -> tuple[str, ...]:
    if _is_ticked(name, event):
        return tuple(answer) if isinstance(answer, list) else ()
    return (clean_text(str(answer or "")),)


def _is_ticked(name: str, event: EventFacts) -> bool:
    """Whether the answer is made of ticks."""
    return name in _TICKED or any(name == name_of_question(each) and each.kind == "choices" for each in event.fields)


def _mark(name: str, value: str) -> str:
    return hashlib.sha256(f"{name}\0{value}".encode()).hexdigest()[:MARK_SIGNS]


def _together(
    name: str, sent: tuple[str, ...], saved: tuple[str, ...], given: frozenset[str], *, by_one: bool
) -> tuple[str, ...]:
    """What the form shows: the answer as it was sent where the form had not held it, else as it is stored."""
    if not given:  # a form of ours carries marks; of any other nobody knows what its sender left alone
        return sent
    old = {value for value in (*sent, *saved) if _mark(name, value) in given}
    if not by_one:
        return saved if old.issuperset(sent) else sent
    stay = [value for value in saved if value in sent or value not in old]
    return (*stay, *(value for value in sent if value not in saved and value not in old))


def _is_clash(name: str, sent: tuple[str, ...], saved: tuple[str, ...], given: frozenset[str], *, by_one: bool) -> bool:
    """Whether both windows may have answered, each differently; ticks of both go together."""
    if not given:
        return set(sent) != set(saved)
    return not by_one and sent != saved and not any(_mark(name, value) in given for value in (*sent, *saved))


def _sentence(label: str, saved: str, shown: str) -> str:
    if saved == shown:
        if not saved:
            return _("%(label)s: emptied meanwhile, and the form shows it so now.", label=label)
        return _("%(label)s: “%(saved)s” was saved meanwhile, and the form shows it now.", label=label, saved=saved)
    if not saved:
        return _("%(label)s: emptied meanwhile. The form shows your answer: “%(yours)s”.", label=label, yours=shown)
    if not shown:
        return _(
            "%(label)s: “%(saved)s” was saved meanwhile. You left it empty, and so does the form.",
            label=label,
            saved=saved,
        )
    return _(
        "%(label)s: “%(saved)s” was saved meanwhile. The form shows your answer: “%(yours)s”.",
        label=label,
        saved=saved,
        yours=shown,
    )


def _label(name: str, form: RegistrationForm | None) -> str:
    label = str(form[name].label.text) if form is not None else _("Sessions")
    return _("“%(title)s”", title=label) if label.endswith(QUESTION_MARKS) else label


def _words(name: str, values: tuple[str, ...], event: EventFacts, form: RegistrationForm | None) -> str:
    """An answer as it is named: not longer than a line."""
    words = ", ".join(_each(name, values, event, form))
    return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}…"


def _each(name: str, values: tuple[str, ...], event: EventFacts, form: RegistrationForm | None) -> Iterator[str]:
    if form is None or name == SESSIONS:
        for key in values:
            entry = event.find_session(key)
            yield translated(entry.title) if entry else key
        return
    kinds = {name_of_question(each): each.kind.value for each in event.fields}
    labels = {value: str(label) for value, label, *_more in getattr(form[name], "choices", None) or ()}
    if kinds.get(name) == "yes-no":
        labels = {"yes": _("Yes"), "no": _("No")}
    for value in values:
        is_country = value and (name == "country" or kinds.get(name) == "country")
        yield labels.get(value) or (country_name(value) if is_country else value)
