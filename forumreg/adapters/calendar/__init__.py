"""Calendar files that every calendar accepts: of an event, of its programme, of one registration."""

from forumreg.adapters.calendar.files import (
    event_calendar,
    programme_calendar,
    registration_calendar,
    registration_feed,
    registration_method,
)

__all__ = ["event_calendar", "programme_calendar", "registration_calendar", "registration_feed", "registration_method"]
