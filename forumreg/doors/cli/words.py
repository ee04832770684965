"""What a refusal is in words, for somebody at a terminal: what is wrong and what to run or write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SENTENCES: Mapping[str, str] = {
    "account_exists": "the address has an account already; leave out --password-stdin, and say what it becomes",
    "address_taken": "there is an account with this address already",
    "changed": "somebody else changed it meanwhile; look again, then repeat",
    "copy_damaged": "the copy in the file is damaged",
    "copy_failed": "the database could not be copied: {words}",
    "damaged": "the database file is damaged, or no database; move it away, then bring a backup back: forumreg restore",
    "database_behind": "the database has schema {current}, the program needs {head}; run: forumreg db upgrade",
    "database_empty": "there is no database yet; run: forumreg db upgrade",
    "database_holds": "the database is not empty; to lose what it holds, add --force",
    "forbidden": "that is not allowed",
    "name_too_long": "the name is longer than {longest} signs",
    "newer_backup": "the file was written by a newer program ({version}); install that first",
    "no_pg_dump": "pg_dump was not found; install PostgreSQL's client tools",
    "no_pg_restore": "pg_restore was not found; install PostgreSQL's client tools",
    "no_second_factor": "the account has neither a second factor nor passkeys",
    "not_a_backup": "the file was not written by forumreg backup",
    "not_an_address": "that is not an e-mail address",
    "organisation_is_for_partners": "--organisation goes with --role partner only",
    "organisation_not_in_event": "{organisation} has no part in the event; its organisations are {known}",
    "organisation_not_sharing": "nobody is asked to share with {organisation}; people are with {known}",
    "other_kind": "the file holds a {kind} database, this installation has {present}",
    "partner_needs_organisation": "a partner acts for an organisation; name it with --organisation",
    "password_is_address": "the password is the address; take another",
    "password_too_common": "the password is one of those tried first; take another",
    "password_too_long": "the password is longer than 1024 signs",
    "password_too_short": "the password is shorter than 12 signs",
    "unavailable": "the database does not answer, or is locked; nothing was changed. See: forumreg doctor",
}
_MISSING: Mapping[str, str] = {
    "account": "no account has this address",
    "event": "no event has this slug",
    "organisation": "the event has no organisation of this name",
    "registration": "no registration has this reference",
}


def sentence(reason: str, facts: Mapping[str, Any]) -> str:
    """The refusal as a sentence without a full stop."""
    known = _SENTENCES.get(reason)
    if known is None:
        return f"refused: {reason.replace('_', ' ')}"
    return known.format(**{name: _said(value) for name, value in facts.items()})


def sentence_of_missing(what: str) -> str:
    """What was not found, as a sentence."""
    return _MISSING.get(what, f"not found: {what}")


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
