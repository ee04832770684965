"""What each organisation of the forum wants people's details for, as the form tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from forumreg.base.texts import Texts
from forumreg.rules.access import Staff
from forumreg.rules.event import facts
from forumreg.rules.partner import set_scope

PURPOSES: Mapping[str, Texts] = {
    "Turin": {
        "en": "to welcome you, to plan transport and the visits in the city",
        "fr": "vous accueillir, organiser les transports et les visites dans la ville",
    },
    "ILO": {
        "en": "to invite you to its academy in Turin and to its work on decent jobs",
        "fr": "vous inviter à son académie à Turin et à ses travaux sur l’emploi décent",
    },
    "UCLG": {
        "en": "to tell cities and regions of its learning exchanges between local governments",
        "fr": "faire connaître aux villes et aux régions ses échanges entre gouvernements locaux",
    },
    "UNDP": {
        "en": "to form country groups that go on working together after the forum",
        "fr": "former des groupes par pays qui continuent à travailler ensemble après le forum",
    },
}


def tell_purposes(session: Session, organizer: Staff, slug: str, *, now: datetime) -> None:
    """Give the organisations of the event their purposes; they see what they saw before."""
    for organisation in facts(session, slug).sharing:
        if organisation.short in PURPOSES:
            set_scope(
                session,
                organizer,
                facts(session, slug),
                organisation.id,
                extra_columns=organisation.extra_columns,
                purpose=PURPOSES[organisation.short],
                now=now,
            )
