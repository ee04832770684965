"""The form by keyboard alone, and what its script adds for those who have one."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.builders import a_draft, a_session, every_kind_of_question
from tests.journeys.forms import fill_in, heading
from tests.journeys.house import House
from tests.journeys.windows import Windows

pytestmark = pytest.mark.browser
FORM = "/events/keys/register"
MOST_TABS = 120
QUESTIONS = every_kind_of_question()
# What can be reached by Tab: of a group of radio buttons the first, until one is chosen.
REACHABLE = """() => {
  const seen = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea")]
    .filter(each => each.type !== "hidden" && each.checkVisibility() && each.tabIndex >= 0)
    .filter(each => each.type !== "radio" || each.checked
      || ![...document.getElementsByName(each.name)].some(other => other.checked))
    .filter(each => each.type !== "radio" || !seen.has(each.name) && seen.add(each.name))
    .map(each => each.id || each.innerText.trim());
}"""
FOCUSED = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: each.id || each.innerText.trim(),
    shows: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none",
    seen: Boolean(top) && (each.contains(top) || top.contains(each)),
  };
}"""


@pytest.fixture(scope="module", autouse=True)
def form(house: House) -> None:
    sessions = (a_session("one"), a_session("two"), a_session("late", "2015-10-16T10:00", "2015-10-16T12:00"))
    fields = [replace(field, erase_after_days=30) if field.key == "passport" else field for field in QUESTIONS]
    house.store(a_draft("keys", fields=tuple(fields), sessions=sessions))


def tab(page: Page) -> dict[str, Any]:
    page.keyboard.press("Tab")
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found


def walk(page: Page, *, to: str) -> list[dict[str, Any]]:
    """Everything on the way to the last thing that has this name."""
    walked = [tab(page)]
    while walked[-1]["name"] != to and len(walked) < MOST_TABS:
        walked.append(tab(page))
    return walked


@pytest.mark.parametrize("width", [360, 1360])
def test_the_keyboard_reaches_everything_in_order_and_one_sees_where_it_is(windows: Windows, width: int) -> None:
    page = windows.open(width=width)
    page.goto(FORM)
    expected: list[str] = page.evaluate(REACHABLE)
    walked = walk(page, to=expected[-1])

    assert [name for name, _ in groupby(each["name"] for each in walked)] == expected  # a date is several stops
    assert "Send registration" in expected
    shown = {each["name"] for each in walked if each["shows"] and each["seen"]}
    assert [name for name in expected if name not in shown] == []


def test_the_first_key_leads_past_the_head_of_the_page(windows: Windows) -> None:
    page = windows.open()
    page.goto(FORM)
    assert tab(page)["name"] == "Skip to main content"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_enter_sends_the_form_and_the_summary_leads_to_each_answer(windows: Windows) -> None:
    page = windows.open()
    page.goto(FORM)
    page.focus("#given_name")
    page.keyboard.type("Ana")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".errsum")).to_be_focused()
    assert page.input_value("#given_name") == "Ana"

    links = page.locator(".errsum a")
    for number in range(links.count()):
        links.nth(number).focus()
        page.keyboard.press("Enter")
        wanted = str(links.nth(number).get_attribute("href"))
        expect(page.locator(wanted)).to_be_focused()


def test_the_form_is_sent_by_keys_alone(windows: Windows) -> None:
    page = windows.open()
    page.goto(FORM)
    answers = {"given_name": "Ana", "email": "ana@keys.example.org", "organisation": "City", "country": "Italy"}
    for _ in range(MOST_TABS):
        name = tab(page)["name"]
        if name in answers:
            page.keyboard.type(answers[name])
        elif name in {"category", "q-visa"}:
            page.keyboard.press("Space")
        elif name == "Send registration":
            break
    if page.locator("#q-visa").is_checked():  # yes: then the passport is asked for
        fill_in(page, q__passport="X1234567")
        page.get_by_role("button", name="Send registration").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading(page) == "Your form has arrived"


def test_what_was_typed_is_put_back_but_for_passports_and_needs(windows: Windows) -> None:
    page = windows.open()
    page.goto(FORM)
    fill_in(page, given_name="Ana", category="local", q__visa="yes", q__passport="X1234567", accessibility="A ramp")
    page.goto("/events/keys/")
    page.goto(FORM)
    expect(page.get_by_text("We put back what you wrote here before.")).to_be_visible()
    kept = [page.input_value(f"#{name}") for name in ("given_name", "accessibility")]
    assert (kept, page.is_checked("#category")) == (["Ana", ""], True)
    assert "X1234567" not in str(page.evaluate("Object.entries(sessionStorage)"))

    page.get_by_role("button", name="Start again").click()
    assert (page.input_value("#given_name"), page.is_checked("#category")) == ("", False)


def test_a_clash_is_said_at_once_and_a_question_comes_when_it_is_due(windows: Windows) -> None:
    page = windows.open()
    page.goto(FORM)
    expect(page.locator("#q-passport")).to_be_hidden()
    expect(page.locator("#q-works-in")).to_be_hidden()
    assert "Only for:" not in page.content()
    fill_in(page, category="local")
    expect(page.locator("#q-works-in")).to_be_visible()
    fill_in(page, category="press")
    expect(page.locator("#q-works-in")).to_be_hidden()
    fill_in(page, q__visa="yes")
    expect(page.locator("#q-passport")).to_be_visible()
    page.check("#session-one")
    page.check("#session-late")
    expect(page.locator("#session-late-clash")).to_have_text("Same time as “Session one”")
    page.uncheck("#session-late")
    expect(page.locator("#session-one-clash")).to_be_hidden()


def test_the_form_loads_four_things_at_most(windows: Windows) -> None:
    page = windows.open()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(FORM, wait_until="networkidle")
    parts = page.locator("link[href], script[src], img[src]")
    linked: list[str] = parts.evaluate_all("all => all.map(each => each.href || each.src)")
    assert len({*asked, *linked}) <= 4
