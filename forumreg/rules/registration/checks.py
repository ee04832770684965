"""Whether what was sent can be taken. Problems are words; a door says them in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from forumreg.base.addresses import is_address
from forumreg.base.codes import COUNTRIES
from forumreg.base.errors import Problem
from forumreg.base.folding import clean_line, clean_text
from forumreg.rules.booking import too_many
from forumreg.rules.event import CategoryFacts, EventFacts, FieldFacts, SessionFacts
from forumreg.rules.event.answers import Answer, holds
from forumreg.rules.registration.languages import languages_of
from forumreg.rules.registration.submission import DIETS, LONGEST, Choice, Submission

LONGEST_LINE = 300
LONGEST_TEXT = 4000
LARGEST_NUMBER = 10**12
_PHONE = re.compile(r"\+?[0-9 ().\-/]{5,40}")
_BEFORE_QUESTIONS = (
    "given_name", "family_name", "honorific", "badge_name", "email", "phone", "country", "language", "organisation",
    "job_title", "category", "sessions",
)  # fmt: skip
_PLACE_OF_QUESTIONS = len(_BEFORE_QUESTIONS)
_PLACES = {name: number for number, name in enumerate((*_BEFORE_QUESTIONS, "", "interpretation", "accessibility"))}
_UNREADABLE = "\ufffd"  # what bytes that are not UTF-8 become


@dataclass(frozen=True, slots=True)
class Checked:
    """A submission that can be taken: cleaned lines, the event's own parts, answers by key."""

    lines: Mapping[str, str]
    dietary: tuple[str, ...]
    understands: tuple[str, ...]
    answers: Mapping[str, Answer]
    category: CategoryFacts | None
    sessions: tuple[SessionFacts, ...]
    waiting: frozenset[int]  # ids of sessions for which a place on the waiting list will do
    sharing: frozenset[int]
    named: frozenset[tuple[int, str]] | None


def check(event: EventFacts, submission: Submission) -> tuple[Checked, tuple[Problem, ...]]:
    """The submission cleaned, and everything that is wrong with it in the order of the form."""
    lines = {name: submission.line(name) for name in LONGEST if name != "accessibility"}
    lines["accessibility"] = submission.text("accessibility")
    category = event.find_category(submission.category)
    answers, own = _answers(event, category, submission)
    sessions, waiting = chosen_of(event, submission.sessions)
    checked = Checked(
        lines=lines,
        dietary=tuple(word for word in DIETS if word in submission.dietary),
        understands=tuple(code for code in languages_of(event) if code in submission.understands),
        answers=answers,
        category=category,
        sessions=sessions,
        waiting=waiting,
        sharing=submission.sharing & {entry.id for entry in event.sharing},
        named=submission.named,
    )
    problems = (
        *_about_lines(lines),
        *_about_category(event, submission, category),
        *about_gone(event, submission.sessions),
        *about_sessions(event, checked),
        *own,
    )
    return checked, tuple(sorted(problems, key=lambda problem: _PLACES.get(problem.place, _PLACE_OF_QUESTIONS)))


def chosen_of(event: EventFacts, choices: Iterable[Choice]) -> tuple[tuple[SessionFacts, ...], frozenset[int]]:
    """The public sessions among what was chosen, and the ids of those for which a place in line will do.

    What the programme does not have is left out: ``about_gone`` says so.
    """
    known = [(choice, entry) for choice in choices if (entry := event.find_session(choice.key)) is not None]
    return (
        tuple({entry.id: entry for _choice, entry in known}.values()),
        frozenset(entry.id for choice, entry in known if choice.waitlist),
    )


def seatable(
    sessions: Iterable[SessionFacts], waiting: Set[int], full: Set[int] = frozenset()
) -> tuple[SessionFacts, ...]:
    """The sessions to take seats in: those asked for, then those whose line would do and whose hours are free.

    ``waiting`` are the ids of the latter, ``full`` those of them that have no seat.
    """
    wanted = tuple(sessions)
    seated = [entry for entry in wanted if entry.id not in waiting]
    for entry in wanted:
        if entry.id in waiting - full and not any(entry.overlaps(other) for other in seated):
            seated.append(entry)
    return tuple(seated)


def _about_lines(lines: Mapping[str, str]) -> tuple[Problem, ...]:
    """What is wrong with the lines, one problem each: the first is the one to mend."""
    by_place: dict[str, Problem] = {}
    for problem in _all_about_lines(lines):
        by_place.setdefault(problem.place, problem)
    return tuple(by_place.values())


def _all_about_lines(lines: Mapping[str, str]) -> Iterator[Problem]:
    if not lines["given_name"] and not lines["family_name"]:
        yield Problem("given_name", "name_missing")
    yield from _about_length(lines)
    if not lines["email"]:
        yield Problem("email", "email_missing")
    elif not is_address(lines["email"]):
        yield Problem("email", "not_an_address")
    if lines["phone"] and not _PHONE.fullmatch(lines["phone"]):
        yield Problem("phone", "not_a_phone")
    if not lines["organisation"]:
        yield Problem("organisation", "organisation_missing")
    if not lines["country"]:
        yield Problem("country", "country_missing")
    elif lines["country"] not in COUNTRIES:
        yield Problem("country", "unknown_choice")


def _about_length(lines: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in lines.items():
        if name == "country":  # is in the list or not
            continue
        if len(text) > LONGEST[name]:
            yield Problem(name, "too_long", (("longest", LONGEST[name]),))
        elif _UNREADABLE in text:
            yield Problem(name, "unreadable")


def _about_category(event: EventFacts, submission: Submission, category: CategoryFacts | None) -> Iterator[Problem]:
    if event.categories and category is None:
        yield Problem("category", "unknown_choice" if submission.category else "category_missing")


def about_gone(event: EventFacts, choices: Iterable[Choice]) -> Iterator[Problem]:
    """That sessions were chosen, by ``keys``, which the public programme does not have, or no longer."""
    gone = tuple(dict.fromkeys(choice.key for choice in choices if event.find_session(choice.key) is None))
    if gone:
        yield Problem("sessions", "gone", (("keys", gone),))


def about_sessions(event: EventFacts, checked: Checked) -> Iterator[Problem]:
    """What is wrong with the sessions that were chosen."""
    for entry in checked.sessions:
        if not entry.is_bookable:
            yield Problem("sessions", "not_bookable", (("session", entry),))
    seated = [entry for entry in checked.sessions if entry.id not in checked.waiting]
    for one, other in combinations(seated, 2):
        if one.overlaps(other):
            yield Problem("sessions", "overlap", (("session", other), ("other", one)))
    for kind, most in too_many(event, checked.sessions):
        last = [entry for entry in checked.sessions if entry.kind is kind][most]
        yield Problem("sessions", "too_many_of_kind", (("session", last), ("kind", kind), ("most", most)))


def _answers(
    event: EventFacts, category: CategoryFacts | None, submission: Submission
) -> tuple[dict[str, Answer], tuple[Problem, ...]]:
    """The answers to the questions that are asked of this person, and what is wrong with them."""
    answers: dict[str, Answer] = {}
    problems = []
    for entry in event.fields:
        if not asked(entry, category, answers):
            continue
        answer, word = _answer(entry, submission.answers.get(entry.key))
        if word is None and entry.required and answer in (None, "", []):
            word = "answer_missing"
        if word is not None:
            problems.append(Problem(f"q-{entry.key}", word, (("question", entry),)))
        if answer not in (None, "", []):
            answers[entry.key] = answer
    return answers, tuple(problems)


def asked(entry: FieldFacts, category: CategoryFacts | None, answers: Mapping[str, Answer]) -> bool:
    """Whether the question is asked of somebody in this category who gave these answers before it."""
    if entry.categories and (category is None or category.key not in entry.categories):
        return False
    if entry.show_if is None:
        return True
    key, wanted = entry.show_if
    given = answers.get(key)
    if isinstance(given, bool):
        return wanted == ("yes" if given else "no")
    return holds(given, wanted)


def _answer(entry: FieldFacts, given: Answer) -> tuple[Answer, str | None]:
    """The answer as it is kept, and the word for what is wrong with it."""
    match entry.kind:
        case "choice" | "choices":
            return _chosen(entry, given)
        case "yes-no":
            return given if isinstance(given, bool) else None, None
    text = (clean_text if entry.kind == "long-text" else clean_line)(str(given if given is not None else ""))
    if not text or _UNREADABLE in text:
        return text or None, "unreadable" if text else None
    return _READERS.get(entry.kind.value, _words)(text, LONGEST_TEXT if entry.kind == "long-text" else LONGEST_LINE)


def _words(text: str, longest: int) -> tuple[Answer, str | None]:
    return text, "too_long" if len(text) > longest else None


def _country(text: str, _longest: int) -> tuple[Answer, str | None]:
    return text, None if text in COUNTRIES else "unknown_choice"


def _chosen(entry: FieldFacts, given: Answer) -> tuple[Answer, str | None]:
    wanted = given if isinstance(given, list) else [given] if isinstance(given, str) and given else []
    known = [option.value for option in entry.options if option.value in wanted]
    word = "unknown_choice" if set(wanted) - set(known) else None
    if entry.kind == "choices":
        return list(known), word
    return (known[0] if known else None), word


def _number(text: str, _longest: int) -> tuple[Answer, str | None]:
    plain = text.replace(" ", "").replace("\u202f", "").replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,13}(\.[0-9]{1,6})?", plain):
        return text, "not_a_number"
    value = float(plain)
    return (int(value) if value.is_integer() else value), None if abs(value) <= LARGEST_NUMBER else "not_a_number"


def _date(text: str, _longest: int) -> tuple[Answer, str | None]:
    try:
        return date.fromisoformat(text).isoformat(), None
    except ValueError:
        return text, "not_a_date"


_READERS = {"number": _number, "date": _date, "country": _country}
