"""Registrations: submit, change, cancel, decide, waitlist."""

from forumreg.rules.booking import waiting_for
from forumreg.rules.registration.changing import Outcome, change, choose_sessions, share
from forumreg.rules.registration.checks import asked
from forumreg.rules.registration.deciding import Decision, cancel, confirm, decline, promote, waitlist
from forumreg.rules.registration.itinerary import Item, itinerary
from forumreg.rules.registration.languages import known_languages, languages_of, not_followed, not_understood
from forumreg.rules.registration.letters import registration_letter
from forumreg.rules.registration.links import open_calendar, open_link, replace_link, send_links, token_of
from forumreg.rules.registration.reading import ConsentFacts, RegistrationFacts, read
from forumreg.rules.registration.submission import DIETS, INTERPRETATION, LONGEST, Choice, Receipt, Submission
from forumreg.rules.registration.submitting import submit
from forumreg.rules.registration.waiting import events_with_waiting, sweep

__all__ = [
    "DIETS",
    "INTERPRETATION",
    "LONGEST",
    "Choice",
    "ConsentFacts",
    "Decision",
    "Item",
    "Outcome",
    "Receipt",
    "RegistrationFacts",
    "Submission",
    "asked",
    "cancel",
    "change",
    "choose_sessions",
    "confirm",
    "decline",
    "events_with_waiting",
    "itinerary",
    "known_languages",
    "languages_of",
    "not_followed",
    "not_understood",
    "open_calendar",
    "open_link",
    "promote",
    "read",
    "registration_letter",
    "replace_link",
    "send_links",
    "share",
    "submit",
    "sweep",
    "token_of",
    "waiting_for",
    "waitlist",
]
