"""Logs without personal data: routes instead of addresses, request ids, no form, no name, no token."""

from __future__ import annotations

import json
import logging
import random
import secrets
import sys
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request

access = logging.getLogger("forumreg.access")
_numbers = random.Random(secrets.token_bytes(16))  # noqa: S311 (names a line of the log, keeps no secret)
_FACTS = ("method", "route", "status", "ms", "error", "where", "event", "key", "detail")


class Line(logging.Formatter):
    """One line a record, as text or JSON, with the request's id."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form

    def format(self, record: logging.LogRecord) -> str:
        """The line; line breaks in messages are escaped."""
        facts = {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            facts |= {"error": type(record.exc_info[1]).__name__, "where": place_of(record.exc_info[1])}
        if has_request_context() and "request_id" in g:
            facts["request"] = g.request_id
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        if self.form == "json":
            line = {
                "at": at,
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": message,
                **facts,
            }
            return json.dumps(line, ensure_ascii=False, default=str)
        return " ".join([at, record.levelname.lower(), message, *(f"{name}={value}" for name, value in facts.items())])


def place_of(error: BaseException | None) -> str:
    """Where in our code an exception was raised, the innermost four places; never what it says."""
    trace = error.__traceback__ if error else None
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if "forumreg" in code.co_filename:
            places.append(f"{code.co_filename.rpartition('forumreg/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-4:])


def configure(form: str, level: int = logging.INFO) -> None:
    """Send the program's own records to standard error, and the queue engine's in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(form))
    root = logging.getLogger("forumreg")
    root.handlers[:] = [handler]
    root.setLevel(level)
    root.propagate = False
    queue = logging.getLogger("huey")  # it tells of a database that went, with what the database said
    queue.handlers[:] = [handler]
    queue.setLevel(logging.WARNING)
    queue.propagate = False


def init(app: Flask) -> None:
    """Give each request an id and one line."""

    @app.before_request
    def begin() -> None:
        g.request_id = f"{_numbers.getrandbits(48):012x}"
        g.began_at = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        if access.isEnabledFor(logging.INFO) and request.endpoint != "static":
            took_ms = round((time.perf_counter() - g.get("began_at", time.perf_counter())) * 1000)
            route = request.url_rule.rule if request.url_rule else "(none)"
            told = {"method": request.method, "route": route, "status": response.status_code, "ms": took_ms}
            # Made by hand: to find out where a record comes from costs as much as the rest of the line.
            access.handle(access.makeRecord(access.name, logging.INFO, "", 0, "answered", (), None, extra=told))
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response
