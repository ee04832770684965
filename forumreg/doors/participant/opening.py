"""Who holds a link, and what every page behind it shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _
from flask_babel import refresh

from forumreg.base.errors import Gone
from forumreg.doors.participant.forms import WAIT
from forumreg.doors.participant.problems import Said
from forumreg.doors.participant.sessions import Person, clashes_of
from forumreg.doors.participant.states import and_whom_to_ask, window_words
from forumreg.rules import registration as registrations
from forumreg.rules import seats
from forumreg.rules.access import Participant
from forumreg.rules.event import EventFacts, SessionFacts, is_before_end, is_open, window_of
from forumreg.rules.registration import Item, RegistrationFacts
from forumreg.web import keys, now, session
from forumreg.web.errors import page

ENDED = frozenset({"cancelled", "declined"})


def own_blueprint(name: str) -> Blueprint:
    """Pages below the own link; one that has ended is explained."""
    bp = Blueprint(name, f"forumreg.doors.participant.{name}", url_prefix="/r")
    bp.register_error_handler(Gone, _gone)
    return bp


def opened(token: str) -> tuple[Participant, RegistrationFacts]:
    """Who holds the link, and the registration; the page then speaks the registrant's language."""
    return _read(*registrations.open_link(session(), keys(), token, now=now()))


def opened_calendar(token: str) -> tuple[Participant, RegistrationFacts]:
    """The same by the key of the calendar alone, or by the link."""
    return _read(*registrations.open_calendar(session(), keys(), token, now=now()))


def _read(own: Participant, reference: str) -> tuple[Participant, RegistrationFacts]:
    found = registrations.read(session(), own, reference)
    g.event, g.spoken = found.event, found.language
    refresh()
    return own, found


def _gone(error: Gone) -> Response:
    """Who holds the link is told of the event, and nothing of the registration."""
    event = cast("EventFacts", error.facts["event"])
    g.event = event
    to_event = url_for("participant.events.show", slug=event.slug), _("Back to the event")
    return page(
        410,
        _("This link has ended"),
        and_whom_to_ask(event, _("Links to registrations work until 30 days after the event.")),
        way_out=None if event.status == "draft" else to_event,
    )


def can_change(found: RegistrationFacts) -> bool:
    """Whether answers and sessions may still be changed."""
    return found.status not in ENDED and is_open(found.event, now())


def can_choose(found: RegistrationFacts) -> bool:
    """Whether sessions may still be changed: also once registration has closed, until the event is over."""
    return found.status not in ENDED and is_before_end(found.event, now()) and bool(found.event.bookable)


def kept_choices(found: RegistrationFacts) -> frozenset[str]:
    """The registrant's sessions as a form's values."""
    return frozenset(choice_of(item) for item in found.chosen)


def choice_of(item: Item) -> str:
    """One of them."""
    return item.session.key if item.has_seat else f"{WAIT}{item.session.key}"


def person_of(found: RegistrationFacts, said: Said, refused: SessionFacts | None) -> Person:
    """What a form knows of the registrant: category, languages, what they have, and what was just refused."""
    bookable = {entry.id for entry in found.event.bookable}
    return Person(
        category=found.category.key if found.category else "",
        known=found.known_languages,
        held=frozenset(item.session.key for item in found.chosen if item.has_seat),
        ranks={item.session.key: item.rank for item in found.chosen if item.rank is not None},
        fixed=tuple(item for item in found.chosen if item.session.id not in bookable),
        refused=frozenset({refused.key} if refused else ()),
        clashes=clashes_of(said),
    )


def pools_of(event: EventFacts) -> Mapping[int, seats.PoolState]:
    """Every pool of the event as it stands, by id."""
    return seats.pools_of(session(), event.id)


def why_closed(found: RegistrationFacts) -> str:
    """Why nothing can be changed: by the registration's own state, else by the event's."""
    own = {
        "cancelled": _("Your registration is cancelled."),
        "declined": _("The organizers declined this registration."),
    }
    if found.status.value in own:
        return own[found.status.value]
    return window_words(found.event, window_of(found.event, pools_of(found.event)[found.event.pool_id], now())).sentence


def back_to_registration(token: str) -> tuple[str, str]:
    """The way out of a page that says no: (address, label)."""
    return url_for("participant.own.show", token=token), _("Back to your registration")
