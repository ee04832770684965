"""The programme in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import click

from forumreg.adapters.calendar import programme_calendar
from forumreg.adapters.installation import Installation, installation
from forumreg.adapters.schedule.items import Schedule, schedule_of
from forumreg.adapters.schedule.writing_csv import programme_csv
from forumreg.adapters.schedule.writing_json import schedule_json
from forumreg.adapters.schedule.writing_xml import schedule_xml
from forumreg.doors.cli.files import hand_out
from forumreg.doors.cli.program import NAME
from forumreg.doors.cli.programme_in import import_
from forumreg.rules.access import Shell
from forumreg.rules.event import EventFacts, draft_of, facts

PUBLIC: Mapping[str, Callable[[EventFacts, Installation], bytes]] = {
    "frab-xml": lambda event, site: schedule_xml(_schedule(event, site)),
    "frab-json": lambda event, site: schedule_json(_schedule(event, site)),
    "ics": lambda event, site: programme_calendar(
        event,
        base_url=site.settings.base_url,
        language=event.language,
        moment=site.now(),
        sender=site.settings.mail_address,
    ),
}
WHOLE = "csv"


@click.group()
def programme() -> None:
    """Bring an event's programme in from files and out again."""


programme.add_command(import_)


@programme.command()
@click.argument("slug")
@click.option("--format", "form", type=click.Choice([*PUBLIC, WHOLE]), required=True, help="Of the file.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-",
              help="Write to this file instead of standard output.")  # fmt: skip
def export(slug: str, form: str, output: Path) -> None:
    """Write the programme of the event SLUG: what is public of it, or as CSV all of it, drafts included.

    Texts are in the event's own language; CSV has a column for each.
    """
    site = installation()
    with site.session() as session:
        blob = _written(session, site, slug, form)
    hand_out(BytesIO(blob), output)


def _written(session: Any, site: Installation, slug: str, form: str) -> bytes:
    if form == WHOLE:
        return programme_csv(draft_of(session, Shell(), slug))
    return PUBLIC[form](facts(session, slug), site)


def _schedule(event: EventFacts, site: Installation) -> Schedule:
    return schedule_of(event, base_url=site.settings.base_url, language=event.language, program=version(NAME))
