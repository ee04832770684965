"""Forms as a hand fills them in: by name, whatever kind of input it is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

PICKED = {"radio", "checkbox"}
ALL_FIELDS = "f => [...new FormData(f)].map(([name, value]) => `${name}=${value}`)"


def fill_in(page: Page, **answers: str) -> None:
    """Fill in inputs of the page's registration form; ``__`` in a name stands for a hyphen."""
    for name, answer in answers.items():
        _fill(main_form(page), name.replace("__", "-"), answer)


def _fill(form: Locator, name: str, answer: str) -> None:
    inputs = form.locator(f'[name="{name}"]')
    kind = inputs.first.evaluate("each => each.type")
    if kind in PICKED:
        form.locator(f'[name="{name}"][value="{answer}"]').check()
    elif kind == "select-one":
        inputs.select_option(answer)
    else:
        inputs.fill(answer)


def choose_session(page: Page, key: str) -> None:
    """Choose a session of the programme."""
    page.check(f"#session-{key}")


def main_form(page: Page) -> Locator:
    """The form of the page that sends something."""
    return page.locator('main form[method="post"]').first


def typed(page: Page) -> list[str]:
    """All that the form would send, but for the key that says who sends it."""
    fields: list[str] = main_form(page).evaluate(ALL_FIELDS)
    return sorted(field for field in fields if not field.startswith("csrf_token="))


def follow(target: Locator) -> None:
    """Click what leads to another page, and wait until that page is whole."""
    with target.page.expect_navigation():
        target.click()


def send(page: Page) -> None:
    """Press the form's button, and wait for the answer."""
    follow(main_form(page).locator("button[type=submit]").last)


def press(page: Page, words: str) -> None:
    """Press the button with these words, and wait for the answer."""
    follow(page.get_by_role("button", name=words, exact=True))


def bring(page: Page, name: str, content: bytes) -> None:
    """Choose a file to bring a programme in from, and ask what it would change."""
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": content})
    press(page, "See what it would change")


def heading(page: Page) -> str:
    """The page's one heading of the first level."""
    return page.locator("h1").inner_text()
