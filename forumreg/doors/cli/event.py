"""Event files in and out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forumreg.adapters.event_file.reading import read
from forumreg.adapters.event_file.writing import write
from forumreg.adapters.installation import installation
from forumreg.base.errors import Invalid
from forumreg.doors.cli.program import Refusal, lines_of
from forumreg.rules.access import Shell
from forumreg.rules.event import draft_of, facts, put
from forumreg.rules.registration import sweep


@click.group()
def event() -> None:
    """Bring events in from files and out again."""


@event.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
def import_(file: Path) -> None:
    """Store the event that FILE describes (docs/event-file.md); the same file twice changes nothing.

    All of the file is taken or nothing of it. FILE may be - for standard input.
    """
    site = installation()
    try:
        draft = read(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
        with site.session() as session:
            done = put(session, Shell(), draft, now=site.now())
            if done.changed and not done.created:
                sweep(session, Shell(), facts(session, done.slug).id, now=site.now())  # places that were added
    except Invalid as error:
        raise Refusal(*(f"{file}: {line}" for line in lines_of(error))) from error
    outcome = "created" if done.created else "changed" if done.changed else "unchanged: it is stored already"
    click.echo(f"{done.slug} {outcome}")


@event.command()
@click.argument("slug")
@click.option("-o", "--output", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-",
              help="Write to this file instead of standard output.")  # fmt: skip
def export(slug: str, output: Path) -> None:
    """Write the event SLUG as an event file, without loss."""
    site = installation()
    with site.session() as session:
        blob = write(draft_of(session, Shell(), slug)).encode()
    if str(output) == "-":
        sys.stdout.buffer.write(blob)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(blob)
