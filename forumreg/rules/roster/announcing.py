"""What an organizer writes to those in a session: the recipients are a scope, like every list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, NotFound, Problem
from forumreg.base.folding import prose, prose_line
from forumreg.base.texts import Texts
from forumreg.rules import journal, mail
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.roster import compiling
from forumreg.rules.roster.scopes import Question, require_scope, session_scope
from forumreg.store.writing import writing
from forumreg.tables.mail import Message
from forumreg.tables.programme import Announcement
from forumreg.tables.registration import Registration

LONGEST_SUBJECT = 200  # signs, as the column keeps
LONGEST_BODY = 10_000
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Announced:
    """Something that was written to a session."""

    id: int
    session_key: str
    session_title: Texts
    subject: str
    body: str
    recipients: int
    written_at: datetime


def announce(
    session: Session, actor: Actor, event: EventFacts, key: str, *, subject: str, body: str, now: datetime
) -> Announced:
    """Write to everybody who has a seat in the session; the mails leave with the outbox.

    Raises:
        Forbidden: the actor does not plan the event.
        NotFound: the event has no public session of this key.
        Invalid: "subject_missing", "body_missing" or "too_long"; "nobody" has a seat ("subject" is the place).
    """
    require(actor, Action.PLAN, event.id)
    scope, entry = session_scope(event, key), event.find_session(key)
    if entry is None:
        raise NotFound("session")
    require_scope(actor, scope, event)
    words, text = prose_line(subject), prose(body)
    wrong = announcement_problems(words, text)
    if wrong:
        raise Invalid(*wrong)
    with writing(session):
        people = session.execute(
            select(Registration.id, Registration.email, Registration.language)
            .where(compiling.chosen(scope, Question(), event))
            .order_by(Registration.id)
        ).all()
        if not people:
            raise Invalid(Problem("subject", "nobody"))
        row = Announcement(
            event_id=event.id,
            session_key=key,
            session_title=dict(entry.title),
            subject=words,
            body=text,
            recipients=len(people),
            written_at=now,
        )
        session.add(row)
        session.flush()
        for registration_id, address, language in people:
            mail.post(session, _item(row.id, event.id, registration_id, address, language))
        journal.write(
            session, actor, "announced", subject=("session", entry.id),
            event_id=event.id, now=now, after={"session": key, "recipients": len(people)},
        )  # fmt: skip
        return _announced(row)


def announcement_problems(subject: str, body: str) -> tuple[Problem, ...]:
    """What keeps this from being sent, by its inputs: "subject_missing", "body_missing", "too_long"."""
    subject, body = prose_line(subject), prose(body)
    found = []
    if not subject:
        found.append(Problem("subject", "subject_missing"))
    if not body:
        found.append(Problem("body", "body_missing"))
    for place, text, longest in (("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY)):
        if len(text) > longest:
            found.append(Problem(place, "too_long", (("longest", longest),)))
    return tuple(found)


def _item(announcement_id: int, event_id: int, registration_id: int, address: str, language: str) -> mail.Item:
    return mail.Item(
        key=f"announcement {announcement_id}, registration {registration_id}",
        message=Message.ANNOUNCEMENT,
        recipient=address,
        language=language,
        event_id=event_id,
        registration_id=registration_id,
        payload={"announcement": announcement_id},
    )


def announced(session: Session, actor: Actor, event: EventFacts, key: str) -> tuple[Announced, ...]:
    """What was written to the session, latest first.

    Raises:
        Forbidden: the actor does not plan the event.
    """
    require(actor, Action.PLAN, event.id)
    rows = session.scalars(
        select(Announcement)
        .where(Announcement.event_id == event.id, Announcement.session_key == key)
        .order_by(Announcement.id.desc())
        .limit(SHOWN)
    )
    return tuple(map(_announced, rows))


def _announced(row: Announcement) -> Announced:
    return Announced(row.id, row.session_key, row.session_title, row.subject, row.body, row.recipients, row.written_at)
