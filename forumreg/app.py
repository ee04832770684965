"""The factory: settings, extensions, adapters and doors put together. The only file that knows them all."""

from __future__ import annotations

from flask import Flask, current_app, request
from flask import session as cookie
from flask_wtf import CSRFProtect
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from forumreg.adapters.bell import Bell
from forumreg.base.clock import Clock
from forumreg.base.settings import Settings
from forumreg.doors import organizer, participant, partner
from forumreg.doors.account import init_sign_in
from forumreg.doors.participant import forms as participant_forms
from forumreg.web import assets, errors, headers, health, logs
from forumreg.web.acting import STAFF_KEY
from forumreg.web.bare import bare_app
from forumreg.web.sent import largest_of
from forumreg.web.site import NAME

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
csrf = CSRFProtect()


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """The application with every door open, on these settings; ``clock`` is another than the machine's in the demo."""
    app = bare_app(settings, clock=clock)
    app.extensions[NAME].ring = Bell(settings).ring
    logs.init(app)
    app.before_request(_readable)
    csrf.init_app(app)
    errors.init(app)
    headers.init(app, settings)
    health.init(app)
    app.add_url_rule("/static/<path:filename>", "static", assets.static)
    for door in (participant.bp, organizer.bp, partner.bp):
        app.register_blueprint(door)
    for endpoint in participant_forms.CHECK_OWN_TOKEN:
        csrf.exempt(app.view_functions[endpoint])
    init_sign_in(app)
    return app


def _readable() -> None:
    """Turn away what no form of ours sends."""
    query = request.query_string
    if "\x00" in request.path or b"\x00" in query or b"%00" in query:
        raise BadRequest
    if request.method == "POST" and request.content_length and request.mimetype not in FORMS:
        raise UnsupportedMediaType
    largest = largest_of(current_app.view_functions.get(request.endpoint or ""))
    if largest is not None and STAFF_KEY in cookie:  # before anything reads the form
        request.max_content_length = largest
