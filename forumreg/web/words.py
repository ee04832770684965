"""Words that pages of several doors share."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _


def diet_words() -> dict[str, str]:
    """The food that may be asked for, in words."""
    return {
        "vegetarian": _("Vegetarian"),
        "vegan": _("Vegan"),
        "halal": _("Halal"),
        "kosher": _("Kosher"),
        "gluten-free": _("No gluten"),
        "lactose-free": _("No lactose"),
    }


def kind_words() -> dict[str, str]:
    """The kinds of sessions in words."""
    return {
        "plenary": _("Plenary"),
        "panel": _("Panel"),
        "workshop": _("Workshop"),
        "side-event": _("Side event"),
        "world-cafe": _("World Café"),
        "site-visit": _("Site visit"),
        "meeting": _("Meeting"),
        "break": _("Break"),
    }


def sheet_words(roster: str) -> Mapping[str, str]:
    """The words of a workbook's second sheet, by what they name; ``roster`` is the first sheet's."""
    return {
        "roster": roster,
        "about": _("About"),
        "event": _("Event"),
        "scope": _("People and columns"),
        "chosen_by": _("Chosen by"),
        "who": _("Taken by"),
        "at": _("Taken at"),
        "zone": _("Time zone"),
        "count": _("People in this file"),
    }


def sign_in_words(who: str, when: str) -> tuple[tuple[str, ...], str]:
    """The heads of a sign-in sheet's columns, and what stands at its foot."""
    heads = (_("No."), _("Name"), _("Organization"), _("Signature"))
    return heads, _("Taken by %(who)s on %(day)s. Destroy it after the event.", who=who, day=when)
