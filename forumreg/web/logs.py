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
_FACTS = ("method", "route", "status", "ms", "error", "where", "event", "key", "detail", "request")
ID_HEADER = "X-Request-Id"


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
        if "request" not in facts and has_request_context() and "request_id" in g:
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
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line says them
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


def new_id() -> str:
    """A number by which a request is found again in the log."""
    return f"{_numbers.getrandbits(48):012x}"


def answered(method: str, route: str, status: int, took_s: float, request_id: str) -> None:
    """The line of an answer."""
    if access.isEnabledFor(logging.INFO):
        told = {"method": method, "route": route, "status": status, "ms": round(took_s * 1000), "request": request_id}
        # Made by hand: to find out where a record comes from costs as much as the rest of the line.
        access.handle(access.makeRecord(access.name, logging.INFO, "", 0, "answered", (), None, extra=told))


def init(app: Flask) -> None:
    """Give each request an id and one line."""

    @app.before_request
    def begin() -> None:
        g.request_id = new_id()
        g.began_at = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        number = g.get("request_id", "")
        if request.endpoint != "static":
            now = time.perf_counter()
            route = request.url_rule.rule if request.url_rule else "(none)"
            answered(request.method, route, response.status_code, now - g.get("began_at", now), number)
        response.headers[ID_HEADER] = number
        return response
