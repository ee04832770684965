"""Which languages an event is held in, and who would sit in a session without following it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.registration.submission import Submission


def languages_of(event: EventFacts) -> tuple[str, ...]:
    """The languages somebody may say they understand: the event's own, then all others of its sessions, by code."""
    others = {code for entry in event.sessions for code in (*entry.languages, *entry.interpreted)}
    return (*event.languages, *sorted(others - set(event.languages)))


def known_languages(language: str, interpretation: str, understands: Iterable[str]) -> frozenset[str]:
    """Every language that somebody is known to understand; a regional form counts as its language, too."""
    told = {language, interpretation, *understands} - {""}
    return frozenset(told | {code.partition("-")[0] for code in told})


def not_understood(
    event: EventFacts, submission: Submission, *, leaving_out: Collection[str] = ()
) -> tuple[SessionFacts, ...]:
    """The sessions that a form chooses and its sender would not follow; ``leaving_out`` are keys that do not matter.

    It is something to warn of, and never a reason to refuse: people bring their own interpreters.
    """
    known = known_languages(submission.language, submission.interpretation, submission.understands)
    return not_followed(event, (choice.key for choice in submission.sessions), known, leaving_out=leaving_out)


def not_followed(
    event: EventFacts, keys: Iterable[str], known: Collection[str], *, leaving_out: Collection[str] = ()
) -> tuple[SessionFacts, ...]:
    """Those of the sessions (by key) that somebody who knows these languages would not follow."""
    wanted = dict.fromkeys(key for key in keys if key not in leaving_out)
    found = filter(None, map(event.find_session, wanted))
    return tuple(entry for entry in found if not entry.understood_by(known))
