"""The outbox: what is to be said to whom, when. Nothing else in the program sends mail."""

from forumreg.rules.mail.outbox import (
    Item,
    Leased,
    claim,
    is_due,
    oldest_unsent,
    post,
    refuse,
    row_of,
    settle,
    try_later,
)
from forumreg.rules.mail.reading import (
    MailFacts,
    MailPage,
    mail,
    mails_of_event,
    mails_of_registration,
    retry,
)
from forumreg.rules.mail.turns import is_done, note_done

__all__ = [
    "Item",
    "Leased",
    "MailFacts",
    "MailPage",
    "claim",
    "is_done",
    "is_due",
    "mail",
    "mails_of_event",
    "mails_of_registration",
    "note_done",
    "oldest_unsent",
    "post",
    "refuse",
    "retry",
    "row_of",
    "settle",
    "try_later",
]
