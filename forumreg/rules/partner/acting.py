"""For which organisations of which events a person acts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound
from forumreg.rules.access import Action, Actor, Staff, require
from forumreg.rules.account import find
from forumreg.rules.event.facts import EventFacts, OrganisationFacts
from forumreg.rules.event.reading import facts_by_id


@dataclass(frozen=True, slots=True)
class Partnership:
    """An event, and the organisations that a person acts for at it, in the event's order."""

    event: EventFacts
    organisations: tuple[OrganisationFacts, ...]


def mine(session: Session, actor: Actor) -> tuple[Partnership, ...]:
    """Every event at which the actor acts for an organisation, the latest first.

    Raises:
        Forbidden: the actor is not signed in.
    """
    require(actor, Action.VISIT_STAFF)
    if not isinstance(actor, Staff):
        return ()
    event_ids = {grant.event_id for grant in actor.grants if grant.organisation_id is not None}
    events = [facts_by_id(session, event_id) for event_id in event_ids]
    found = [Partnership(event, _organisations(actor, event)) for event in events]
    in_order = sorted(found, key=lambda entry: (entry.event.starts_on, entry.event.id), reverse=True)
    return tuple(entry for entry in in_order if entry.organisations)


def acting_for(actor: Actor, event: EventFacts, wanted: int | None = None) -> OrganisationFacts:
    """The organisation that the actor looks for: the wanted one, else the first of the actor's.

    Raises:
        Forbidden: the actor acts for no organisation of the event.
        NotFound: the actor does not act for the wanted one, or registrants are not asked to share with it.
    """
    require(actor, Action.READ_PARTNER_ROSTER, event.id)
    organisations = _organisations(actor, event)
    for organisation in organisations:
        if wanted in {None, organisation.id}:
            return organisation
    raise NotFound("organisation")


def name_of(session: Session, actor: Actor) -> str:
    """What a page or a file calls the staff member who looks at it; empty for everybody else."""
    account = find(session, account_id=actor.account_id) if isinstance(actor, Staff) else None
    return (account.name or account.email) if account else ""


def _organisations(actor: Actor, event: EventFacts) -> tuple[OrganisationFacts, ...]:
    own = actor.organisations(event.id) if isinstance(actor, Staff) else ()
    return tuple(organisation for organisation in event.sharing if organisation.id in own)
