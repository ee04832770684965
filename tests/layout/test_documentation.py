"""The documentation is complete: settings, commands and messages, there and back."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import png
import pytest

from forumreg.__main__ import main
from forumreg.base.settings import NAMES
from forumreg.rules.roster.scopes import PARTNER_COLUMNS, PARTNER_STATUSES
from forumreg.tables.mail import Message

ROOT = Path(__file__).parents[2]
OPERATING = ROOT / "docs" / "operating.md"
MESSAGES = ROOT / "docs" / "messages.md"
MAILS = ROOT / "templates" / "mail"


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    documented = set(re.findall(r"\bFORUMREG_[A-Z_]+\b", OPERATING.read_text(encoding="utf-8")))

    assert documented == {f"FORUMREG_{name.upper()}" for name in NAMES}


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    documented = re.findall(r"`(forumreg(?: [a-z][a-z-]*)+)", OPERATING.read_text(encoding="utf-8"))
    existing = set(commands(main, "forumreg"))

    assert sorted(existing - set(documented)) == []
    assert sorted(set(documented) - existing) == []


def commands(command: click.Command, name: str) -> Iterator[str]:
    """Every command of ours with its words; of `db`, which is Flask-Migrate's, the one operators need."""
    context = click.Context(command, info_name=name)
    if name == "forumreg db":
        yield f"{name} upgrade"
    elif isinstance(command, click.Group):
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            assert inner is not None, f"{name} {word} is listed and does not exist"
            yield from commands(inner, f"{name} {word}")
    else:
        yield name


def test_what_a_co_organizer_sees_is_documented_as_it_is() -> None:
    told = (ROOT / "docs" / "roster-columns.md").read_text(encoding="utf-8").partition("## Who sees what")[2]
    statuses = re.search(r"while they hold a place \(`(\w+)` or `(\w+)`\)", told)
    columns = re.search(r"Its columns are `([^`]+)`", told)

    assert statuses is not None
    assert statuses.groups() == PARTNER_STATUSES
    assert columns is not None
    assert tuple(columns[1].split(", ")) == PARTNER_COLUMNS


def test_every_message_is_documented_and_every_documented_message_exists() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", MESSAGES.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(rows) == sorted(Message)


def test_every_message_has_its_two_templates_and_no_other() -> None:
    pages = {path.name for path in MAILS.iterdir() if not path.name.startswith("_")}

    assert pages == {f"{message}.{kind}" for message in Message for kind in ("txt", "html")}


def test_every_page_of_documentation_that_the_code_names_exists() -> None:
    sources = [path for folder in ("forumreg", "templates", "tools") for path in (ROOT / folder).rglob("*.*")]
    words = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.suffix in {".py", ".html", ".md"})
    named = set(re.findall(r"\bdocs/[\w/.-]+\.md\b", words))

    assert named
    assert sorted(each for each in named if not (ROOT / each).exists()) == []


def test_the_picture_of_the_readme_is_there_and_shows_a_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", readme)

    assert pictures
    for words, name in pictures:
        path = ROOT / name
        width, height, rows, _about = png.Reader(bytes=path.read_bytes()).read()
        assert words.strip()
        assert (800 <= width <= 2400, 600 <= height <= 2400) == (True, True)
        assert 20_000 < path.stat().st_size < 400_000  # a page of words, light enough for a phone
        assert len({bytes(row) for row in rows}) > height // 4  # and not a blank one


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an unpacked archive: nothing says what is tracked")
def test_every_file_that_the_readme_names_is_tracked() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    asked = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")

    named = [name for name in re.findall(r"\]\(([^)#]+)[^)]*\)", readme) if "://" not in name]

    assert len(named) > 8
    assert [name for name in named if not any(path == name or path.startswith(name) for path in listed)] == []
