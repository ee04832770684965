"""Which pools a registration holds a place in."""

from __future__ import annotations

from collections.abc import Mapping

from forumreg.rules.event import EventFacts
from forumreg.rules.event.answers import Answer, holds
from forumreg.tables.registration import Registration, Status

HOLDING = frozenset({Status.PENDING, Status.CONFIRMED})  # these take places; the others hold none


def pools_of(event: EventFacts, registration: Registration) -> frozenset[int]:
    """The pools of the event, its category and its counted answers; sessions' pools are booking's."""
    category = event.category(registration.category_id)
    return frozenset(
        {event.pool_id, *([category.pool_id] if category else []), *option_pools(event, registration.answers)}
    )


def option_pools(event: EventFacts, answers: Mapping[str, Answer]) -> frozenset[int]:
    """The pools of the answers whose places are counted."""
    return frozenset(
        option.pool_id
        for entry in event.fields
        for option in entry.options
        if option.pool_id is not None and holds(answers.get(entry.key), option.value)
    )
