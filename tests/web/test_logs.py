"""The logs say what happened and where, never what a database or a person said."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

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
