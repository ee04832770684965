"""What the Content-Security-Policy would refuse does not stand in a page."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.parts)
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|javascript:""", re.IGNORECASE)
ELSEWHERE = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=["'](?:https?:)?//""")


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Every line of a page that the pattern finds, with its place."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in PAGES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_pages_hold_no_inline_style_and_no_inline_script() -> None:
    assert matches(INLINE) == []


def test_pages_load_nothing_from_elsewhere() -> None:
    assert matches(ELSEWHERE) == []


def test_there_are_pages_to_look_at() -> None:
    assert PAGES != []
