"""Lists of registrants in a scope. There is no second way to read registrants in bulk."""

from forumreg.rules.roster.paging import Page, Row, page
from forumreg.rules.roster.reading import agreed_before, count, not_consenting, rows
from forumreg.rules.roster.scopes import (
    COLUMNS,
    PARTNER_COLUMNS,
    PARTNER_STATUSES,
    Question,
    Scope,
    organizer_scope,
    partner_scope,
)
from forumreg.rules.roster.shaping import Value
from forumreg.rules.roster.taking import Taken, Taking, take, taken

__all__ = [
    "COLUMNS",
    "PARTNER_COLUMNS",
    "PARTNER_STATUSES",
    "Page",
    "Question",
    "Row",
    "Scope",
    "Taken",
    "Taking",
    "Value",
    "agreed_before",
    "count",
    "not_consenting",
    "organizer_scope",
    "page",
    "partner_scope",
    "rows",
    "take",
    "taken",
]
