"""Events: what they are, when they are open, what they ask."""

from forumreg.rules.event.changes import Change, Standing, changed_at, changes, last_titles
from forumreg.rules.event.facts import (
    CategoryFacts,
    EventFacts,
    FieldFacts,
    OptionFacts,
    OrganisationFacts,
    RoomFacts,
    SessionFacts,
    SpeakerFacts,
    TrackFacts,
)
from forumreg.rules.event.finding import Wanted, days_of, found
from forumreg.rules.event.listing import Listed, listed
from forumreg.rules.event.reading import facts, facts_by_id
from forumreg.rules.event.storing import Put, draft_of, put
from forumreg.rules.event.window import Window, WindowState, is_before_end, is_open, same_until, window_of

__all__ = [
    "CategoryFacts",
    "Change",
    "EventFacts",
    "FieldFacts",
    "Listed",
    "OptionFacts",
    "OrganisationFacts",
    "Put",
    "RoomFacts",
    "SessionFacts",
    "SpeakerFacts",
    "Standing",
    "TrackFacts",
    "Wanted",
    "Window",
    "WindowState",
    "changed_at",
    "changes",
    "days_of",
    "draft_of",
    "facts",
    "facts_by_id",
    "found",
    "is_before_end",
    "is_open",
    "last_titles",
    "listed",
    "put",
    "same_until",
    "window_of",
]
