"""In the dark nothing differs but colours, so that rules which look at no colour need not look twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STYLED = [*sorted((ROOT / "static").rglob("*.css")), ROOT / "templates" / "mail" / "_layout.html"]
COLOURED = re.compile(r"--[\w-]+|color-scheme|(?:background|border|outline|text-decoration|accent)?-?color|background")
SHADOWS = re.compile(r"--lift-\d")  # they take no room
SIZE = re.compile(r"\d(?:px|r?em|%|ch|vw|vh)|\bnone\b|\burl\(")


def dark_rules(style: str) -> Iterator[tuple[str, str]]:
    """Each declaration that holds in the dark alone: property and value."""
    for start in re.finditer(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{", style):
        depth, end = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(style[end], 0)
            end += 1
        for block in re.findall(r"\{([^{}]*)\}", re.sub(r"\{\{.*?\}\}", "#000", style[start.end() : end - 1])):
            for declaration in filter(str.strip, block.split(";")):
                name, _, value = declaration.partition(":")
                yield name.strip(), value.strip()


@pytest.mark.parametrize("path", STYLED, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_colours_differ_in_the_dark(path: Path) -> None:
    style = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    rules = [rule for rule in dark_rules(style) if not SHADOWS.fullmatch(rule[0])]
    odd = [rule for rule in rules if not COLOURED.fullmatch(rule[0]) or SIZE.search(rule[1])]

    assert odd == []


def test_there_are_styles_for_the_dark() -> None:
    styles = [path.read_text(encoding="utf-8") for path in STYLED]

    assert sum(1 for style in styles for _ in dark_rules(style)) > 20


def test_a_rule_that_hides_something_in_the_dark_would_be_found() -> None:
    style = "a { } @media screen and (prefers-color-scheme: dark) { .x { color: red; display: none } } b { top: 1px }"

    assert list(dark_rules(style)) == [("color", "red"), ("display", "none")]
