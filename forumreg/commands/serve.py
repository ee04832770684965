"""`forumreg serve`: the production server."""

from __future__ import annotations

import os

import click

from forumreg.adapters.installation import Installation, installation, require_current
from forumreg.adapters.server import listen
from forumreg.commands.address import BIND, Address
from forumreg.commands.service import Plan, run
from forumreg.doors.cli.program import Refusal
from forumreg.store.writing import answering

MOST_USUAL_WORKERS = 4


@click.command()
@click.option("--bind", type=BIND, default="127.0.0.1:8000", show_default=True, help="Where to listen.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Web processes. [default: 1 on SQLite, else one a core, at most 4]",
)
@click.option("--threads", type=click.IntRange(1, 128), default=8, show_default=True, help="Threads a web process.")
@click.option("--no-worker", is_flag=True, help="On SQLite: do not deliver mail; `forumreg worker` does.")
def serve(bind: Address, workers: int | None, threads: int, no_worker: bool) -> None:
    """Serve the pages until SIGTERM or Ctrl-C; on SQLite the mail worker runs beside.

    Does not start on a database that is behind.
    """
    site = installation()
    with answering():
        require_current(site.engine)
    site.engine.dispose()
    try:
        listening = listen(bind.host, bind.port)
    except OSError as error:
        raise Refusal(f"cannot listen on {bind}: {error.strerror or error}") from error
    settings = site.settings
    plan = Plan(workers or usual_workers(site), threads, with_mail=settings.is_sqlite and not no_worker)
    run(settings, site.clock, listening, plan, ready=lambda: _greet(site, bind, plan))


def usual_workers(site: Installation) -> int:
    """One on SQLite, whose writers wait for each other; else one a core, at most four."""
    return 1 if site.settings.is_sqlite else min(os.cpu_count() or 1, MOST_USUAL_WORKERS)


def _greet(site: Installation, bind: Address, plan: Plan) -> None:
    beside = " and the mail worker" if plan.with_mail else ""
    noun = "process" if plan.workers == 1 else "processes"
    click.echo(f"{plan.workers} web {noun}{beside} on http://{bind}, for {site.settings.base_url}")
