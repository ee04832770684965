"""What axe-core and a narrow screen say of a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
ALL = (*WCAG, "best-practice")
# The rules that look at colours; tests/layout/test_styles.py sees that nothing else differs in the dark.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
RUN = """([part, options]) => axe.run(part, options).then(found => found.violations.flatMap(rule =>
  rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.split("\\n")[1].trim()}`)))"""
IS_THERE = "typeof axe === 'object'"
HEIGHT = 800
WIDTHS = (1360, 360)
NARROWEST = 320  # CSS pixels; WCAG 2.2, 1.4.10: nothing scrolls in two directions
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def have_ready(page: Page) -> None:
    """Have axe-core in whatever the window opens from now on: to send it with each page takes five times as long."""
    page.add_init_script(AXE_SCRIPT)


def complaints(page: Page, part: str = "html", rules: tuple[str, ...] = ALL) -> list[str]:
    """What is wrong with the page, or a part of it, as it is shown: wide and narrow, in light and in the dark."""
    if not page.evaluate(IS_THERE):
        page.evaluate(AXE_SCRIPT)
    found = [f"{width}: {each}" for width in WIDTHS for each in _at(page, width, part, rules)]
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    wide = page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    return [*found, f"{NARROWEST}: {wide} pixels too wide"] if wide > 0 else found


def _at(page: Page, width: int, part: str, rules: tuple[str, ...]) -> list[str]:
    """Every rule in light; in the dark nothing differs but colours."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme="light")
    found = _run(page, part, {"runOnly": {"type": "tag", "values": rules}, "resultTypes": ["violations"]})
    page.emulate_media(color_scheme="dark")
    return [*found, *(f"in the dark: {each}" for each in _run(page, part, COLOURS))]


def _run(page: Page, part: str, options: dict[str, Any]) -> list[str]:
    said: list[str] = page.evaluate(RUN, [part, options])
    return said
