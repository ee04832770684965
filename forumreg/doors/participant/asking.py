"""Whom the form asks what: the categories it offers, the questions for those, what is left of each. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from forumreg.doors.participant.forms import RegistrationForm, name_of_question
from forumreg.doors.participant.sessions import Numbers, seats_left
from forumreg.rules.event import CategoryFacts, EventFacts, FieldFacts
from forumreg.rules.seats import PoolState
from forumreg.web import sends_mail, translated
from forumreg.web.when import country_name

Row = dict[str, Any]
Condition = tuple[str, Sequence[str]]  # the name of an input, and the answers of which it has to hold one


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a form shows it: under which conditions, the same in words, and the rows of a choice."""

    facts: FieldFacts
    conditions: Sequence[Condition]
    only: str
    rows: Sequence[Row]


# Categories -----------------------------------------------------------------------------------------------------


def named_category(event: EventFacts) -> CategoryFacts | None:
    """The category that the form's address narrows it to."""
    return event.find_category(request.args.get("category"))


def offered_categories(event: EventFacts, chosen: str) -> tuple[CategoryFacts, ...]:
    """The categories to choose from: the one that the address names, else the public ones and what was chosen."""
    named = named_category(event)
    if named is not None:
        return (named,)
    return tuple(entry for entry in event.categories if entry.visibility == "public" or entry.key == chosen)


def category_rows(
    event: EventFacts, offered: Sequence[CategoryFacts], chosen: str, pools: Mapping[int, PoolState]
) -> list[Row]:
    """The rows of the choice; ``waits`` where a full one may be chosen for its waiting list."""
    return [
        {
            "value": entry.key,
            "label": translated(entry.title),
            "id": f"category-{entry.key}" if number else "category",
            "hint": " ".join(_about(event, entry, is_full=pools[entry.pool_id].is_full)),
            "end": seats_left(pools[entry.pool_id], is_full=True) if pools[entry.pool_id].is_full else "",
            "checked": entry.key == chosen,
            "waits": event.waitlist and pools[entry.pool_id].is_full,
        }
        for number, entry in enumerate(offered)
    ]


def _about(event: EventFacts, entry: CategoryFacts, *, is_full: bool) -> Iterator[str]:
    if entry.approval == "manual":
        yield _("The organizers look at each request in this category.")
        if sends_mail():
            yield _("You hear from them by email.")
    if is_full and event.waitlist:
        yield _("Choose it to join its waiting list.")


# Questions ------------------------------------------------------------------------------------------------------


def questions(
    event: EventFacts,
    form: RegistrationForm,
    offered: Sequence[CategoryFacts],
    pools: Mapping[int, PoolState],
    *,
    held: AbstractSet[int] = frozenset(),
    numbers: Numbers | None = None,
) -> list[Asked]:
    """The questions that somebody in one of the offered categories may be asked, in order.

    ``held`` are the pools of counted answers in which the registrant has a place, so that they are not full for them.
    """
    asked = []
    for entry in event.fields:
        of_them = [each for each in offered if each.key in entry.categories]
        if entry.categories and not of_them:
            continue
        for_some = of_them if len(of_them) < len(offered) else []
        rows = _option_rows(entry, form, pools, held, numbers or Numbers())
        only = " ".join(_only(event, entry, for_some))
        asked.append(Asked(entry, [*_conditions(entry, for_some)], only, rows))
    return asked


def _conditions(entry: FieldFacts, for_some: Sequence[CategoryFacts]) -> Iterator[Condition]:
    if for_some:
        yield "category", [each.key for each in for_some]
    if entry.show_if:
        yield f"q-{entry.show_if[0]}", [entry.show_if[1]]


def _only(event: EventFacts, entry: FieldFacts, for_some: Sequence[CategoryFacts]) -> Iterator[str]:
    if for_some:
        yield _("Only for: %(categories)s.", categories=", ".join(translated(each.title) for each in for_some))
    before = event.find_field(entry.show_if[0]) if entry.show_if else None
    if before and entry.show_if:
        answer = _answer_words(before, entry.show_if[1])
        yield _("Only if “%(question)s” is “%(answer)s”.", question=translated(before.label), answer=answer)


def _answer_words(entry: FieldFacts, answer: str) -> str:
    labels = {option.value: translated(option.label) for option in entry.options}
    if entry.kind == "yes-no":
        labels = {"yes": _("Yes"), "no": _("No")}
    return labels.get(answer) or (country_name(answer) if entry.kind == "country" else answer)


def _option_rows(
    entry: FieldFacts,
    form: RegistrationForm,
    pools: Mapping[int, PoolState],
    held: AbstractSet[int],
    numbers: Numbers,
) -> list[Row]:
    if not entry.options:
        return []
    checked = {
        value for value, _label, is_checked, *_more in form[name_of_question(entry)].iter_choices() if is_checked
    }

    def left(pool_id: int | None) -> str:
        if pool_id is None:
            return ""
        pool = pools[pool_id]
        return numbers.option(pool, is_full=pool.is_full and pool_id not in held)

    return [
        {
            "value": option.value,
            "label": translated(option.label),
            "checked": option.value in checked,
            "end": left(option.pool_id),
        }
        for option in entry.options
    ]
