"""The command ``forumreg``: a table of what it can do. Each command is loaded when it is asked for."""

from __future__ import annotations

import os

import click

from forumreg.doors.cli.program import NAME, Later, Program

COMMANDS = {
    "demo": Later("forumreg.commands.demo", "demo", "Show a made-up installation on this machine."),
    "serve": Later("forumreg.commands.serve", "serve", "Serve the pages, and on SQLite deliver the mail."),
    "worker": Later("forumreg.commands.worker", "worker", "Deliver the mail and run the timed jobs."),
    "db": Later("forumreg.commands.database", "database", "Bring the database up to date (Flask-Migrate)."),
    "event": Later("forumreg.doors.cli.event", "event", "Bring events in from files and out again."),
    "programme": Later("forumreg.doors.cli.programme", "programme", "Bring programmes in from files and out again."),
    "user": Later("forumreg.doors.cli.user", "user", "Make staff accounts and give them roles."),
    "roster": Later("forumreg.doors.cli.roster", "roster", "Write who takes part as CSV, XLSX or JSON."),
    "backup": Later("forumreg.commands.backup", "backup", "Write a consistent copy, while serving."),
    "restore": Later("forumreg.commands.backup", "restore", "Bring a copy back."),
    "doctor": Later("forumreg.commands.doctor", "doctor", "Look for what would lose mail or data."),
}


@click.group(NAME, cls=Program, later=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=NAME)
def main() -> None:
    """Event registration for forums and peer-learning workshops.

    Settings come from the environment (FORUMREG_…) or from instance/config.toml.
    """
    os.umask(0o077)  # what it writes holds personal data: for its owner alone


if __name__ == "__main__":
    main(prog_name=NAME)
