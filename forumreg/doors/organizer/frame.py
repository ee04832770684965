"""The frame of the organizers' pages: the bar with the event and the account, the tabs, the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from flask import g, render_template

from forumreg.base.texts import read
from forumreg.rules import planning
from forumreg.rules.event import EventFacts
from forumreg.rules.partner import name_of
from forumreg.rules.report import event_choices
from forumreg.web import actor, current_event, language, session, translated
from forumreg.web.view import short_title


@dataclass(frozen=True, slots=True)
class Heading:
    """An event as the frame names it, ``short`` where there is little room; ``zone``: its hours are told in it."""

    slug: str
    title: str
    zone: tzinfo | None = None
    short: str = ""


def heading(event: EventFacts) -> Heading:
    """The event of a page, in the reader's words."""
    return Heading(event.slug, translated(event.title), event.zone, short_title(event))


def event_again(slug: str) -> EventFacts:
    """The event as it is after a change that this request made."""
    g.pop("event", None)
    return current_event(slug)


def page(template: str, slug: str | None = None, **context: Any) -> str:
    """A page of the organizers, of one event if ``slug`` says so; two queries beside the page's own."""
    who = actor()
    facts = current_event(slug) if slug else None
    choices = [
        Heading(each.slug, read(each.title, language(), each.language)) for each in event_choices(session(), who)
    ]
    return render_template(
        f"organizer/{template}",
        event=heading(facts) if facts else None,
        facts=facts,
        clash_count=len(planning.clashes(facts)) if facts else 0,
        staff_name=name_of(session(), who),
        staff_events=choices,
        **context,
    )
