"""Counts: how many, since when, and what needs a person."""

from forumreg.rules.report.attention import Concern, Matter
from forumreg.rules.report.home import EventChoice, OwnEvent, event_choices, own_events
from forumreg.rules.report.languages import Headsets, LanguagePlan, SessionLanguages, language_plan
from forumreg.rules.report.overview import Breakdown, DayCount, Group, Overview, SessionFill, overview

__all__ = [
    "Breakdown",
    "Concern",
    "DayCount",
    "EventChoice",
    "Group",
    "Headsets",
    "LanguagePlan",
    "Matter",
    "Overview",
    "OwnEvent",
    "SessionFill",
    "SessionLanguages",
    "event_choices",
    "language_plan",
    "overview",
    "own_events",
]
