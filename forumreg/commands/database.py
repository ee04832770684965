"""`forumreg db`: Flask-Migrate's own commands on the installation's database."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from flask_migrate import Migrate, cli

from forumreg.base.settings import Settings, load
from forumreg.store import schema
from forumreg.store.writing import answering
from forumreg.web.bare import bare_app
from forumreg.web.site import db


class _OnTheInstallation(click.Group):
    """Runs each command inside an application without doors."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        settings = load()
        ctx.obj = ScriptInfo(create_app=lambda: _app(settings))
        with answering():
            return super().invoke(ctx)


def _app(settings: Settings) -> Flask:
    """An application that Flask-Migrate knows; of it, our migrations take the address of the database."""

    def with_url(config: Any) -> Any:
        config.attributes["url"] = settings.database_url
        return config

    app, migrate = bare_app(settings), Migrate()
    migrate.configure(with_url)
    migrate.init_app(app, db, directory=str(schema.MIGRATIONS), render_as_batch=True)
    return app


database = _OnTheInstallation(
    "db",
    commands=dict(cli.db.commands),
    params=list(cli.db.params),
    callback=cli.db.callback,
    help="Bring the database up to date (Flask-Migrate): `forumreg db upgrade`.",
)
