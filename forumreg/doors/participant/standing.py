"""Where a registration stands, in words: what it is, since when, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_number
from flask_babel import gettext as _

from forumreg.doors.participant.opening import ENDED
from forumreg.rules.registration import RegistrationFacts
from forumreg.rules.registration.pools import HOLDING
from forumreg.web import sends_mail
from forumreg.web.when import day


def since(found: RegistrationFacts) -> datetime:
    """Since when the registration stands where it stands; answers that were changed later do not count."""
    if found.status == "cancelled":
        return found.changed_at  # nothing changes after it
    return found.decided_at or found.received_at


@dataclass(frozen=True, slots=True)
class Step:
    """A step from the form to the badge."""

    word: str
    when: str
    is_done: bool
    is_current: bool


def steps(found: RegistrationFacts) -> list[Step]:
    """The way to the badge, while there is one."""
    words = {
        "pending": _("With the organizers"),
        "waitlisted": _("Waiting list"),
        "confirmed": _("Confirmed"),
    }
    if found.status not in words:
        return []
    is_confirmed, zone = found.status == "confirmed", found.event.zone
    opening = _("from %(day)s", day=day(found.event.starts_on, form="MMMd"))
    return [
        Step(_("Received"), day(found.received_at, zone, form="MMMd"), is_done=True, is_current=False),
        Step(
            words[found.status.value],
            day(since(found), zone, form="MMMd") if is_confirmed else "",
            is_done=is_confirmed,
            is_current=True,
        ),
        Step(_("Badge at the entrance"), opening, is_done=False, is_current=False),
    ]


def status_words(found: RegistrationFacts) -> tuple[str, str]:
    """The status as a heading and as a sentence that says what comes next."""
    name = found.given_name or found.name
    words = {
        "pending": (
            _("We have your registration, %(name)s", name=name),
            " ".join(
                (_("The organizers look at it. Your seats are kept for you until they have decided."), _news_words())
            ),
        ),
        "confirmed": (
            _("You are registered, %(name)s", name=name),
            _("Show the code at the entrance, on your phone or on paper."),
        ),
        "waitlisted": (
            _("You are on the waiting list, %(name)s", name=name),
            f"{_waiting_words(found)} {_news_words()}",
        ),
        "declined": (
            _("We cannot give you a place, %(name)s", name=name),
            _("The organizers declined this registration."),
        ),
        "cancelled": (
            _("This registration is cancelled, %(name)s", name=name),
            _("Its seats went to the next in line. You may register again while registration is open."),
        ),
    }
    return words[found.status.value]


def _waiting_words(found: RegistrationFacts) -> str:
    if found.is_held:
        return _("The organizers put you on the waiting list. They may still give you a place.")
    if found.needs_decision:
        return _(
            "You are number %(rank)s in line. When a place comes free it is kept for you until the organizers have "
            "decided.",
            rank=format_number(found.rank or 0),
        )
    return _(
        "You are number %(rank)s in line. When a place comes free it is yours.",
        rank=format_number(found.rank or 0),
    )


def _news_words() -> str:
    """How somebody who still waits hears of it."""
    if sends_mail():
        return _("We write to you as soon as there is news.")
    return _("Look at this page again for news.")


def sharing_words(found: RegistrationFacts) -> str:
    """Which organizations see the registrant's details, and which would; a roster holds who has or may get a seat."""
    if found.status in ENDED:
        return _("No organization sees your details.")
    shared = ", ".join(entry.short for entry in found.event.sharing if entry.id in found.sharing)
    unshared = ", ".join(entry.short for entry in found.event.sharing if entry.id not in found.sharing)
    sentences = []
    if shared and found.status in HOLDING:
        sentences.append(_("Shared with %(names)s.", names=shared))
    elif shared:
        sentences.append(_("No organization sees your details yet. Once you have a place: %(names)s.", names=shared))
    if unshared:
        sentences.append(_("Not shared with %(names)s.", names=unshared))
    return " ".join(sentences)
