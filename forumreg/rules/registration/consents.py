"""Consents: given for what was named, renewed where the terms widened, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from forumreg.rules.event import EventFacts
from forumreg.rules.partner import terms_of
from forumreg.store.bundles import Rows
from forumreg.tables.registration import Consent, Registration

# What a form said that each organisation would see beyond the default columns: (organisation, column or question).
Named = AbstractSet[tuple[int, str]]


def give(
    session: Session,
    event: EventFacts,
    registration_id: int,
    organisation_ids: Iterable[int],
    now: datetime,
    named: Named | None,
) -> None:
    """Write a consent to share with each of these, for what the form named; ``None``: for the present terms."""
    consents = rows_for(event, registration_id, organisation_ids, now, named)
    if consents.rows:
        session.execute(_GIVE, consents.rows)


_CONSENTS = cast("Table", Consent.__table__)
_GIVE = insert(_CONSENTS).inline()


def rows_for(
    event: EventFacts, registration_id: object, organisation_ids: Iterable[int], now: datetime, named: Named | None
) -> Rows:
    """What ``give`` writes, for a registration that is written with it."""
    return Rows(
        _CONSENTS,
        [
            {
                "registration_id": registration_id,
                "organisation_id": organisation_id,
                "columns": _covered(event, organisation_id, named),
                "given_at": now,
            }
            for organisation_id in sorted(organisation_ids)
        ],
    )


def set_consents(
    session: Session,
    event: EventFacts,
    registration: Registration,
    wanted: AbstractSet[int],
    now: datetime,
    *,
    named: Named | None,
    renew: bool = False,
) -> list[str]:
    """Give and take back consents so that exactly the wanted ones stand; ``["sharing"]`` where any changed.

    With ``renew`` one that stands and covers less than what is named now is taken back and given anew.
    """
    rows = session.scalars(
        select(Consent).where(Consent.registration_id == registration.id, Consent.withdrawn_at.is_(None))
    ).all()
    standing = {row.organisation_id for row in rows}
    stays = {
        row.organisation_id
        for row in rows
        if row.organisation_id in wanted
        and not (renew and set(_covered(event, row.organisation_id, named)) - set(row.columns))
    }
    for row in rows:
        if row.organisation_id not in stays:
            row.withdrawn_at = now
    session.flush()  # one consent stands at a time
    give(session, event, registration.id, wanted - stays, now, named)
    return ["sharing"] if standing != stays or stays != set(wanted) else []


def _covered(event: EventFacts, organisation_id: int, named: Named | None) -> list[str]:
    """What a consent covers: of the present terms, those that the form named."""
    return [each for each in terms_of(event, organisation_id) if named is None or (organisation_id, each) in named]
