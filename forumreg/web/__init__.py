"""What all doors with pages share: who acts, the time, language, headers, error answers, limits."""

from forumreg.web.acting import (
    actor,
    as_counted,
    as_looked,
    client_network,
    current_event,
    event_and_pools,
    needs,
    public,
    row_id,
    visible_event,
)
from forumreg.web.languages import explain, language, number, translated
from forumreg.web.site import keys, now, sends_mail, session, settings, site

__all__ = [
    "actor",
    "as_counted",
    "as_looked",
    "client_network",
    "current_event",
    "event_and_pools",
    "explain",
    "keys",
    "language",
    "needs",
    "now",
    "number",
    "public",
    "row_id",
    "sends_mail",
    "session",
    "settings",
    "site",
    "translated",
    "visible_event",
]
