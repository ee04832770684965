"""What this machine can run: tests of a group it cannot are left out, aloud.

A test joins a group by its marker: `postgres`, `browser`, `libreoffice` or `schemas`. Where a group is missing its
tests are skipped and the last lines say so. `FORUMREG_REQUIRE=postgres,browser` makes them fail instead, so that a
machine that is meant to run everything cannot pass without.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

POSTGRES_URL = os.environ.get("FORUMREG_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres").replace(
    "postgresql://", "postgresql+psycopg://", 1
)
MISSING = pytest.StashKey[Mapping[str, str]]()


def chromium() -> str | None:
    """Return the path of Chromium, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def libreoffice() -> str | None:
    """Return the path of LibreOffice, if there is one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def schemas() -> Path | None:
    """Return the folder of published schemas, which are not ours to copy: shared data beside the checkout."""
    shared = os.environ.get("FORUMREG_SHARED") or Path(__file__).parents[2] / "shared"
    folder = Path(shared) / "data" / "schemas"
    return folder if folder.is_dir() else None


def _no_postgres() -> str | None:
    try:
        engine = create_engine(POSTGRES_URL, connect_args={"connect_timeout": 3})
        engine.connect().close()
        engine.dispose()
    except (DBAPIError, NoSuchModuleError, ImportError):
        return "no PostgreSQL answers; set FORUMREG_TEST_POSTGRES_URL"
    return None


# Why a group cannot run here; None where it can.
GROUPS: Mapping[str, Callable[[], str | None]] = {
    "postgres": _no_postgres,
    "browser": lambda: None if chromium() else "no chromium on PATH",
    "libreoffice": lambda: None if libreoffice() else "no soffice on PATH",
    "schemas": lambda: None if schemas() else "no ../shared/data/schemas; set FORUMREG_SHARED to the shared folder",
}


def required() -> frozenset[str]:
    """Return the groups named in FORUMREG_REQUIRE."""
    names = frozenset(os.environ.get("FORUMREG_REQUIRE", "").replace(",", " ").split())
    if unknown := sorted(names - set(GROUPS)):
        raise pytest.UsageError(f"FORUMREG_REQUIRE names {unknown[0]}; the groups are {', '.join(GROUPS)}")
    return names


def pytest_configure(config: pytest.Config) -> None:
    """Look once what is missing; xdist's workers are told by the process that started them."""
    told: dict[str, Any] | None = getattr(config, "workerinput", None)
    if told is not None:
        config.stash[MISSING] = told["missing_groups"]
        return
    required()
    reasons = {group: why_not() for group, why_not in GROUPS.items()}
    config.stash[MISSING] = {group: reason for group, reason in reasons.items() if reason}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist what is missing."""
    node.workerinput["missing_groups"] = node.config.stash[MISSING]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose group is missing, or fail it where the group is required."""
    for group, reason in item.config.stash[MISSING].items():
        if item.get_closest_marker(group) is None:
            continue
        if group in required():
            pytest.fail(f"{group} is required, and {reason}", pytrace=False)
        pytest.skip(f"left out: {group} ({reason})")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which groups were left out and why."""
    for group, reason in config.stash[MISSING].items():
        verdict = "required and missing" if group in required() else "left out"
        terminalreporter.write_line(f"{verdict}: {group} ({reason})", yellow=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when a required group is missing, even if no test of it was chosen."""
    if required() & set(session.config.stash[MISSING]) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
