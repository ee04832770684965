"""The view of the attendee list: what is searched, filtered, ordered, shown. It lives in the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.datastructures import MultiDict

from forumreg.base.folding import clean_line
from forumreg.doors.organizer.words import STATUSES, status_word
from forumreg.rules.event import EventFacts
from forumreg.rules.roster import Question, instant_of
from forumreg.web import translated
from forumreg.web.when import country_name, day_and_clock

SHOWN = ("organisation", "country_name", "category", "status", "sessions", "registered_at")
HIDDEN = ("job_title", "email", "language")  # phone, food and access needs are on the registrant's page only
BY_NAME = "name"
FREE = "free"
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for; ``columns`` beside the name, in the order of the table."""

    question: Question
    columns: tuple[str, ...]

    @property
    def arguments(self) -> dict[str, Any]:
        """The same as arguments of an address; what is not asked for is left out."""
        asked = self.question
        found: dict[str, Any] = {
            "q": asked.search,
            "status": list(asked.statuses),
            "category": asked.category,
            "country": asked.country,
            "session": asked.session,
            **self.kept,
            "order": asked.order if asked.order != BY_NAME else "",
            "col": list(self.columns) if self.columns != SHOWN else [],
            "after": asked.after,
            "before": asked.before,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def kept(self) -> dict[str, str]:
        """What links of the overview ask for and the form of the list does not: it goes along unseen."""
        asked = self.question
        found = {"waits_for": asked.waits_for, "since": asked.since, "place": FREE if asked.has_room else ""}
        return {name: value for name, value in found.items() if value}

    def but(self, **changes: Any) -> View:
        """The view with something else asked, from its first page on."""
        return replace(self, question=replace(self.question, **{"after": "", "before": "", **changes}))

    def url(self, slug: str, action: str = "index") -> str:
        """The address of this view, or of one of its files."""
        return url_for(f"organizer.attendees.{action}", slug=slug, **self.arguments)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, in words, and the view without it."""

    name: str
    value: str
    rest: View


def view_of(arguments: MultiDict[str, str]) -> View:
    """The view that an address asks for. Words that mean nothing match nobody."""
    statuses = tuple(dict.fromkeys(word for word in arguments.getlist("status") if word))
    wanted = set(arguments.getlist("col"))
    columns = tuple(column for column in (*SHOWN, *HIDDEN) if column in wanted)
    question = Question(
        search=clean_line(arguments.get("q", ""))[:LONGEST_SEARCH],
        statuses=statuses,
        category=arguments.get("category", ""),
        country=arguments.get("country", "").upper(),
        session=arguments.get("session", ""),
        waits_for=arguments.get("waits_for", ""),
        since=arguments.get("since", ""),
        has_room=arguments.get("place") == FREE,
        order="received" if arguments.get("order") == "received" else BY_NAME,
        after=arguments.get("after", ""),
        before=arguments.get("before", ""),
    )
    return View(question, columns or SHOWN)


def chips(view: View, event: EventFacts) -> Iterator[Chip]:
    """Each filter that is on."""
    asked = view.question
    if asked.search:
        yield Chip(pgettext("filter", "Search"), asked.search, view.but(search=""))
    for status in asked.statuses:
        rest = tuple(each for each in asked.statuses if each != status)
        yield Chip(_("Status"), status_word(status) if status in STATUSES else status, view.but(statuses=rest))
    if asked.category:
        category = event.find_category(asked.category)
        words = translated(category.title) if category else asked.category
        yield Chip(_("Category"), words, view.but(category=""))
    if asked.country:
        yield Chip(_("Country"), country_name(asked.country), view.but(country=""))
    if asked.session:
        chosen = event.find_session(asked.session)
        words = translated(chosen.title) if chosen else asked.session
        yield Chip(_("Session"), words, view.but(session=""))
    yield from _chips_of_links(view, event)


def _chips_of_links(view: View, event: EventFacts) -> Iterator[Chip]:
    asked = view.question
    if asked.waits_for:
        chosen = event.find_session(asked.waits_for)
        yield Chip(_("Waits for"), translated(chosen.title) if chosen else asked.waits_for, view.but(waits_for=""))
    if asked.since:
        yield Chip(_("Registered after"), _moment(asked.since, event), view.but(since=""))
    if asked.has_room:
        yield Chip(_("Status"), _("Waiting list, though there are places"), view.but(has_room=False))


def _moment(since: str, event: EventFacts) -> str:
    at = instant_of(since)
    return day_and_clock(at, event.zone) if at else since
