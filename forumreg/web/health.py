"""Whether the process is alive, and whether it can serve. No cookie, no personal data, nothing kept."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import cache

from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from forumreg.rules.mail import oldest_unsent
from forumreg.store import revision
from forumreg.web.acting import public
from forumreg.web.site import session

MAIL_LATE = timedelta(minutes=5)  # a confirmation that is not there by then is missed
log = logging.getLogger("forumreg")


def init(app: Flask) -> None:
    """Add the two pages for whoever watches the installation."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers; asks nobody else."""
    return Response("ok\n", mimetype="text/plain")


@public
def readyz() -> ResponseReturnValue:
    """Say whether requests can be served: 200, or 503 while the database is gone or behind.

    Late mail is told and is no reason to stop serving: it would only be written down later still.
    """
    try:
        found = revision.current(session().connection())
        late_s = _mail_late_s() if found == _head() else None
    except (DBAPIError, PoolTimeout) as error:
        log.warning("not ready", extra={"error": type(error).__name__})
        session().rollback()
        return _answer(503, database="unavailable")
    if found != _head():
        return _answer(503, database="ok", migrations="behind")
    return _answer(200, database="ok", migrations="ok", mail=_mail(late_s), oldest_unsent_mail_s=late_s)


def _mail(late_s: int | None) -> str:
    return "late" if late_s is not None and late_s > MAIL_LATE.total_seconds() else "ok"


def _mail_late_s() -> int | None:
    oldest = oldest_unsent(session())
    return None if oldest is None else int((datetime.now(UTC) - oldest).total_seconds())


def _answer(status: int, **facts: object) -> Response:
    response = jsonify({"ready": status == 200, **facts})
    response.status_code = status
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


@cache
def _head() -> str:
    return revision.head()
