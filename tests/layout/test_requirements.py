"""The pins say what, by hash, and never from where."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {re.split(r" ;| \\\\", line)[0] for line in text.splitlines() if re.match(r"[a-z0-9]", line)}


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_a_pin_or_its_hash(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pin = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|#.*")

    assert [line for line in lines if not pin.fullmatch(line)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_pin_names_an_address_or_a_folder(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert re.findall(r"\S*(?:://|--index|--extra-index|--find-links|file:)\S*", text) == []


def test_the_same_versions_stand_in_every_file() -> None:
    everything = pins("requirements-dev.txt")

    assert pins("requirements.txt") <= everything
    assert pins("requirements-build.txt") <= everything


def test_every_direct_dependency_is_pinned() -> None:
    direct = {re.split(r"[\[<>=~ ]", wish, maxsplit=1)[0] for wish in PYPROJECT["project"]["dependencies"]}

    assert direct <= {re.split(r"[\[=]", pin, maxsplit=1)[0] for pin in pins("requirements.txt")}


def test_no_installed_flask_extension_is_free_to_enter_the_rules() -> None:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    (rules,) = [one for one in contracts if one["name"] == "Rules and all below run with no web"]
    installed = {name for name in packages_distributions() if name == "flask" or name.startswith("flask_")}

    assert installed <= set(rules["forbidden_modules"])
