"""The frame of the program: help that loads nothing, refusals in a line."""

import importlib
import subprocess
import sys

import pytest
from click.testing import Result

from forumreg.__main__ import COMMANDS
from tests.doors.cli.conftest import Forumreg


def test_help_lists_every_command_and_loads_none(environ: dict[str, str]) -> None:
    asked = "import sys; from forumreg.__main__ import main; main(['--help'], standalone_mode=False);"
    told = "print(sorted({'flask', 'sqlalchemy', 'huey', 'waitress'} & set(sys.modules)))"

    answer = subprocess.run(
        [sys.executable, "-c", asked + told], env=environ, check=True, capture_output=True, text=True
    )

    listed = [line.split()[0] for line in answer.stdout.splitlines() if line.startswith("  ") and line[2] != " "]
    assert [word for word in listed if word in COMMANDS] == list(COMMANDS)
    assert answer.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_says_what_it_does(forumreg: Forumreg, name: str) -> None:
    place = COMMANDS[name]

    result = forumreg(name, "--help")

    assert getattr(importlib.import_module(place.module), place.attribute).help
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: forumreg {name} ")


def refusal(result: Result) -> tuple[int, list[str]]:
    """The exit code and the lines on standard error; nothing else was said."""
    return result.exit_code, result.stderr.splitlines()


@pytest.mark.parametrize("words", [["event", "export", "none"], ["roster", "none", "--format", "csv", "-o", "-"]])
def test_an_unknown_event_is_one_line(forumreg: Forumreg, words: list[str]) -> None:
    assert refusal(forumreg(*words)) == (1, ["forumreg: no event has this slug"])


@pytest.mark.parametrize(
    "words", [["nothing"], ["serve", "--bind", "far away"], ["roster"], ["worker", "--concurrency", "0"]]
)
def test_wrong_usage_ends_with_2(forumreg: Forumreg, words: list[str]) -> None:
    result = forumreg(*words)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("FORUMREG_LOG_FORMAT", "xml", "FORUMREG_LOG_FORMAT: text or json"),
        ("FORUMREG_TRUSTED_PROXIES", "many", "FORUMREG_TRUSTED_PROXIES: a whole number, 0 or more"),
        ("FORUMREG_DATABASE_URL", "mysql://here", "FORUMREG_DATABASE_URL: sqlite:///path or postgresql://…"),
        (
            "FORUMREG_DATABASE_URL",
            "postgresql://here:port/name",
            "FORUMREG_DATABASE_URL: postgresql://user:password@host:5432/name",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(forumreg: Forumreg, setting: str, value: str, line: str) -> None:
    assert refusal(forumreg("event", "export", "forum", **{setting: value})) == (1, [f"forumreg: {line}"])


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["event", "export", "forum"], ["backup", "copy.tar"]])
def test_nothing_runs_without_a_database(
    forumreg: Forumreg, tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    elsewhere = str(tmp_path_factory.mktemp("elsewhere"))

    result = forumreg(*words, FORUMREG_INSTANCE=elsewhere)

    assert refusal(result) == (1, ["forumreg: there is no database yet; run: forumreg db upgrade"])


def test_a_database_that_does_not_answer_is_one_line(forumreg: Forumreg) -> None:
    gone = "postgresql://nobody@127.0.0.1:1/nothing"

    code, lines = refusal(forumreg("event", "export", "forum", FORUMREG_DATABASE_URL=gone))

    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("forumreg: the database does not answer")
