"""The calendar files we give away. None holds a registration's own link: people share calendars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from babel import Locale

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
from forumreg.rules.registration.letters import FormerSession, RegistrationLetter
from forumreg.tables.event import EventStatus
from forumreg.tables.registration import Status

REFRESH = timedelta(hours=4)  # what a feed asks calendars for
_STANDING = {
    Status.PENDING: TENTATIVE,
    Status.WAITLISTED: TENTATIVE,
    Status.CONFIRMED: CONFIRMED,
    Status.DECLINED: CANCELLED,
    Status.CANCELLED: CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Labels:
    """The words in a session's description; a door gives them in the reader's language."""

    speakers: str = "Speakers"
    languages: str = "Languages"
    interpretation: str = "Interpretation"


@dataclass(frozen=True, slots=True)
class _Reader:
    """An event as one reader's calendar tells it."""

    event: EventFacts
    base_url: str
    language: str
    sender: str  # the address that mails come from

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

    def heading(self, moment: datetime, method: str = PUBLISH, refresh: timedelta | None = None) -> Heading:
        # RFC 5546, 3.2.1 and 3.2.5: what is published or cancelled names its organizer.
        organizer = self.event.contact_email or self.sender
        return Heading(self.read(self.event.title), self.event.zone, organizer, moment, method, refresh)

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

    def public_session(self, session: SessionFacts, labels: Labels) -> Entry:
        """One session as everybody may read it, with its page's address."""
        entry = self.session(session, self.event.slug, _standing(self.event), session.sequence)
        told = (*self._facts(session, labels), "", self.read(session.abstract))
        url = f"{self.url}sessions/{session.key}"
        return replace(entry, description="\n".join(told).strip(), url=url)

    def former(self, former: FormerSession, uid: str, sequence: int, changed_at: datetime) -> Entry:
        """A seat that is gone, as its session is now, or was when it was taken out of the programme."""
        if former.session is not None:
            return self.session(former.session, uid, CANCELLED, sequence, changed_at)
        return Entry(
            uid=f"{uid}.{former.key}@{self.host}",
            title=self.read(former.title),
            starts=former.starts_at,
            ends=former.ends_at,
            sequence=sequence,
            status=CANCELLED,
            place=self.venue,
            url=self.url,
            changed_at=changed_at,
        )

    def _facts(self, session: SessionFacts, labels: Labels) -> Iterator[str]:
        people = ((one.name, ", ".join(filter(None, (one.title, one.organisation)))) for one in session.speakers)
        for label, values in (
            (labels.speakers, [f"{name} ({about})" if about else name for name, about in people]),
            (labels.languages, [self._language(code) for code in session.languages]),
            (labels.interpretation, [self._language(code) for code in session.interpreted]),
        ):
            if values:
                yield f"{label}: {'; '.join(values)}"

    def _language(self, code: str) -> str:
        return str(Locale.parse(self.language, sep="-").languages.get(code, code))


def event_calendar(event: EventFacts, *, base_url: str, language: str, moment: datetime, sender: str) -> bytes:
    """Answer the event as one entry of whole days."""
    reader = _Reader(event, base_url, language, sender)
    return write(reader.heading(moment), [reader.whole(event.slug, _standing(event), event.version)])


def programme_calendar(
    event: EventFacts,
    *,
    base_url: str,
    language: str,
    moment: datetime,
    sender: str,
    labels: Labels | None = None,
) -> bytes:
    """Answer every public programme session, as a feed; while there is none, the event: no file is empty (RFC 5545)."""
    reader = _Reader(event, base_url, language, sender)
    entries = [reader.public_session(entry, labels or Labels()) for entry in event.sessions]
    whole = reader.whole(event.slug, _standing(event), event.version)
    return write(reader.heading(moment, refresh=REFRESH), entries or [whole])


def session_calendar(
    event: EventFacts,
    session: SessionFacts,
    *,
    base_url: str,
    language: str,
    moment: datetime,
    sender: str,
    labels: Labels | None = None,
) -> bytes:
    """Answer one public programme session, under the UID it has in the whole programme."""
    reader = _Reader(event, base_url, language, sender)
    return write(reader.heading(moment), [reader.public_session(session, labels or Labels())])


def registration_calendar(
    event: EventFacts, registration: RegistrationLetter, *, base_url: str, language: str, moment: datetime, sender: str
) -> bytes:
    """Answer the event and the sessions in which the registrant has a seat, to be sent by mail.

    Sessions that were left are in it as cancelled. After a cancellation or a decline the method is CANCEL and
    everything is. SEQUENCE goes up with the registration and with the session, so a later file replaces an
    earlier one.
    """
    reader = _Reader(event, base_url, language, sender)
    method = registration_method(event, registration)
    return write(reader.heading(moment, method), _entries(reader, registration))


def registration_feed(
    event: EventFacts, registration: RegistrationLetter, *, base_url: str, language: str, moment: datetime, sender: str
) -> bytes:
    """Answer the same for calendars that come for it again and again; it is published whatever became of it."""
    reader = _Reader(event, base_url, language, sender)
    return write(reader.heading(moment, refresh=REFRESH), _entries(reader, registration))


def registration_method(event: EventFacts, registration: RegistrationLetter) -> str:
    """Answer a registration file's METHOD, named by the mail that carries it too (RFC 6047, 2.4)."""
    return PUBLISH if registration.is_active and _standing(event) != CANCELLED else CANCEL


def _entries(reader: _Reader, registration: RegistrationLetter) -> Iterator[Entry]:
    uid = registration.reference.lower()
    standing = CANCELLED if _standing(reader.event) == CANCELLED else _STANDING[registration.status]
    sequence, changed_at = registration.sequence, registration.changed_at
    yield reader.whole(uid, standing, sequence + reader.event.version, changed_at)
    clashing = {entry.session.id for entry in registration.sessions if entry.clash is not None}
    for session in registration.booked:
        status = TENTATIVE if session.id in clashing and standing == CONFIRMED else standing
        yield reader.session(session, uid, status, sequence + session.sequence, changed_at)
    here = {session.key for session in registration.booked}
    for former in _former(registration):
        if former.key not in here:
            # A session that is gone counted no higher than its event, whose version goes up with each of its changes.
            version = former.session.sequence if former.session else reader.event.version
            yield reader.former(former, uid, sequence + version, changed_at)


def _former(registration: RegistrationLetter) -> Iterator[FormerSession]:
    """Every seat that is gone, once: those the mail tells of, and those kept for calendars."""
    known = {former.key for former in registration.former}
    yield from registration.former
    for session in registration.left:
        if session.key not in known:
            yield FormerSession(session.key, session.title, session.starts_at, session.ends_at, session)


def _standing(event: EventFacts) -> str:
    return CANCELLED if event.status is EventStatus.CANCELLED else CONFIRMED
