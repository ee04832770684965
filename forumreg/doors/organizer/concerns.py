"""What needs a person, told: a sentence each, how bad it is, and where to see to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import format_number, ngettext
from flask_babel import gettext as _

from forumreg.doors.organizer.frame import Heading
from forumreg.rules.report import Concern, Matter
from forumreg.web.when import clock, day


@dataclass(frozen=True, slots=True)
class Told:
    """A concern as the page shows it."""

    tone: str
    icon: str
    title: str
    text: str
    url: str
    label: str


def told(concern: Concern, heading: Heading) -> Told:
    """The concern in words, with its own link."""
    return _TELLERS[concern.matter](concern, heading)


def _mail_stuck(concern: Concern, heading: Heading) -> Told:
    return Told(
        "bad",
        "stop",
        ngettext("%(count)s mail does not leave", "%(count)s mails do not leave", concern.count, count=_many(concern)),
        _(
            "The oldest waits since %(day)s, %(clock)s. Mails leave within a minute when the worker runs "
            "and the mail server answers.",
            **_since(concern, heading),
        ),
        url_for("organizer.messages.index", slug=heading.slug, status="queued"),
        _("See mails"),
    )


def _mail_refused(concern: Concern, heading: Heading) -> Told:
    return Told(
        "bad",
        "mail",
        ngettext("%(count)s mail was refused", "%(count)s mails were refused", concern.count, count=_many(concern)),
        _("The registrants do not know what you decided. Each mail says why it was refused."),
        url_for("organizer.messages.index", slug=heading.slug, status="refused"),
        _("See reasons"),
    )


def _waiting(concern: Concern, heading: Heading) -> Told:
    return Told(
        "warn",
        "clock",
        ngettext(
            "%(count)s person waits though there is a place",
            "%(count)s people wait though there are places",
            concern.count,
            count=_many(concern),
        ),
        _("There is no limit to the places.")
        if concern.seats is None
        else ngettext(
            "%(count)s place is free for them.",
            "%(count)s places are free for them.",
            concern.seats,
            count=format_number(concern.seats),
        ),
        url_for("organizer.attendees.index", slug=heading.slug, place="free"),
        _("Give places"),
    )


def _pending(concern: Concern, heading: Heading) -> Told:
    return Told(
        "info",
        "people",
        ngettext(
            "%(count)s registration to decide",
            "%(count)s registrations to decide",
            concern.count,
            count=_many(concern),
        ),
        _("The oldest came on %(day)s, %(clock)s.", **_since(concern, heading)),
        url_for("organizer.attendees.index", slug=heading.slug, status="pending"),
        _("Decide"),
    )


def _many(concern: Concern) -> str:
    return str(format_number(concern.count))


def _doubles(concern: Concern, heading: Heading) -> Told:
    return Told(
        "info",
        "people",
        ngettext("%(num)s registration may be a double", "%(num)s registrations may be doubles", concern.count),
        _("A change gave it the name and address of another registration. If both are one person, cancel one.")
        if concern.count == 1
        else _("A change gave each the name and address of another registration. Cancel those that are one too many."),
        url_for("organizer.registration.show", slug=heading.slug, reference=concern.reference),
        _("Look at it") if concern.count == 1 else _("Look at the first"),
    )


def _since(concern: Concern, heading: Heading) -> Mapping[str, str]:
    if concern.since is None or heading.zone is None:
        return {"day": "", "clock": ""}
    return {"day": day(concern.since, heading.zone), "clock": clock(concern.since, heading.zone)}


_TELLERS: Mapping[Matter, Callable[[Concern, Heading], Told]] = {
    Matter.MAIL_STUCK: _mail_stuck,
    Matter.MAIL_REFUSED: _mail_refused,
    Matter.WAITING_FOR_FREE_SEATS: _waiting,
    Matter.PENDING: _pending,
    Matter.POSSIBLE_DOUBLES: _doubles,
}
