"""What an organizer granted an organisation beyond the default scope, and the purpose the form tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, NotFound, Problem
from forumreg.base.folding import clean_text
from forumreg.base.texts import Texts
from forumreg.rules import journal
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event.facts import EventFacts, OrganisationFacts
from forumreg.rules.event.reading import touch
from forumreg.store.writing import writing
from forumreg.tables.partner import PartnerScope

# What may be granted. The registration form names each of these, so a registrant knows before agreeing.
GRANTABLE = ("email",)
LONGEST_PURPOSE = 500  # characters; it stands beside one tick on the form


@dataclass(frozen=True, slots=True)
class PartnerScopeFacts:
    """What an organisation may see at an event, and why."""

    organisation: OrganisationFacts
    extra_columns: tuple[str, ...]
    purpose: Texts
    sees_led_sessions: bool = False


def scope_of(event: EventFacts, organisation_id: int) -> PartnerScopeFacts:
    """The scope of an organisation that registrants of the event are asked to share with.

    Raises:
        NotFound: they are not asked for this one.
    """
    for organisation in event.sharing:
        if organisation.id == organisation_id:
            granted = tuple(column for column in GRANTABLE if column in organisation.extra_columns)
            return PartnerScopeFacts(organisation, granted, organisation.purpose, organisation.sees_led_sessions)
    raise NotFound("organisation")


def set_scope(
    session: Session,
    actor: Actor,
    event: EventFacts,
    organisation_id: int,
    *,
    extra_columns: Iterable[str],
    purpose: Mapping[str, str],
    now: datetime,
    sees_led_sessions: bool = False,
) -> PartnerScopeFacts:
    """Grant an organisation these columns beyond the default scope, for this purpose; it holds at once.

    ``sees_led_sessions``: it gets the lists of the sessions that it leads, of people who agreed to share with it.

    Raises:
        Forbidden: the actor does not organize the event.
        NotFound: registrants are not asked to share with this organisation.
        Invalid: "unknown_column", or "too_long" for a purpose.
    """
    require(actor, Action.SET_SCOPES, event.id)
    before = scope_of(event, organisation_id)
    columns, texts = _columns(extra_columns), _purpose(purpose)
    with writing(session):
        row = _row(session, event.id, organisation_id)
        was = sorted(row.extra_columns)
        row.extra_columns, row.purpose, row.sees_led_sessions = list(columns), texts, sees_led_sessions
        journal.write(
            session,
            actor,
            "scope_set",
            subject=("organisation", organisation_id),
            event_id=event.id,
            now=now,
            before={"extra_columns": was},
            after={
                "extra_columns": list(columns),
                "purpose_in": sorted(texts),
                "sees_led_sessions": sees_led_sessions,
            },
        )
        touch(session, event.id)
    return PartnerScopeFacts(before.organisation, columns, texts, sees_led_sessions)


def _columns(wanted: Iterable[str]) -> tuple[str, ...]:
    asked = set(wanted)
    if not asked <= set(GRANTABLE):
        raise Invalid(Problem("extra_columns", "unknown_column"))
    return tuple(column for column in GRANTABLE if column in asked)


def _purpose(purpose: Mapping[str, str]) -> dict[str, str]:
    texts = {language: clean_text(text) for language, text in purpose.items()}
    too_long = [language for language, text in texts.items() if len(text) > LONGEST_PURPOSE]
    if too_long:
        raise Invalid(*(Problem(f"purpose.{language}", "too_long") for language in too_long))
    return {language: text for language, text in texts.items() if text}


def _row(session: Session, event_id: int, organisation_id: int) -> PartnerScope:
    row = session.scalar(
        select(PartnerScope)
        .where(PartnerScope.event_id == event_id, PartnerScope.organisation_id == organisation_id)
        .with_for_update()
    )
    if row is None:
        row = PartnerScope(event_id=event_id, organisation_id=organisation_id, extra_columns=[], purpose={})
        session.add(row)
    return row
