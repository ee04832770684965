"""Words that several of the organizers' pages use: of statuses, mails and acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import pgettext

from forumreg.rules.event import EventFacts
from forumreg.rules.journal import Entry
from forumreg.web import explain, sends_mail, translated
from forumreg.web.words import field_words

STATUSES = ("pending", "confirmed", "waitlisted", "declined", "cancelled")
MAIL_STATES = ("queued", "refused", "sent")


def status_word(status: str) -> str:
    """A registration's status."""
    words = {
        "pending": _("Pending"),
        "confirmed": _("Confirmed"),
        "waitlisted": _("Waiting list"),
        "declined": _("Declined"),
        "cancelled": _("Cancelled"),
    }
    return words[status]


def why_not(event: EventFacts, reason: str, pool: object = None) -> str:
    """Why a decision was refused; where something is full: what, for the event may have places all the same."""
    if reason != "full" or pool is None:
        return explain(reason)
    if pool == event.pool_id:
        return _(
            "The event is full. A place comes free when somebody is declined or cancelled, or its capacity is raised."
        )
    for category in event.categories:
        if category.pool_id == pool:
            return _(
                "The category “%(title)s” is full, even if the event has places. A place comes free when somebody in "
                "this category is declined or cancelled, or its capacity is raised.",
                title=translated(category.title),
            )
    for field in event.fields:
        for option in field.options:
            if option.pool_id == pool:
                return _(
                    "The answer “%(answer)s” to “%(question)s” has no place left. One comes free when somebody with "
                    "this answer is declined or cancelled, or its capacity is raised.",
                    answer=translated(option.label),
                    question=translated(field.label),
                )
    return explain(reason)


def message_word(message: str) -> str:
    """What a mail is about."""
    words = {
        "received": _("Registration received"),
        "confirmed": _("Registration confirmed"),
        "waitlisted": _("On the waiting list"),
        "promoted": _("A place became free"),
        "declined": _("Registration declined"),
        "changed": _("Registration changed"),
        "cancelled": _("Registration cancelled"),
        "link_again": _("Own link, sent again"),
        "already_registered": _("Registered already"),
        "moved": _("Programme changed"),
        "passed_over": _("A seat came free meanwhile"),
        "announcement": _("Message to a session"),
        "staff": _("Staff account"),
    }
    return words.get(message, message)


def mails_are_kept() -> bool:
    """Whether no mail leaves this server."""
    return not sends_mail()


def mail_state(status: str, error: str = "") -> str:
    """What became of a mail; one that a worker tries for the first time has no error and is still on its way."""
    if status == "queued" and error:
        return _("To be tried again")
    return {
        "queued": _("Queued"),
        "sent": pgettext("mail", "Kept") if mails_are_kept() else _("Sent"),
        "refused": _("Refused"),
    }[status]


def column_word(column: str) -> str:
    """The head of a column of the attendee list, and a filed answer's name in the history."""
    words = {
        **field_words(),
        "category": _("Category"),
        "country_name": _("Country"),
        "registered_at": _("Registered"),
        "status": _("Status"),
        "understands": _("Understands"),
    }
    return words.get(column, column)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a registrant's history."""

    at: datetime
    what: str
    who: str
    more: str


def history_line(entry: Entry, event: EventFacts, reason: str = "") -> Line:
    """An act in words: what happened, by whom, and what it touched, or the reason that was given for it."""
    return Line(entry.at, _act(entry), _who(entry), reason or _more(entry, event))


def _act(entry: Entry) -> str:
    words = {
        "submitted": _("Registered"),
        "confirmed": _("Confirmed"),
        "promoted": _("Given a place from the waiting list"),
        "waitlisted": pgettext("history", "Put on the waiting list"),
        "declined": _("Declined"),
        "cancelled": _("Cancelled"),
        "changed": _("Changed"),
        "possible_double": _("Has the name and address of another registration"),
        "sharing_changed": _("Changed with whom their data is shared"),
        "seat_given": _("Given a seat from a session’s waiting list")
        if entry.after.get("why") == "next in line"
        else _("Given a seat in a session"),
        "seat_taken": _("A seat in a session was taken back"),
        "passed_over": _("A seat in a session went to the next: they were elsewhere at that time"),
        "programme_changed": _("Told of a change of the programme"),
        "link_sent": _("Own link mailed again"),
        "link_replaced": _("Own link replaced"),
        "mail_retried": _("Mail put into the queue again"),
    }
    return words.get(entry.action, entry.action.replace("_", " "))


def _titles(event: EventFacts, keys: Sequence[str]) -> str:
    """The titles of sessions by key; the key of one that is gone."""
    planned = ((key, event.find_planned(key)) for key in keys)
    titles = [translated(entry.title) if entry else key for key, entry in planned]
    if len(titles) == 1:
        return titles[0]
    return ", ".join(_("“%(title)s”", title=title) for title in titles)  # a title may hold commas


def _who(entry: Entry) -> str:
    words = {
        "participant": _("the registrant"),
        "worker": _("by itself"),
        "shell": _("at the command line"),
    }
    return entry.who or words.get(entry.actor, _("a former member of staff"))


def _more(entry: Entry, event: EventFacts) -> str:
    after = entry.after
    if entry.action == "submitted":
        return status_word(after["status"])
    if "session" in after or "sessions" in after:
        return _titles(event, [after["session"]] if "session" in after else after["sessions"])
    if entry.action == "mail_retried":
        return message_word(after["message"])
    if entry.action == "sharing_changed":
        known = {each.id: each.short for each in event.organisations}
        shared = [known[each] for each in after.get("organisations", ()) if each in known]
        return _("now with %(names)s", names=", ".join(shared)) if shared else _("now with nobody")
    return ", ".join(column_word(field) for field in after.get("fields", ()))
