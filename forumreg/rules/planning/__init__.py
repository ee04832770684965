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
    WholeReview,
)
from forumreg.rules.planning.hours import local_instants
from forumreg.rules.planning.inviting import seat, unseat
from forumreg.rules.planning.places import (
    remove_room,
    remove_track,
    save_room,
    save_track,
    sessions_in_room,
    set_limits,
)
from forumreg.rules.planning.proposals import draft_of, proposed_of
from forumreg.rules.planning.replacing import check_programme, compare, replace_programme, review_programme
from forumreg.rules.planning.sessions import (
    check,
    discard,
    duplicate,
    move,
    new_key,
    publish,
    remove,
    review,
    save,
    touched_by_removal,
)

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
    "WholeReview",
    "check",
    "check_programme",
    "clashes",
    "compare",
    "concerns",
    "discard",
    "draft_of",
    "duplicate",
    "local_instants",
    "move",
    "new_key",
    "proposed_of",
    "publish",
    "remove",
    "remove_room",
    "remove_track",
    "replace_programme",
    "review",
    "review_programme",
    "save",
    "save_room",
    "save_track",
    "seat",
    "sessions_in_room",
    "set_limits",
    "shown_plan",
    "touched_by_removal",
    "unseat",
]
