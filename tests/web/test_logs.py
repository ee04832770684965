"""The logs say what happened and where, never what a database or a person said."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from forumreg.web import logs

OURS = ("forumreg", "huey")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Loggers are the process's: put them back."""
    before = [(each, list(each.handlers), each.level, each.propagate) for each in map(logging.getLogger, OURS)]
    yield
    for logger, handlers, level, propagate in before:
        logger.handlers[:], logger.level, logger.propagate = handlers, level, propagate


def fail() -> None:
    """Fail as a database driver does, with its words."""
    gone = ConnectionError("server at 10.0.0.7 says: user amina@example.org is gone")
    logging.getLogger("huey.consumer").error("Error reading from queue", exc_info=gone)


def test_the_queue_engine_logs_a_line_of_ours_and_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")

    fail()

    (line,) = capsys.readouterr().err.splitlines()
    assert line.split(" ", 1)[1] == "error Error reading from queue error=ConnectionError where="


def test_the_queue_engine_logs_json_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")

    fail()

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["logger"], told["error"]) == ("huey.consumer", "ConnectionError")
    assert "amina" not in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_page_of_a_failure_and_its_lines_have_the_same_id(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    def fails() -> str:
        raise ValueError("amina@example.org")

    monkeypatch.setitem(app.view_functions, "participant.events.index", fails)
    logs.configure(form)

    answers = [app.test_client().get("/") for _ in range(2)]

    told = capsys.readouterr().err
    shown = [
        re.search(r'Reference for the organizers: <bdi class="code">([0-9a-f]{12})</bdi>', each.text)
        for each in answers
    ]
    ids = [found[1] for found in shown if found]
    lines = re.findall(r'request(?:=|": ")([0-9a-f]+)', told)
    assert [answer.status_code for answer in answers] == [500, 500]
    assert len(set(ids)) == 2
    assert lines == [ids[0], ids[0], ids[1], ids[1]]  # of each what failed, and what was answered
    assert [answer.headers["X-Request-Id"] for answer in answers] == ids
    assert (told.count("ValueError"), "amina" in told + answers[0].text) == (2, False)
