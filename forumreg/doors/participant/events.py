"""The list of events, an event with a day of its programme, and its privacy notice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from forumreg.doors.participant.rows import Rows, by_pool, places_of
from forumreg.doors.participant.states import WindowWords, no_programme_words, places_left, window_words
from forumreg.rules.event import EventFacts, OrganisationFacts, listed, same_until, window_of
from forumreg.web import as_looked, event_and_pools, front, kept, now, public, session, visible_event
from forumreg.web.view import EventView, event_view
from forumreg.web.when import today_in
from forumreg.web.words import organisation_roles

bp = Blueprint("events", __name__)


@dataclass(frozen=True, slots=True)
class Card:
    """An event in the list."""

    view: EventView
    words: WindowWords


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """All public events, the next first."""
    found = listed(session(), now=now())
    cards = [(entry.is_over, Card(event_view(entry.event), window_words(entry.event, entry.window))) for entry in found]
    return render_template(
        "participant/events/index.html",
        coming=[card for is_over, card in cards if not is_over],
        past=[card for is_over, card in cards if is_over],
    )


@bp.get("/events/<slug:slug>/")
@public
def show(slug: str) -> ResponseReturnValue:
    """The event on one screen, with one day of its programme."""
    moment = now()
    event, pools = event_and_pools(slug)
    counts = by_pool(pools.values())
    days = event.by_day
    chosen = _chosen_day(event, days, moment)
    entries = days.get(chosen, ()) if chosen else ()
    window = window_of(event, pools[event.pool_id], moment)
    left = places_left(window)

    def render() -> str:
        rows = Rows(event, counts)
        return render_template(
            "participant/events/show.html",
            event=event_view(event),
            hosts=_hosts(event),
            words=replace(window_words(event, window), left=kept.hole("left") if left else ""),
            days=list(days),
            chosen=chosen,
            no_programme=no_programme_words(event, moment),
            rows=[rows.row(entry) for entry in entries],
        )

    standing = tuple(places_of(entry, counts) for entry in entries)
    made_of = (event.id, event.version, window.window, window.at, bool(left), chosen, standing)
    front.stands(kept.until(same_until(event, moment)), as_looked(slug))
    return kept.answer(made_of, render, {"left": left})


@bp.get("/events/<slug:slug>/privacy")
@public
def privacy(slug: str) -> ResponseReturnValue:
    """What is done with a registrant's answers."""
    event = visible_event(slug)
    return render_template("participant/events/privacy.html", event=event_view(event))


def _hosts(event: EventFacts) -> list[tuple[OrganisationFacts, str]]:
    """Every organisation with its role in words: organizers, co-organizers, partners, each in the event's order."""
    roles = organisation_roles()
    order = list(roles)
    found = sorted(event.organisations, key=lambda each: order.index(each.role))
    return [(each, roles[each.role]) for each in found]


def _chosen_day(event: EventFacts, days: Collection[date], moment: datetime) -> date | None:
    """The day that is asked for, else today, else the first."""
    wanted = request.args.get("day", "")
    if wanted:
        by_name = {day.isoformat(): day for day in days}
        if wanted in by_name:
            return by_name[wanted]
    today = today_in(event.zone, moment)
    return today if today in days else next(iter(days), None)
