"""Calendar files that every calendar accepts: of an event, of its programme, of one registration."""

from forumreg.adapters.calendar.files import (
    Labels,
    event_calendar,
    programme_calendar,
    registration_calendar,
    registration_feed,
    registration_method,
    session_calendar,
)

__all__ = [
    "Labels",
    "event_calendar",
    "programme_calendar",
    "registration_calendar",
    "registration_feed",
    "registration_method",
    "session_calendar",
]
