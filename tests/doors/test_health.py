"""The two pages for whoever watches the installation, and logs that name no one."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from forumreg.store.revision import head
from forumreg.store.writing import writing
from forumreg.tables.mail import OutboxMessage
from forumreg.web.site import db
from tests.builders import a_receipt, an_event


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.text, "Set-Cookie" in answer.headers) == (200, "ok\n", False)


def test_a_database_that_is_current_can_serve(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (
        200,
        {"ready": True, "database": "ok", "migrations": "ok", "mail": "ok", "oldest_unsent_mail_s": None},
    )
    assert "Set-Cookie" not in answer.headers


def test_late_mail_is_told_and_stops_nobody(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        a_receipt(db.session(), an_event(db.session()))
        with writing(db.session()):
            db.session.execute(update(OutboxMessage).values(created_at=datetime.now(UTC) - timedelta(minutes=6)))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["mail"]) == (200, "late")  # type: ignore[index]
    assert 360 <= answer.json["oldest_unsent_mail_s"] < 420  # type: ignore[index]


BEHIND = [
    ("UPDATE alembic_version SET version_num = '0000'", f"UPDATE alembic_version SET version_num = '{head()}'"),  # noqa: S608 (a number of ours)
    ("ALTER TABLE alembic_version RENAME TO away", "ALTER TABLE away RENAME TO alembic_version"),
]


@pytest.mark.parametrize(("act", "undo"), BEHIND)
def test_a_database_that_is_behind_cannot_serve(app: Flask, client: FlaskClient, act: str, undo: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(act))
    try:
        answer = client.get("/readyz")
    finally:  # other tests go on in a database of PostgreSQL
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text(undo))

    assert (answer.status_code, answer.json) == (503, {"ready": False, "database": "ok", "migrations": "behind"})
    assert answer.headers["Retry-After"] == "5"
    assert client.get("/readyz").status_code == 200


def test_a_failure_is_logged_without_the_address_it_came_to(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.add_url_rule("/r/<token>/broken", "broken", broken)
    monkeypatch.setattr(logging.getLogger("forumreg"), "propagate", True)

    with caplog.at_level(logging.INFO):
        answer = app.test_client().get("/r/TURAAAABBBBsecret/broken")

    assert answer.status_code == 500
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == ["failed"]
    assert "secret" not in caplog.text


def broken(token: str) -> str:
    """A page with a fault."""
    raise RuntimeError(token)
