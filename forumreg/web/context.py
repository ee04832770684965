"""What every template may count on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g
from flask_babel import get_translations
from flask_babel import gettext as _
from markupsafe import Markup

from forumreg.base.clock import DEMO_CITY, DEMO_ZONE, RealClock
from forumreg.web import languages, when
from forumreg.web.assets import asset
from forumreg.web.site import sends_mail, site

RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


def init(app: Flask) -> None:
    """Add globals, filters and the context of every page."""
    app.context_processor(_context)
    app.jinja_env.globals.update(
        asset=asset,
        countries=when.country_options,
        country_name=when.country_name,
        language_name=when.language_name,
        language_list=when.language_list,
        language_within=when.language_within,
        sends_mail=sends_mail,
    )
    app.jinja_env.filters.update(
        words=languages.translated,
        spoken=languages.spoken,
        day=when.day,
        clock=when.clock,
        day_and_clock=when.day_and_clock,
        days=when.days,
    )


def _context() -> dict[str, Any]:
    code = languages.language()
    event = g.get("event")
    return {
        "_": _said(get_translations().ugettext),
        "language": code,
        "direction": "rtl" if code in RIGHT_TO_LEFT else "ltr",
        "languages": languages.choices(),
        "accent": event.accent if event else "ochre",
        "demo_clock": _demo_sentence(),
    }


def _said(told: Callable[[str], str]) -> Callable[..., Markup]:
    """What a page calls for its sentences: the catalogue is found once, not with each of a hundred sentences."""

    def said(sentence: str, **values: object) -> Markup:
        words = Markup(told(sentence))  # noqa: S704 (ours and the translators'; values are escaped as they are put in)
        return words % values

    return said


def _demo_sentence() -> str | None:
    if isinstance(site().clock, RealClock):
        return None
    event = g.get("event")
    zone, city = (event.zone, event.city) if event else (DEMO_ZONE, DEMO_CITY)
    shown = when.day_and_clock(site().clock.now(), zone)
    return _(
        "This is a demonstration. Its clock shows %(when)s (%(zone)s), and no mail leaves this machine.",
        when=shown,
        zone=when.zone_name(city, zone, site().clock.now()),
    )
