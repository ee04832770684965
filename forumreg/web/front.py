"""Pages that are the same for all readers, answered in front of Flask for as long as nothing they say has changed.

An event's page and its programme are what most people open and many reload. Without a cookie and a question in its
address, what such a page says depends on the address, the languages of the browser, the clock, and what a look at the
database tells. That look is made each time; to have Flask take the request apart for it costs once or twice as
much again (measured, 2026-11).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import request
from sqlalchemy.exc import SQLAlchemyError

from forumreg.web import logs
from forumreg.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_PAGES = 64
LARGEST_BYTES = 32 * 1024  # of one of them: a programme of a thousand sessions has 14 KB, packed
LONGEST_LANGUAGES = 100  # of Accept-Language; a longer one is not worth keeping a page for
_SLOT = "forumreg.front"
_SAID = ("REQUEST_METHOD", "wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "HTTP_ACCEPT_ENCODING")


@dataclass(frozen=True, slots=True)
class Standing:
    """How long a page says what is so: at most until an instant of the site's clock, while the look tells the same."""

    route: str
    until: datetime
    is_same: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Answer:
    standing: Standing
    status: str
    headers: list[tuple[str, str]]
    body: bytes


def stands(until: datetime, is_same: Callable[[], bool]) -> None:
    """Say that the answer to this request is the same for all who ask alike. It must set no cookie."""
    slot = request.environ.get(_SLOT)
    if slot is not None and request.url_rule is not None:
        slot.append(Standing(request.url_rule.rule, until, is_same))


class Front:
    """Answers again what it has answered; everything else is the application's."""

    def __init__(self, within: WSGIApplication, site: Site) -> None:
        self._within, self._site = within, site
        self._answers: dict[tuple[str, ...], _Answer] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer that stands, or the application's."""
        asked = _asked(environ)
        if asked is None:
            return self._within(environ, start_response)
        began_at, answer = time.perf_counter(), self._answers.get(asked)
        if answer is None or not self._still(answer.standing):
            return self._fresh(asked, environ, start_response)
        number = logs.new_id()
        logs.answered("GET", answer.standing.route, 200, time.perf_counter() - began_at, number)
        start_response(answer.status, [*answer.headers, (logs.ID_HEADER, number)])
        return [answer.body]

    def _still(self, standing: Standing) -> bool:
        try:
            return self._site.clock.now() < standing.until and standing.is_same()
        except SQLAlchemyError:  # the application says so in a page of its own
            return False

    def _fresh(
        self, asked: tuple[str, ...], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        slot: list[Standing] = []
        heads: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], trouble: Any = None) -> Any:
            heads.append((status, headers))
            return start_response(status, headers, trouble)

        parts = self._within({**environ, _SLOT: slot}, start)
        if not slot:
            return parts
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = heads[-1]
        is_for_all = status.startswith("200 ") and not any(name == "Set-Cookie" for name, _value in headers)
        if is_for_all and len(body) <= LARGEST_BYTES:
            if len(self._answers) >= MOST_PAGES:
                self._answers.clear()
            kept = [each for each in headers if each[0] != logs.ID_HEADER]
            self._answers[asked] = _Answer(slot[0], status, kept, body)
        return [body]


def _asked(environ: WSGIEnvironment) -> tuple[str, ...] | None:
    """What an answer depends on besides the database and the clock; ``None``: on more than that."""
    if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING") or environ.get("HTTP_COOKIE"):
        return None
    languages = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    if len(languages) > LONGEST_LANGUAGES:
        return None
    return (*(environ.get(name, "") for name in _SAID), languages)
