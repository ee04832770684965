"""The list of events, an event, its programme and its privacy notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from forumreg.doors.participant.states import WindowWords, places_left, window_words
from forumreg.rules.event import EventFacts, SessionFacts, listed, window_of
from forumreg.rules.seats import PoolState, state_of
from forumreg.web import kept, now, public, session, visible_event
from forumreg.web.view import EventView, event_view
from forumreg.web.when import today_in
from forumreg.web.words import kind_words

bp = Blueprint("events", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """A programme session with its places as just read; ``pool`` is ``None`` where nothing is booked."""

    session: SessionFacts
    pool: PoolState | None


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
    event = visible_event(slug)
    pools = state_of(session(), event.id)
    days = programme_days(event, pools)
    chosen = _chosen_day(event, days)
    rows = days.get(chosen, ()) if chosen else ()
    window = window_of(event, by_id(pools)[event.pool_id], now())
    left = places_left(window)

    def render() -> str:
        return render_template(
            "participant/events/show.html",
            event=event_view(event),
            words=replace(window_words(event, window), left=kept.hole("left") if left else ""),
            days=list(days),
            chosen=chosen,
            rows=rows,
            kinds=kind_words(),
        )

    made_of = (event.id, event.version, window.window, window.at, bool(left), chosen, tuple(row.pool for row in rows))
    return kept.page(made_of, render, {"left": left})


@bp.get("/events/<slug:slug>/programme")
@public
def programme(slug: str) -> ResponseReturnValue:
    """The whole programme on one page."""
    event = visible_event(slug)
    return render_template(
        "participant/events/programme.html",
        event=event_view(event),
        days=programme_days(event, state_of(session(), event.id)),
        kinds=kind_words(),
    )


@bp.get("/events/<slug:slug>/privacy")
@public
def privacy(slug: str) -> ResponseReturnValue:
    """What is done with a registrant's answers."""
    event = visible_event(slug)
    return render_template("participant/events/privacy.html", event=event_view(event))


def by_id(pools: Mapping[Any, PoolState]) -> dict[int, PoolState]:
    """Pools by their id."""
    return {pool.id: pool for pool in pools.values()}


def programme_days(event: EventFacts, pools: Mapping[Any, PoolState]) -> dict[date, Sequence[Row]]:
    """The programme by day of the event's zone."""
    found = by_id(pools)
    days: dict[date, list[Row]] = {}
    for entry in event.sessions:
        row = Row(entry, found[entry.pool_id] if entry.pool_id is not None else None)
        days.setdefault(today_in(event.zone, entry.starts_at), []).append(row)
    return {day: tuple(rows) for day, rows in days.items()}


def _chosen_day(event: EventFacts, days: Mapping[date, Sequence[Row]]) -> date | None:
    """The day that is asked for, else today, else the first."""
    wanted = request.args.get("day", "")
    by_name = {day.isoformat(): day for day in days}
    today = today_in(event.zone, now())
    return by_name.get(wanted) or (today if today in days else next(iter(days), None))
