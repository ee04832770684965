"""`forumreg worker`: delivers mail and runs the timed jobs, on as many machines as wanted."""

from __future__ import annotations

import click

from forumreg.adapters.installation import installation, require_current
from forumreg.doors import worker as door
from forumreg.store.writing import answering
from forumreg.web import logs
from forumreg.web.bare import bare_app


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 64), default=2, show_default=True, help="Mails at a time.")
def worker(concurrency: int) -> None:
    """Deliver mail and run the timed jobs until SIGTERM or Ctrl-C; mails in flight are finished first."""
    site = installation()
    with answering():
        require_current(site.engine)
    site.engine.dispose()
    logs.configure(site.settings.log_format)
    app = bare_app(site.settings, clock=site.clock)
    door.run(app, site.settings, concurrency=concurrency, stop=door.stop_on_signals())
