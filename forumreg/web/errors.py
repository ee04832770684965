"""Errors as pages in the house style. No traceback reaches a reader."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from forumreg.base.errors import Changed, Forbidden, Gone, NotFound, Refused, Unavailable
from forumreg.rules.access import Anonymous
from forumreg.web import logs
from forumreg.web.acting import actor, is_for_staff, page_before
from forumreg.web.site import db

log = logging.getLogger("forumreg")
BUSY_RETRY_S = 5
STAFF_PATHS = ("/organize/", "/partners/", "/account/")


def page(code: int, heading: str, *sentences: str, way_out: tuple[str, str] | None = None) -> Response:
    """An error page; ``way_out`` is (address, label)."""
    body = render_template(
        "_shared/error.html",
        code=code,
        heading=heading,
        sentences=sentences,
        request_id=g.get("request_id", ""),
        way_out=way_out or (url_for("participant.events.index"), _("See all events")),
    )
    return make_response(body, code)


def _words(code: int) -> tuple[str, tuple[str, ...]]:
    words: dict[int, tuple[str, tuple[str, ...]]] = {
        400: (
            _("We could not read that request"),
            (_("Go back, load the page again and repeat the last step."),),
        ),
        403: (
            _("You may not see this page"),
            (_("Your account has no right to it. Ask an organizer of the event to give you one."),),
        ),
        404: (
            _("There is no page at this address"),
            (
                _("Check the address for a missing or wrong character."),
                _("If you followed the link to your registration, ask on the event’s page for a new one by email."),
            ),
        ),
        405: (_("This page does not take that request"), (_("Go back and use the buttons of the page."),)),
        409: (
            _("Somebody else changed this meanwhile"),
            (_("Nothing of yours was saved. Load the page again and look at what changed."),),
        ),
        410: (_("This has ended"), (_("The page is not kept any longer."),)),
        413: (
            _("That was too much at once"),
            (_("Nothing was saved. Shorten the longest answers and send again."),),
        ),
        415: (_("We cannot read that kind of content"), (_("Send the form from its page."),)),
        422: (_("Something in the form needs another look"), (_("Go back and check your answers."),)),
        429: (
            _("Many requests came from where you are"),
            (_("Nothing is lost. Wait a minute, then send again."),),
        ),
        500: (
            _("Something failed on our side"),
            (
                _(
                    "What you saved before is safe. Try again in a minute; if it fails again, "
                    "tell the organizers this code."
                ),
            ),
        ),
        503: (
            _("We cannot answer right now"),
            (_("Nothing was saved. Wait a few seconds and send again: sending twice does not register you twice."),),
        ),
    }
    return words.get(code, (_("That did not work"), (_("Go back and try again."),)))


def plain(code: int) -> Response:
    """The usual page for a code."""
    heading, sentences = _words(code)
    if code not in {403, 404} or not request.path.startswith(STAFF_PATHS):
        return page(code, heading, *sentences)
    if code == 404:
        sentences = (
            sentences[0],
            _("If it was the address of an event, ask one of its organizers whether you may see it."),
        )
    return page(code, heading, *sentences, way_out=(url_for("account.start"), _("Go to your pages")))


def init(app: Flask) -> None:
    """Answer every way in which a rule or the server says no."""
    app.register_error_handler(NotFound, lambda _error: plain(404))
    app.register_error_handler(Forbidden, lambda _error: plain(403))
    app.register_error_handler(Changed, lambda _error: plain(409))
    app.register_error_handler(Gone, lambda _error: plain(410))
    app.register_error_handler(Refused, lambda _error: plain(409))
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Unavailable, _busy)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _internal)


def _expired(_error: CSRFError) -> Response:
    """A form without the key of a page just seen: signing in or out since the page was opened ends its key."""
    if is_for_staff() and isinstance(actor(), Anonymous):
        return page(
            400,
            _("You are signed out"),
            _("Nothing was done, and what you sent is not kept. Sign in, then repeat it."),
            way_out=(url_for("security.login", next=page_before()), _("Sign in")),
        )
    return page(
        400,
        _("The form had been open for too long"),
        _("Nothing was changed. Go back, load the page again and repeat the last step."),
        way_out=(
            page_before() if is_for_staff() else url_for("participant.events.index"),
            _("Go on"),
        ),
    )


def _busy(error: Unavailable) -> Response:
    response = plain(503)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _database(error: DBAPIError | PoolTimeout) -> Response:
    db.session.rollback()
    if isinstance(error, OperationalError | PoolTimeout) or error.connection_invalidated:
        log.error("database unavailable: %s", type(error).__name__)
        return _busy(Unavailable(BUSY_RETRY_S))
    return _internal(InternalServerError(original_exception=error))


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = plain(error.code)
    for name in ("Allow", "Retry-After"):
        value = error.get_response().headers.get(name)
        if value:
            response.headers[name] = value
    return response


def _internal(error: InternalServerError) -> Response:
    cause = error.original_exception
    # The message of an exception may hold what a person typed; its kind and place do not.
    log.error("failed", extra={"error": type(cause).__name__ if cause else "", "where": logs.place_of(cause)})
    db.session.rollback()
    return plain(500)
