"""Who takes part, as a file."""

from __future__ import annotations

import getpass
import tempfile
from functools import partial
from pathlib import Path

import click

from forumreg.adapters.installation import installation
from forumreg.adapters.sheets import FORMATS, Sheet
from forumreg.base.errors import Refused
from forumreg.base.texts import read
from forumreg.doors.cli.files import hand_out
from forumreg.rules.access import Shell
from forumreg.rules.event import EventFacts, OrganisationFacts, facts
from forumreg.rules.roster import Question, organizer_scope, partner_scope, take


@click.command()
@click.argument("slug")
@click.option("--partner", metavar="NAME", help="Only what this organisation may see: its name or short name.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), required=True, help="Of the file.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    required=True,
    help="Where to write; - for standard output.",
)
def roster(slug: str, partner: str | None, form: str, output: Path) -> None:
    """Write who is registered for the event SLUG, every column of everybody, or what a partner may see.

    The journal keeps that it was taken. The file is there whole or not at all.
    """
    site = installation()
    with site.session() as session, tempfile.TemporaryFile() as file:
        event = facts(session, slug)
        organisation = _organisation(event, partner) if partner else None
        scope = partner_scope(event, organisation.id) if organisation else organizer_scope(event)
        told = f"{organisation.name}: people who agreed to share" if organisation else "everybody, every column"
        sheet = Sheet(
            columns=scope.keys,
            slug=event.slug,
            event=read(event.title, event.language),
            language=event.language,
            zone=event.zone,
            scope=told,
            who=f"{getpass.getuser()} (forumreg roster)",
            at=site.now(),
        )
        taking = take(
            session, Shell(), scope, Question(), form, partial(FORMATS[form].write, file, sheet), now=site.now()
        )
        hand_out(file, output)
    click.echo(f"{taking.count} people", err=True)


def _organisation(event: EventFacts, name: str) -> OrganisationFacts:
    wanted = name.strip().casefold()
    for entry in event.sharing:
        if wanted in {entry.name.casefold(), entry.short_name.casefold()}:
            return entry
    raise Refused("organisation_not_sharing", organisation=name, known=[entry.name for entry in event.sharing])
