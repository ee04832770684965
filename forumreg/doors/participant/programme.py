"""The public programme: found by what one looks for, and a page for each session."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from forumreg.base.errors import NotFound
from forumreg.doors.participant.calendars import session_file
from forumreg.doors.participant.rows import Rows, by_pool, places_of, seats_words
from forumreg.doors.participant.seeking import chips, choices, to_drop, wanted_of
from forumreg.doors.participant.states import no_programme_words, window_words
from forumreg.rules.event import EventFacts, SessionFacts, found, is_before_end, same_until, window_of
from forumreg.rules.seats import counts_of, pools_of
from forumreg.web import as_counted, front, kept, language, now, public, session, settings, visible_event
from forumreg.web.site import looking
from forumreg.web.view import event_view
from forumreg.web.words import kind_words

bp = Blueprint("programme", __name__)

MOST_BESIDE = 12  # sessions at the same time that a session's page names
CALENDAR = ".ics"


@bp.get("/events/<slug:slug>/programme")
@public
def index(slug: str) -> ResponseReturnValue:
    """The programme, or what is found in it."""
    event, moment = visible_event(slug), now()
    counts = counts_of(looking(), event.id)
    wanted = wanted_of(request.args)

    def render() -> bytes:
        entries = found(event, wanted)
        active = list(chips(event, wanted))
        return render_template(
            "participant/programme/index.html",
            event=event_view(event),
            wanted=wanted,
            choices=choices(event, wanted),
            chips=active,
            to_drop=None if entries else to_drop(active),
            number=sum(each.kind != "break" for each in entries) or len(entries),
            days=Rows(event, by_pool(counts)).by_day(entries),
            is_cancelled=event.status == "cancelled",
            no_programme=no_programme_words(event, moment),
        ).encode()

    front.stands(kept.until(same_until(event, moment)), as_counted(event, counts))
    return kept.packed(Response(), (event.id, event.version, wanted, counts, is_before_end(event, moment)), render)


@bp.get("/events/<slug:slug>/sessions/<key>")
@public
def show(slug: str, key: str) -> ResponseReturnValue:
    """One session; its calendar file where ``.ics`` follows the key."""
    event = visible_event(slug)
    entry = event.find_session(key)
    if entry is None and key.endswith(CALENDAR):
        return session_file(event, _session(event, key.removesuffix(CALENDAR)))
    return _page(event, _session(event, key))


def _session(event: EventFacts, key: str) -> SessionFacts:
    entry = event.find_session(key)
    if entry is None:
        raise NotFound("session")
    return entry


def _page(event: EventFacts, entry: SessionFacts) -> str:
    pools = pools_of(session(), event.id)
    counts = by_pool(pools.values())
    window = window_of(event, pools[event.pool_id], now())
    is_cancelled = event.status == "cancelled"
    places = None if is_cancelled else places_of(entry, counts)
    rows = Rows(event, counts)
    beside = [other for other in event.sessions if _is_beside(entry, other)]
    return render_template(
        "participant/programme/show.html",
        event=event_view(event),
        entry=entry,
        kind=kind_words()[entry.kind.value],
        lead=event.organisation(entry.lead_id) if entry.lead_id is not None else None,
        places=places,
        seats="" if is_cancelled else seats_words(entry, places, language()),
        window=window_words(event, window),
        beside=[rows.row(other) for other in beside[:MOST_BESIDE]],
        beside_more=len(beside) > MOST_BESIDE,
        address=f"{settings().base_url}/events/{event.slug}/sessions/{entry.key}",
    )


def _is_beside(entry: SessionFacts, other: SessionFacts) -> bool:
    return other.id != entry.id and other.kind != "break" and other.overlaps(entry)
