"""The three calendar files we give away. None holds a registration's own link: people share calendars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from forumreg.adapters.calendar.writing import (
    CANCEL,
    CANCELLED,
    CONFIRMED,
    PUBLISH,
    TENTATIVE,
    Entry,
    Heading,
    write,
)
from forumreg.base.texts import Texts, read
from forumreg.rules.event.facts import EventFacts, SessionFacts
from forumreg.rules.registration.letters import RegistrationLetter
from forumreg.tables.event import EventStatus
from forumreg.tables.registration import Status

_STANDING = {
    Status.PENDING: TENTATIVE,
    Status.WAITLISTED: TENTATIVE,
    Status.CONFIRMED: CONFIRMED,
    Status.DECLINED: CANCELLED,
    Status.CANCELLED: CANCELLED,
}


@dataclass(frozen=True, slots=True)
class _Reader:
    """An event as one reader's calendar tells it."""

    event: EventFacts
    base_url: str
    language: str

    def read(self, texts: Texts) -> str:
        return read(texts, self.language, self.event.language)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def url(self) -> str:
        return f"{self.base_url}/events/{self.event.slug}/"

    @property
    def venue(self) -> str:
        return ", ".join(filter(None, (self.read(self.event.venue), self.event.city)))

    def place(self, session: SessionFacts) -> str:
        return ", ".join(filter(None, (self.read(session.room.name) if session.room else "", self.venue)))

    def heading(self, moment: datetime, method: str = PUBLISH) -> Heading:
        return Heading(self.read(self.event.title), self.event.zone, self.event.contact_email, moment, method)

    def whole(self, uid: str, status: str, sequence: int, changed_at: datetime | None = None) -> Entry:
        """The event as one entry of whole days."""
        event = self.event
        return Entry(
            uid=f"{uid}@{self.host}",
            title=self.read(event.title),
            starts=event.starts_on,
            ends=event.ends_on,
            sequence=sequence,
            status=status,
            place=self.venue,
            description=self.read(event.summary),
            url=self.url,
            changed_at=changed_at,
        )

    def session(
        self, session: SessionFacts, uid: str, status: str, sequence: int, changed_at: datetime | None = None
    ) -> Entry:
        """One session, with times."""
        return Entry(
            uid=f"{uid}.{session.key}@{self.host}",
            title=self.read(session.title),
            starts=session.starts_at,
            ends=session.ends_at,
            sequence=sequence,
            status=status,
            place=self.place(session),
            description=self.read(session.abstract),
            url=self.url,
            category=self.read(session.track.title) if session.track else "",
            changed_at=changed_at,
        )


def event_calendar(event: EventFacts, *, base_url: str, language: str, moment: datetime) -> bytes:
    """Answer the event as one entry of whole days."""
    reader = _Reader(event, base_url, language)
    return write(reader.heading(moment), [reader.whole(event.slug, _standing(event), event.version)])


def programme_calendar(event: EventFacts, *, base_url: str, language: str, moment: datetime) -> bytes:
    """Answer every programme session; while there is none, the event, for no file is empty (RFC 5545, 3.6)."""
    reader = _Reader(event, base_url, language)
    status = _standing(event)
    if not event.sessions:
        return write(reader.heading(moment), [reader.whole(event.slug, status, event.version)])
    entries = [reader.session(entry, event.slug, status, entry.sequence) for entry in event.sessions]
    return write(reader.heading(moment), entries)


def registration_calendar(
    event: EventFacts, registration: RegistrationLetter, *, base_url: str, language: str, moment: datetime
) -> bytes:
    """Answer the event and the sessions in which the registrant has a seat.

    Sessions that were left are in it as cancelled. After a cancellation or a decline the method is CANCEL and
    everything is. SEQUENCE is the registration's, so a later file replaces an earlier one.
    """
    reader = _Reader(event, base_url, language)
    method = registration_method(event, registration)
    return write(reader.heading(moment, method), _entries(reader, registration))


def registration_method(event: EventFacts, registration: RegistrationLetter) -> str:
    """Answer a registration file's METHOD, named by the mail that carries it too (RFC 6047, 2.4)."""
    return PUBLISH if registration.is_active and _standing(event) != CANCELLED else CANCEL


def _entries(reader: _Reader, registration: RegistrationLetter) -> Iterator[Entry]:
    uid = registration.reference.lower()
    standing = CANCELLED if _standing(reader.event) == CANCELLED else _STANDING[registration.status]
    version = (registration.sequence, registration.changed_at)
    yield reader.whole(uid, standing, *version)
    for session in registration.booked:
        yield reader.session(session, uid, standing, *version)
    for session in registration.left:
        if session not in registration.booked:
            yield reader.session(session, uid, CANCELLED, *version)


def _standing(event: EventFacts) -> str:
    return CANCELLED if event.status is EventStatus.CANCELLED else CONFIRMED
