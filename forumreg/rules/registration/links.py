"""A registrant's own link: what it opens, how long, and how it is mailed again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.addresses import is_address
from forumreg.base.errors import Gone, NotFound
from forumreg.base.folding import clean_line, fold_address
from forumreg.base.references import Keys, Opens, link_token, proves, reference_in
from forumreg.rules import journal
from forumreg.rules.access import Action, Actor, Anonymous, Participant, require
from forumreg.rules.event import EventFacts, facts_by_id
from forumreg.rules.registration import mailing
from forumreg.rules.registration.deciding import found
from forumreg.store.writing import writing
from forumreg.tables.mail import Message
from forumreg.tables.registration import Registration

KEPT_AFTER_EVENT = timedelta(days=30)
MOST_LINKS = 20  # a mailbox that registered more people asks the organizers


def open_link(session: Session, keys: Keys, token: str, *, now: datetime) -> tuple[Participant, str]:
    """Who holds this link, and the registration's reference. Reading it changes nothing.

    Raises:
        NotFound: the token proves nothing, or its link was replaced.
        Gone: "link_ended" with the ``event``, which was over 30 days ago.
    """
    return _open(session, keys, token, (Opens.REGISTRATION,), now)


def open_calendar(session: Session, keys: Keys, token: str, *, now: datetime) -> tuple[Participant, str]:
    """The same for the calendar, which has a key of its own to be handed on; the own link opens it too.

    Raises: as ``open_link``.
    """
    return _open(session, keys, token, (Opens.CALENDAR, Opens.REGISTRATION), now)


def _open(
    session: Session, keys: Keys, token: str, wanted: tuple[Opens, ...], now: datetime
) -> tuple[Participant, str]:
    reference = reference_in(token)
    row = (
        reference
        and session.execute(
            select(Registration.id, Registration.link_version, Registration.event_id).where(
                Registration.reference == reference
            )
        ).first()
    )
    if not row or not reference or not any(proves(keys, token, reference, row.link_version, each) for each in wanted):
        raise NotFound("registration")
    event = facts_by_id(session, row.event_id)
    if now > event.over_at + KEPT_AFTER_EVENT:
        raise Gone("link_ended", event=event)
    return Participant(row.id), reference


def token_of(session: Session, keys: Keys, reference: str) -> str:
    """The token of a registration's present link.

    Raises:
        NotFound: no registration has this reference.
    """
    version = session.scalar(select(Registration.link_version).where(Registration.reference == reference))
    if version is None:
        raise NotFound("registration")
    return link_token(keys, reference, version)


def send_links(session: Session, event: EventFacts, address: str, *, now: datetime) -> None:
    """Mail their own links again to everybody who registered with this address; says nothing to the caller."""
    line = clean_line(address)
    if not is_address(line):
        return
    with writing(session):
        rows = session.scalars(
            select(Registration)
            .where(Registration.event_id == event.id, Registration.address_key == fold_address(line))
            .order_by(Registration.id.desc())
            .limit(MOST_LINKS)
        )
        for registration in rows:
            period = f"{now:%Y-%m-%d %H}:{now.minute // 10}"  # at most one in ten minutes
            if mailing.post_at_most_once(session, registration, Message.LINK_AGAIN, period):
                journal.write(
                    session, Anonymous(), "link_sent", subject=("registration", registration.id),
                    event_id=event.id, now=now,
                )  # fmt: skip


def replace_link(session: Session, actor: Actor, reference: str, *, now: datetime) -> None:
    """End the link that is out and mail a new one.

    Raises:
        NotFound: no registration has this reference.
        Forbidden: the actor does not organize the event.
    """
    with writing(session):
        registration, event = found(session, actor, reference)
        require(actor, Action.DECIDE, event.id)
        registration.link_version += 1
        journal.write(
            session,
            actor,
            "link_replaced",
            subject=("registration", registration.id),
            event_id=event.id,
            now=now,
        )
        link = f"link {registration.link_version}"
        mailing.post_at_most_once(session, registration, Message.LINK_AGAIN, link, {"replaced": True})
