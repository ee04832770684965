"""Who acts, and whether the door opens. The rule behind it asks again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, ParamSpec, TypeVar, cast

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.base.errors import NotFound
from forumreg.rules.access import Action, Actor, Anonymous, allowed
from forumreg.rules.account import staff_of
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.event.reading import facts_and_pools, facts_at, look_at, version_at
from forumreg.rules.seats import PoolState, counts_of
from forumreg.tables.event import EventStatus
from forumreg.web.site import db, looking, session

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[P, ResponseReturnValue]
ACTION_MARK = "forumreg_action"
PUBLIC = "public"
LARGEST_ID = 2**31 - 1  # an INTEGER of PostgreSQL
STAFF_KEY = "staff"  # in the cookie: the random key of a signed-in browser


def actor() -> Actor:
    """Who sent this request: a signed-in staff member, else anybody. Asked of the database once a request."""
    if "actor" not in g:
        key = cookie.get(STAFF_KEY)
        found = staff_of(session(), key, now=datetime.now(UTC)) if isinstance(key, str) else None
        g.actor = found or Anonymous()
    return cast("Actor", g.actor)


def public(view: View[P]) -> View[P]:
    """Marks a view that anybody may call."""
    setattr(view, ACTION_MARK, PUBLIC)
    return view


def needs(action: Action) -> Callable[[View[P]], View[P]]:
    """Lets in who may do this, at the event whose ``slug`` the address names; others sign in or are refused."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if isinstance(actor(), Anonymous):
                return _to_sign_in()
            event = current_event(cast("str", kwargs["slug"])) if "slug" in kwargs else None
            if not allowed(actor(), action, event.id if event else None):
                abort(404 if event and event.status is EventStatus.DRAFT else 403)
            return view(*args, **kwargs)

        setattr(guarded, ACTION_MARK, action)
        return guarded

    return decorate


def _to_sign_in() -> ResponseReturnValue:
    """Lead to the sign-in page, and from there back to where the request came from; a lost form is told."""
    if request.method == "POST":
        flash(_("You are signed out, so nothing was done, and what you sent is not kept. Sign in, then repeat it."),
              "warning")  # fmt: skip
    return redirect(url_for("security.login", next=page_before()), 303)


def page_before() -> str:
    """The address of this request as a page; a form's own, or the nearest above it that can be opened."""
    adapter = current_app.create_url_adapter(request)
    path, asked = request.path, request.query_string.decode(errors="replace")
    while request.method == "POST" and adapter and path.strip("/") and not adapter.test(path, method="GET"):
        path = path.rstrip("/").rpartition("/")[0] or "/"
    return f"{path}?{asked}" if asked else path


def is_for_staff() -> bool:
    """Whether this request is for a page that only somebody signed in may see."""
    return isinstance(mark_of(current_app.view_functions.get(request.endpoint or "")), Action)


def current_event(slug: str) -> EventFacts:
    """The event of this request, drafts included, for staff pages.

    Raises:
        NotFound: there is none.
    """
    if "event" not in g or g.event.slug != slug:
        g.event = facts_at(looking(), slug, session)
    return cast("EventFacts", g.event)


def visible_event(slug: str) -> EventFacts:
    """The event of this request as the public may see it.

    Raises:
        NotFound: there is none, or it is a draft.
    """
    event = current_event(slug)
    if event.status is EventStatus.DRAFT:
        g.pop("event")
        raise NotFound("event")
    return event


def event_and_pools(slug: str) -> tuple[EventFacts, Mapping[int, PoolState]]:
    """The same with its pools by id as they stand, read at once.

    Raises:
        NotFound: there is none, or it is a draft.
    """
    g.looked = look_at(looking(), slug)
    event, pools = facts_and_pools(g.looked, session)
    if event.status is EventStatus.DRAFT:
        raise NotFound("event")
    g.event = event
    return event, pools


def as_looked(slug: str) -> Callable[[], bool]:
    """Whether a new look finds what ``event_and_pools`` found in this request; to be asked after it, too."""
    engine, rows = db.engine, g.looked
    return lambda: look_at(engine, slug) == rows


def as_counted(event: EventFacts, counts: Sequence[object]) -> Callable[[], bool]:
    """Whether the event is still this version and the places of its sessions are these; to be asked later, too."""
    engine, seen = db.engine, (event.id, event.version)
    return lambda: version_at(engine, event.slug) == seen and counts_of(engine, event.id) == counts


def client_network() -> str:
    """The address that limits count by: one of IPv4, or the /64 of IPv6, as far as proxies are trusted."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))


def row_id(text: str) -> int:
    """The number of a row, from an address.

    Raises:
        ValueError: it is none that we gave.
    """
    number = int(text)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError
    return number


def mark_of(view: Any) -> object:
    """What a view declares: an action, ``"public"``, or nothing."""
    return getattr(view, ACTION_MARK, None)
