"""Words that pages of several doors share."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext


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


def field_words() -> dict[str, str]:
    """What a registrant fills in, in words: the head of its column, its name where it was changed."""
    return {
        "accessibility": _("Access needs"),
        "answers": _("Answers"),
        "badge_name": _("Name on the badge"),
        "country": _("Country"),
        "dietary": _("Food"),
        "email": _("Email"),
        "family_name": _("Family name"),
        "given_name": _("Given name"),
        "honorific": _("Title"),
        "interpretation": _("Listens in"),
        "job_title": _("Job title"),
        "language": _("Language"),
        "organisation": _("Organization"),
        "phone": _("Phone"),
        "sessions": _("Sessions"),
        "sharing": _("Sharing"),
    }


def organisation_roles() -> dict[str, str]:
    """What an organisation may be to an event, in words; who invites first stands first."""
    return {
        "organizer": pgettext("organization", "Organizer"),
        "co-organizer": pgettext("organization", "Co-organizer"),
        "partner": pgettext("organization", "Partner"),
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


def counted_kind(kind: str, number: int) -> str:
    """So many sessions of a kind (``2 workshops``)."""
    words = {
        "plenary": ngettext("%(num)s plenary", "%(num)s plenaries", number),
        "panel": ngettext("%(num)s panel", "%(num)s panels", number),
        "workshop": ngettext("%(num)s workshop", "%(num)s workshops", number),
        "side-event": ngettext("%(num)s side event", "%(num)s side events", number),
        "world-cafe": ngettext("%(num)s World Café", "%(num)s World Cafés", number),
        "site-visit": ngettext("%(num)s site visit", "%(num)s site visits", number),
        "meeting": ngettext("%(num)s meeting", "%(num)s meetings", number),
        "break": ngettext("%(num)s break", "%(num)s breaks", number),
    }
    return words[kind]


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


def sign_in_words(who: str, when: str, *, boxes: int) -> tuple[tuple[str, ...], str]:
    """The heads of a sign-in sheet's columns, and what stands at its foot; ``boxes``: names that cannot be printed."""
    heads = (_("No."), _("Name"), _("Organization"), _("Signature"))
    taken = _("Taken by %(who)s on %(day)s. Destroy it after the event.", who=who, day=when)
    if not boxes:
        return heads, taken
    missing = ngettext(
        "%(num)s name has letters that this printer lacks, which stand here as boxes.",
        "%(num)s names have letters that this printer lacks, which stand here as boxes.",
        boxes,
    )
    return heads, f"{taken} {missing}"
