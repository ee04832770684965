"""Headers on every answer, errors included; and pages packed for slow lines."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header
from werkzeug.middleware.proxy_fix import ProxyFix

from forumreg.base.settings import Settings
from forumreg.web.front import Front
from forumreg.web.site import NAME

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# A mail kept in the instance folder is shown inside a sandboxed frame of its own address.
HSTS = f"max-age={2 * 365 * 24 * 3600}; includeSubDomains"
PACKED = frozenset(
    {
        "text/html",
        "application/json",
        "application/xml",
        "application/atom+xml",
        "text/calendar",
        "image/svg+xml",
        "text/plain",
        "text/csv",
    }
)
ALWAYS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(), microphone=()"),
    ("Cache-Control", "private, no-store"),
)
SMALLEST_PACKED_BYTES = 600  # below that the packed answer is hardly smaller
LEVEL = 5  # 6 costs a third more time for 1 % less (measured on the register page, 2026-11)


def init(app: Flask, settings: Settings) -> None:
    """Set the headers, answer again what stands, read forwarding headers as far as proxies are trusted."""
    app.wsgi_app = Front(app.wsgi_app, app.extensions[NAME])  # type: ignore[method-assign]  # Flask documents this
    app.wsgi_app = Protected(app.wsgi_app, is_https=settings.is_https)  # type: ignore[method-assign]  # as above
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_prefix=0)  # type: ignore[method-assign]  # as above
    app.after_request(pack)


def on_every_answer(*, is_https: bool) -> list[tuple[str, str]]:
    """The headers of every answer, whoever gives it."""
    return [*ALWAYS, *([("Strict-Transport-Security", HSTS)] if is_https else [])]


class Protected:
    """Puts the headers on whatever the application answers; what an answer sets itself stays."""

    def __init__(self, within: WSGIApplication, *, is_https: bool) -> None:
        self.within = within
        self.headers = on_every_answer(is_https=is_https)
        self.names = [name.lower() for name, _value in self.headers]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of the application within."""

        def start(status: str, headers: list[tuple[str, str]], trouble: Any = None) -> Any:
            said = {name.lower() for name, _value in headers}
            added = [each for each, name in zip(self.headers, self.names, strict=True) if name not in said]
            return start_response(status, [*headers, *added], trouble)

        return self.within(environ, start)


@lru_cache(maxsize=64)
def takes_gzip(accepted: str) -> bool:
    """Whether a reader whose browser accepts these encodings takes a packed answer."""
    return bool(parse_accept_header(accepted, Accept).quality("gzip"))


def pack(response: Response) -> Response:
    """Compress what is worth it. Functions after this one see the packed bytes."""
    if (
        response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
        or response.mimetype not in PACKED
        or (response.content_length or 0) < SMALLEST_PACKED_BYTES
        or not takes_gzip(request.headers.get("Accept-Encoding", ""))
    ):
        return response
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
    response.set_data(packer.compress(response.get_data()) + packer.flush())
    response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response
