"""Windows of a browser, each with its own cookies, and what their pages complained of."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.journeys.forms import follow
from tests.journeys.house import PASSWORD

NOT_LOADED = "Failed to load resource"  # the browser's word for any answer of 400 and above
PATIENCE_MS = 20_000


class Windows:
    """Opens windows; ``complaints`` are what the consoles said, and what pages could not load."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []

    def open(self, *, width: int = 1360, language: str = "en", script: bool = True, **more: Any) -> Page:
        """A window of somebody who was not here before."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 800},
            locale=language,
            java_script_enabled=script,
            accept_downloads=True,
            reduced_motion="reduce",  # a colour on its way from light to dark is neither
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.complaints.append(f"{error.page and error.page.url}: {error.error}"))
        context.on("response", self._answered)
        self.contexts.append(context)
        return context.new_page()

    def staff(self, email: str, **more: Any) -> Page:
        """A window of somebody who has just signed in."""
        page = self.open(**more)
        page.goto("/account/login")
        sign_in(page, email)
        return page

    def close(self) -> None:
        """Close all of them."""
        for context in self.contexts:
            context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(NOT_LOADED):
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _answered(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not is_page):
            self.complaints.append(f"{response.url}: {response.status}")


def sign_in(page: Page, email: str) -> None:
    """Fill in the sign-in page, send it, and wait for the answer."""
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    follow(page.locator("main button[type=submit]").first)  # the second one asks for a passkey
