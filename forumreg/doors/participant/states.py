"""The state of registration in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from forumreg.rules.event import EventFacts, Window, WindowState, is_before_end
from forumreg.web import language, number, sends_mail
from forumreg.web.when import RUN_OF_DAYS, day, day_and_clock, zone_name


@dataclass(frozen=True, slots=True)
class WindowWords:
    """What a page says about registration, its tone, and whether there is a form to open."""

    window: Window
    tone: str
    word: str
    sentence: str
    left: str
    takes_forms: bool


def window_words(event: EventFacts, state: WindowState) -> WindowWords:
    """The state of registration as a sentence that says what to do."""
    when = day_and_clock(state.at, event.zone) if state.at else ""
    zone = zone_name(event.city, event.zone, state.at) if state.at else ""
    closed = (
        _("Registration closed on %(when)s (%(zone)s).", when=when, zone=zone) if when else _("Registration is closed.")
    )
    words = {
        Window.OPEN: (
            "ok",
            _("Open"),
            _("No account needed. Open until the end of %(day)s.", day=day(event.ends_on, form=RUN_OF_DAYS))
            if state.at == event.over_at
            else _("No account needed. Open until %(when)s (%(zone)s).", when=when, zone=zone),
        ),
        Window.WAITLIST: (
            "warn",
            _("Waiting list"),
            _("All places are taken. Register to join the waiting list: a freed place goes to the next in line."),
        ),
        Window.FULL: ("bad", _("Full"), and_whom_to_ask(event, _("All places are taken."))),
        Window.NOT_YET: (
            "info",
            _("Not open yet"),
            _("Registration opens on %(when)s (%(zone)s).", when=when, zone=zone),
        ),
        Window.CLOSED: ("bad", _("Closed"), and_whom_to_ask(event, closed)),
        Window.OVER: ("", _("Over"), and_whom_to_ask(event, _("This event is over."))),
        Window.CANCELLED: (
            "bad",
            pgettext("event", "Cancelled"),
            and_whom_to_ask(event, _("This event is cancelled.")),
        ),
    }
    tone, word, sentence = words[state.window]
    return WindowWords(state.window, tone, word, sentence, places_left(state), state.takes_forms)


def and_whom_to_ask(event: EventFacts, sentence: str) -> str:
    """The sentence, and where questions go if the event has an address for them."""
    if not event.contact_email:
        return sentence
    return " ".join((sentence, _("Write to %(contact)s with any question.", contact=event.contact_email)))


def no_programme_words(event: EventFacts, moment: datetime) -> str:
    """Why no session is shown."""
    if is_before_end(event, moment):
        return _("The programme is not published yet. It will be here.")
    return _("No programme was published for this event.")


def no_mail_words(event: EventFacts) -> str:
    """That no mail leaves this site, and whom to ask instead; empty where mails leave."""
    return "" if sends_mail() else and_whom_to_ask(event, _("No email leaves this site: it has no mail server."))


def done_words(done: str, written: str) -> str:
    """That something was done; and, where mails leave, that it was written about (``written``)."""
    return f"{done} {written}" if sends_mail() else done


def places_left(state: WindowState) -> str:
    """How many places are left while registration is open and they are counted."""
    if state.window is not Window.OPEN or state.left is None:
        return ""
    return _places_left(language(), state.left)


@lru_cache(maxsize=4096)
def _places_left(reader: str, left: int) -> str:
    return ngettext("%(count)s place left.", "%(count)s places left.", left, count=number(reader, left))
