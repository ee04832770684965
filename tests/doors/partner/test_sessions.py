"""The list of a session for the organisation that leads it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from forumreg.rules.event import facts
from forumreg.rules.partner import set_scope
from tests.builders import NOW, a_session, an_event, an_organizer
from tests.doors.partner.conftest import House

LIST = "/partners/led/sessions/opening"


@pytest.fixture
def led(house: House) -> House:
    """An event whose session the ILO leads, and was granted the list of."""
    event = an_event(house.session, "led", sessions=(a_session("opening", lead="ILO"),))
    ilo = house.organisation("ILO")
    set_scope(
        house.session, an_organizer(event), event, ilo, extra_columns=(), purpose={}, sees_led_sessions=True, now=NOW
    )
    return House(house.app, house.session, facts(house.session, "led"))


def test_addresses_of_further_pages_name_nobody(led: House) -> None:
    references = [led.register(f"Name{number:02}", "ILO") for number in range(51)]
    browser = led.somebody_of("ILO")

    first = browser.get(LIST)
    found = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert found is not None
    second = browser.get(unescape(found[1]))

    assert ("Name50" in second.text, "Name49" in second.text) == (True, False)
    assert [each for each in references for page in (first, second) if each in page.text] == []


def test_a_reference_is_no_place_to_begin_at(led: House) -> None:
    references = [led.register(f"Name{number:02}", "ILO") for number in range(3)]
    browser = led.somebody_of("ILO")

    pages = [browser.get(f"{LIST}?{side}={references[1]}").text for side in ("after", "before")]

    assert [[f"Name{number:02}" in page for number in range(3)] for page in pages] == [[True] * 3] * 2
