"""Counts: how many, since when, and what needs a person."""

from forumreg.rules.report.attention import Concern, Matter
from forumreg.rules.report.home import EventChoice, OwnEvent, event_choices, own_events
from forumreg.rules.report.overview import Breakdown, DayCount, Group, Overview, SessionFill, overview

__all__ = [
    "Breakdown",
    "Concern",
    "DayCount",
    "EventChoice",
    "Group",
    "Matter",
    "Overview",
    "OwnEvent",
    "SessionFill",
    "event_choices",
    "overview",
    "own_events",
]
