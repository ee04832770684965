"""`forumreg worker`: delivers mail and runs the timed jobs, on as many machines as wanted."""

from __future__ import annotations

import click

from forumreg.adapters.installation import installation, require_current
from forumreg.adapters.smtp import server_of
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
    server = server_of(site.settings)
    where = f"goes to {server.host}" if server else f"is kept in {site.settings.instance / 'mail'}"
    click.echo(f"the mail worker, for {site.settings.base_url}: mail {where}")
    app = bare_app(site.settings, clock=site.clock)
    door.run(app, site.settings, concurrency=concurrency, stop=door.stop_on_signals())
