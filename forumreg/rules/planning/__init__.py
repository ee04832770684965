"""Planning the programme: every change with what it does to the people in it."""

from forumreg.rules.planning.concerns import clashes, concerns, shown_plan
from forumreg.rules.planning.drafts import (
    Choice,
    Comparison,
    Concern,
    Planned,
    ProgrammeDraft,
    Removed,
    Replaced,
    Review,
    Saved,
    Touched,
)
from forumreg.rules.planning.hours import local_instants
from forumreg.rules.planning.proposals import draft_of, proposed_of

__all__ = [
    "Choice",
    "Comparison",
    "Concern",
    "Planned",
    "ProgrammeDraft",
    "Removed",
    "Replaced",
    "Review",
    "Saved",
    "Touched",
    "clashes",
    "concerns",
    "draft_of",
    "local_instants",
    "proposed_of",
    "shown_plan",
]
