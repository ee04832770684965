"""An event at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_number, format_percent, ngettext
from flask_babel import gettext as _

from forumreg.doors.organizer.chart import chart
from forumreg.doors.organizer.concerns import told
from forumreg.doors.organizer.frame import heading, page
from forumreg.doors.organizer.words import status_word
from forumreg.rules.access import Action
from forumreg.rules.report import Breakdown, Group, Overview, SessionFill, overview
from forumreg.web import actor, current_event, needs, now, session, translated
from forumreg.web.when import country_name, zone_name

bp = Blueprint("overview", __name__)
COUNTED = ("pending", "waitlisted", "confirmed")  # whom breakdowns and days count
FIRST_COUNTRIES = 8
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Number:
    """A key number, its word, and where the people behind it are."""

    number: int
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a breakdown: so many, how wide, where the people behind it are."""

    label: str
    url: str
    width: float
    count: int
    share: str


@bp.get("/<slug:slug>/")
@needs(Action.SEE_EVENT)
def show(slug: str) -> ResponseReturnValue:
    """Show the event's numbers, and first what needs a person."""
    event = current_event(slug)
    found = overview(session(), actor(), event, now=now(), moment=datetime.now(UTC))
    head = heading(event)
    return page(
        "overview/show.html",
        slug,
        tab="overview",
        at=now(),
        zone_name=zone_name(event.city, event.zone, now()),
        days_to_go=(event.starts_on - now().astimezone(event.zone).date()).days,
        found=found,
        numbers=_numbers(slug, found),
        concerns=[told(concern, head) for concern in found.attention],
        fullest=[_fill(slug, fill) for fill in found.fullest],
        chart=chart(found.days, found.capacity),
        by_status=_by_status(slug, found),
        by_category=_bars(slug, found.by_category, "category", lambda group: translated(group.title)),
        by_country=_bars(slug, found.by_country, "country", lambda group: country_name(group.key)),
        first_countries=FIRST_COUNTRIES,
    )


def _numbers(slug: str, found: Overview) -> list[Number]:
    """The key numbers, each with the list behind it."""
    places = (
        _("places taken") if found.capacity is None else _("of %(num)s places taken", num=format_number(found.capacity))
    )
    words = {
        "confirmed": _("confirmed"),
        "pending": _("for you to decide"),
        "waitlisted": _("on the waiting list"),
    }
    return [
        Number(found.taken, places, _people(slug, status=["pending", "confirmed"])),
        *(Number(found.statuses[status], word, _people(slug, status=status)) for status, word in words.items()),
        Number(found.countries, ngettext("country", "countries", found.countries)),
        Number(found.since_yesterday, _("in the last 24 hours"), _last_day(slug, found)),
    ]


def _last_day(slug: str, found: Overview) -> str:
    return _people(slug, status=list(COUNTED), since=found.since.isoformat(), order="received")


def _people(slug: str, **filters: Any) -> str:
    return url_for("organizer.attendees.index", slug=slug, **filters)


def _by_status(slug: str, found: Overview) -> list[Bar]:
    total = sum(found.statuses.values())
    most = max(found.statuses.values())
    return [
        _bar(status_word(status), _people(slug, status=status), count, most, total)
        for status, count in found.statuses.items()
    ]


def _bars(slug: str, groups: Breakdown, filter_name: str, label: Callable[[Group], str]) -> list[Bar]:
    most = groups.groups[0].count if groups.groups else 0
    return [
        _bar(
            label(group),
            _people(slug, status=list(COUNTED), **{filter_name: group.key}),
            group.count,
            most,
            groups.total,
        )
        for group in groups.groups
    ]


def _bar(label: str, url: str, count: int, most: int, total: int) -> Bar:
    return Bar(label, url, round(100 * count / most, 1) if most else 0, count, _share(count, total))


def _share(count: int, total: int) -> str:
    """A share in whole percent; what is above nothing never reads as nothing."""
    if not total:
        return ""
    if 0 < count / total < LEAST_SHARE:
        return f"<{format_percent(LEAST_SHARE)}"
    return str(format_percent(count / total))


def _fill(slug: str, fill: SessionFill) -> Mapping[str, Any]:
    return {
        "title": translated(fill.session.title),
        "url": _people(slug, session=fill.session.key),
        "taken": fill.taken,
        "capacity": fill.capacity,
        "waiting": fill.waiting,
        "waiting_url": _people(slug, waits_for=fill.session.key),
        "percent": round(100 * fill.taken / fill.capacity),
    }
