"""The frame of the program: help that loads nothing, refusals in a line."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from forumreg.__main__ import COMMANDS
from tests.doors.cli.conftest import Forumreg
from tests.doors.cli.running import running


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


def test_a_reader_that_has_read_enough_is_no_fault(environ: dict[str, str]) -> None:
    read, written = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "forumreg", "doctor"]
    with os.fdopen(written, "wb") as nobody:
        done = subprocess.run(command, env=environ, stdout=nobody, stderr=subprocess.PIPE, check=False)

    assert b"Broken pipe" not in done.stderr


def test_the_worker_says_that_it_runs_and_where_mail_goes(environ: dict[str, str], instance: Path) -> None:
    said = []
    for server in ("", "smtp://somebody:secret@mail.example.org:587"):
        with running(environ | {"FORUMREG_SMTP_URL": server}, "worker") as process:
            assert process.stdout
            said.append(process.stdout.readline().strip())

    assert said == [
        f"the mail worker, for http://127.0.0.1:8000: mail is kept in {instance / 'mail'}",
        "the mail worker, for http://127.0.0.1:8000: mail goes to mail.example.org",
    ]
