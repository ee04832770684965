"""`forumreg doctor`: looks for what would lose mail or data, and says what to do."""

from __future__ import annotations

import click

from forumreg.adapters.installation import installation
from forumreg.commands.examining import Finding, Level, examine

MARKS = {Level.GOOD: "ok  ", Level.NOTE: "note", Level.BAD: "BAD "}


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check database, migrations, seats, mail, secret, address, disk and clock; changes nothing.

    Ends with 1 where something would lose mail or data.
    """
    found: list[Finding] = []
    for finding in examine(installation()):
        found.append(finding)
        click.echo(f"{MARKS[finding.level]}  {finding.what:<11} {finding.sentence}")
    bad = sum(finding.level is Level.BAD for finding in found)
    if bad:
        click.echo(f"forumreg: {bad} of {len(found)} would lose mail or data", err=True)
        ctx.exit(1)
