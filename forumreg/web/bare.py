"""The application without its doors: settings, database, catalogues, templates. The worker needs no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, Request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import SecurityError
from werkzeug.routing import BaseConverter, MapAdapter
from werkzeug.wsgi import get_host

from forumreg.base.clock import Clock, RealClock
from forumreg.base.hosts import OWN_HOSTS, without_port
from forumreg.base.resources import resource_folder
from forumreg.base.settings import Settings
from forumreg.web import context, languages
from forumreg.web.sent import SentRequest
from forumreg.web.site import NAME, Site, db

LARGEST_REQUEST_BYTES = 1024 * 1024  # a form of ours is a hundredth of it


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie; what signs it is made once an application, not twice a request."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Flask, URLSafeTimedSerializer | None] = WeakKeyDictionary()

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie."""
        if app not in self._made:
            self._made[app] = super().get_signing_serializer(app)
        return self._made[app]


class Application(Flask):
    """Flask, but for how it reads forms and refuses foreign hosts, and for one line of its log."""

    request_class = SentRequest
    session_interface = Cookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function: none of ours is asynchronous, and to ask each of them with each request costs time."""
        return func

    def log_exception(self, exc_info: object) -> None:
        """Say nothing: an own link's address is its key. ``web.errors`` logs the route, the kind and the place."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Refuse a foreign host with a page of ours, which needs addresses to link to.

        Hosts have no case (RFC 9110, 4.2.3) and may be IPv6 addresses: neither can be said in TRUSTED_HOSTS.
        """
        if request is None:
            return super().create_url_adapter(request)
        own = self.extensions[NAME].settings.host
        if without_port(get_host(request.environ)) in {own, *OWN_HOSTS}:
            return super().create_url_adapter(request)
        request.routing_exception = SecurityError()
        return self.url_map.bind(own)


class Slug(BaseConverter):
    """An event's name in addresses."""

    regex = "[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?"
    part_isolating = True


def bare_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """An application on these settings that answers no request yet."""
    app = Application(
        "forumreg",
        static_folder=None,
        template_folder=str(resource_folder("templates")),
        instance_path=str(settings.instance),
    )
    app.config.from_mapping(_configuration(settings))
    app.extensions[NAME] = Site(settings, clock or RealClock(), settings.keys)
    app.url_map.converters["slug"] = Slug
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    db.init_app(app)
    languages.init(app)
    context.init(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    secrets = settings.keys.secrets
    return {
        "SECRET_KEY": secrets[0],
        "SECRET_KEY_FALLBACKS": list(secrets[1:]),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST_BYTES,
        "SESSION_COOKIE_NAME": "forumreg",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=7),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the cookie; a form on a phone stays open for days
        "WTF_CSRF_SSL_STRICT": False,  # asks for a Referer, which our pages do not send
        "BABEL_DEFAULT_LOCALE": "en",
        "PREFERRED_URL_SCHEME": "https" if settings.is_https else "http",
    }
