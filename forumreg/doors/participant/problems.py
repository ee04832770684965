"""What is wrong with a form, as sentences that say what to do, beside the input they belong to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.base.errors import Invalid, Problem, Refused
from forumreg.doors.participant.forms import label_of
from forumreg.doors.participant.states import and_whom_to_ask
from forumreg.rules.booking import places_left
from forumreg.rules.event import CategoryFacts, EventFacts, SessionFacts, last_titles
from forumreg.rules.seats import PoolState
from forumreg.web import session, translated
from forumreg.web.when import clock, day
from forumreg.web.words import counted_kind

Said = list[tuple[str, str]]
QUESTION_MARKS = ("?", "؟")


ABOUT_NO_ANSWER = frozenset({"send", "notice"})  # ids of what is said of a form as a whole


def heading_of(said: Said, of_whole: str) -> str:
    """What stands above: ``of_whole`` where the form as a whole was not taken, nothing where answers are wrong."""
    names = {name for name, _sentence in said}
    return of_whole if "send" in names or (names and names <= ABOUT_NO_ANSWER) else ""


@dataclass(frozen=True, slots=True)
class Told:
    """What was wrong, and the session in which a seat was refused, if it was that."""

    said: Said
    session: SessionFacts | None = None


def told(event: EventFacts, no: Invalid | Refused, pools: Mapping[int, PoolState], *, closed: str) -> Told:
    """What a rule said no to; ``pools`` by id, ``closed`` says why forms are not taken."""
    if isinstance(no, Invalid):
        return Told(sentences(event, no.problems))
    return Told(refusal(event, no, pools, closed=closed), refused_session(event, no))


def sentences(event: EventFacts, problems: Iterable[Problem]) -> Said:
    """(id of the input, sentence) for each problem, in the same order."""
    return [(_input(event, problem), sentence) for problem in problems for sentence in _sentences(event, problem)]


def _input(event: EventFacts, problem: Problem) -> str:
    """Where it is mended; a session that the form does not offer has no input, so its part stands for it."""
    if problem.place != "sessions":
        return problem.place
    if problem.message in _NOT_OFFERED:
        return "ses" if event.bookable else "send"
    return f"session-{dict(problem.facts)['session'].key}"  # type: ignore[attr-defined]  # a session's facts


_NOT_OFFERED = frozenset({"gone", "started", "not_bookable"})


def _sentences(event: EventFacts, problem: Problem) -> Iterator[str]:
    if problem.message == "gone":
        return _about_gone(event, dict(problem.facts)["keys"])  # type: ignore[arg-type]  # the keys of sessions
    return iter([_sentence(event, problem)])


def _about_gone(event: EventFacts, keys: Collection[str]) -> Iterator[str]:
    """The sessions that are gone: by title where the programme's history has it, else how many."""
    titles = last_titles(session(), event, keys)
    for key in keys:
        if key in titles:
            yield _(
                "“%(title)s” is no longer in the programme. Choose another session, or send the form without it.",
                title=translated(titles[key]),
            )
    if nameless := len([key for key in keys if key not in titles]):
        yield ngettext(
            "A session that you chose is no longer in the programme. Choose another one, or send the form without it.",
            "%(num)s sessions that you chose are no longer in the programme. "
            "Choose others, or send the form without them.",
            nameless,
        )


def _sentence(event: EventFacts, problem: Problem) -> str:
    facts: Mapping[str, Any] = dict(problem.facts)
    if "question" in facts:
        return _about_question(problem.message, facts)
    if problem.message == "overlap":
        return _overlap(event, facts["session"], facts["other"])
    if problem.message in _NAMING:
        return _NAMING[problem.message](label_of(problem.place), facts)
    return _ABOUT.get(problem.message, _unknown)(facts)


def _unknown(_facts: Mapping[str, Any]) -> str:
    return _("Look at this answer again.")


_ABOUT: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "name_missing": lambda _facts: _("Enter your given name or your family name."),
    "email_missing": lambda _facts: _("Enter your email address."),
    "not_an_address": lambda _facts: _("Enter an email address such as name@example.org."),
    "not_a_phone": lambda _facts: _(
        "Enter a phone number with its country code, such as +39 011 000 0000, or leave it empty."
    ),
    "organisation_missing": lambda _facts: _("Enter your organization. If you have none, write “Independent”."),
    "country_missing": lambda _facts: _("Choose the country you come from."),
    "category_missing": lambda _facts: _("Choose the category you come in."),
    "too_many_of_kind": lambda facts: _(
        "Choose at most %(sessions)s. Leave one out.", sessions=counted_kind(facts["kind"].value, facts["most"])
    ),
    "started": lambda facts: _("“%(title)s” has started. Leave it out.", title=translated(facts["session"].title)),
    "not_bookable": lambda _facts: _("No seats are booked in this session. Leave it out."),
    "notice_changed": lambda _facts: _(
        "The privacy notice has changed while you wrote. Read it, then send again: nothing you typed is lost."
    ),
}

# These may be wrong with any input, so they name it: the summary stands far from there.
_NAMING: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "unknown_choice": lambda label, _facts: _("“%(label)s”: choose one of the answers in the list.", label=label),
    "too_long": lambda label, facts: _(
        "Shorten “%(label)s” to %(longest)s characters or fewer.", label=label, longest=facts.get("longest", "")
    ),
    "unreadable": lambda label, _facts: _(
        "“%(label)s”: some characters arrived unreadable. Type them again.", label=label
    ),
}


def _about_question(word: str, facts: Mapping[str, Any]) -> str:
    label = translated(facts["question"].label)
    said = {
        "answer_missing": _("Answer the question “%(label)s”.", label=label)
        if label.endswith(QUESTION_MARKS)
        else _("Fill in “%(label)s”.", label=label),
        "unknown_choice": _("Choose one of the answers to “%(label)s”.", label=label),
        "not_a_number": _("Write the answer to “%(label)s” as a number, such as 12.", label=label),
        "not_a_date": _("Write the answer to “%(label)s” as a date: year-month-day, such as 2015-10-14.", label=label),
        "too_long": _("Shorten the answer to “%(label)s”.", label=label),
        "unreadable": _(
            "Some characters of the answer to “%(label)s” arrived unreadable. Type them again.", label=label
        ),
    }
    if word == "option_full":
        option = translated(facts["option"].label) if "option" in facts else ""
        return _("“%(option)s” is full. Choose another answer to “%(label)s”.", option=option, label=label)
    return said.get(word) or _("Look at the answer to “%(label)s” again.", label=label)


def _overlap(event: EventFacts, *both: SessionFacts) -> str:
    one, other = sorted(both, key=lambda entry: (entry.starts_at, entry.ends_at))
    return _(
        "“%(one)s” (%(one_hours)s) and “%(other)s” (%(other_hours)s) are at the same time. Keep one of them.",
        one=translated(one.title),
        one_hours=_hours(event, one),
        other=translated(other.title),
        other_hours=_hours(event, other),
    )


def _hours(event: EventFacts, entry: SessionFacts) -> str:
    return f"{clock(entry.starts_at, event.zone)}–{clock(entry.ends_at, event.zone)}"


def refusal(event: EventFacts, refused: Refused, pools: Mapping[int, PoolState], *, closed: str) -> Said:
    """A refusal as a sentence beside what it is about; ``pools`` by id, ``closed`` says why forms are not taken."""
    entry = refused_session(event, refused)
    if entry is not None:
        return [(f"session-{entry.key}", _about_session(event, refused, entry, pools))]
    category = next((each for each in event.categories if each.pool_id == refused.facts.get("pool")), None)
    if category is not None:
        return [("category", _category_full(category, is_line=refused.reason == "full_waitlist"))]
    words = {
        "full_waitlist": _(
            "The last place was taken while you wrote. Send the form once more to join the waiting list: "
            "a freed place goes to the next in line."
        ),
        "full": and_whom_to_ask(event, _("The last place was taken while you wrote.")),
    }
    return [("send", words.get(refused.reason) or closed)]


def _category_full(category: CategoryFacts, *, is_line: bool) -> str:
    title = translated(category.title)
    if not is_line:
        return _("“%(title)s” is full. Choose another category.", title=title)
    return _(
        "“%(title)s” is full. Send the form once more to join its waiting list, or choose another category.",
        title=title,
    )


def refused_session(event: EventFacts, refused: Refused) -> SessionFacts | None:
    """The session in which a seat was refused; ``None`` where it was something else."""
    facts: Mapping[str, Any] = refused.facts
    if refused.reason == "overlap":
        return event.session(facts["session_id"])
    return facts.get("session")


def _about_session(event: EventFacts, refused: Refused, entry: SessionFacts, pools: Mapping[int, PoolState]) -> str:
    if refused.reason == "overlap":
        other: Any = refused.facts["other_id"]
        return _overlap(event, entry, event.session(other))
    title = translated(entry.title)
    if refused.reason == "organisation_full":
        return _about_organisation(event, title)
    if not places_left(entry, pools).is_full:
        return _(
            "The seats that are left in “%(title)s” are kept for others. "
            "Keep it chosen to join its waiting list, or choose another.",
            title=title,
        )
    return _(
        "The last seat in “%(title)s” was taken meanwhile. Keep it chosen to join its waiting list, or choose another.",
        title=title,
    )


def _about_organisation(event: EventFacts, title: str) -> str:
    most, until = event.most_per_organisation or 0, event.organisation_limit_until
    has = ngettext(
        "%(num)s person of your organization already has a seat in “%(title)s”.",
        "%(num)s people of your organization already have a seat in “%(title)s”.",
        most,
        title=title,
    )
    if until is None:
        way_out = _("Keep it chosen to join its waiting list, or choose another.")
    else:
        way_out = _(
            "Keep it chosen to join its waiting list: from %(day)s seats that are left go to everybody.",
            day=day(until, event.zone, form="MMMMd"),
        )
    return f"{has} {way_out}"
