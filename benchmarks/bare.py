"""The bare page that ours is compared with: Flask, one short template, one INSERT and commit.

It runs on the same server (our waitress processes), the same engine and the same kind of database with the same
durability, and does nothing else: no language, no token, no header, no log, no compression.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.house import HOST, House, free_port, stop, wait_for
from forumreg.adapters.server import Child, Terms, listen, serve, supervise
from forumreg.store.engine import make_engine, make_sessions
from forumreg.store.writing import writing

THREADS = 8  # as `forumreg serve` has
TEMPLATE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1>
<form method="post"><label>Name <input name="name" value="{{ name }}"></label><button>Send</button></form>
<ul>{% for entry in entries %}<li>{{ entry }}</li>{% endfor %}</ul></body></html>"""
ENTRIES = [f"Session {number}" for number in range(25)]  # as many as the forum's programme has


class Base(DeclarativeBase):
    """A base of its own, so that our tables stay out of it."""


class Row(Base):
    """One line of the only table."""

    __tablename__ = "bare_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def bare_app(database_url: str) -> Flask:
    """The application: ``/`` shows and saves in one request, ``/save`` redirects to ``/`` instead."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"page.html": TEMPLATE})  # compiled once, as any application's
    engine = make_engine(database_url)
    Base.metadata.create_all(engine)
    engine.dispose()
    sessions = make_sessions(engine)

    def page(name: str = "") -> str:
        return render_template("page.html", title="A bare page", name=name, entries=ENTRIES)

    def save() -> str:
        with sessions() as session, writing(session):
            row = Row(name=request.form["name"])
            session.add(row)
            return row.name

    @app.get("/")
    @app.get("/healthz")
    def show() -> ResponseReturnValue:
        return page()

    @app.post("/")
    def save_and_show() -> ResponseReturnValue:
        return page(save())

    @app.post("/save")
    def save_and_redirect() -> ResponseReturnValue:
        save()
        return redirect("/", 303)

    return app


@contextmanager
def serving_bare(beside: House, *, workers: int = 2) -> Iterator[int]:
    """Serve the bare application on the house's kind of database; the value is its port."""
    port = free_port()
    # On SQLite a file of its own, so that neither waits for the other's lock.
    url = f"sqlite:///{beside.folder / 'bare.sqlite3'}" if beside.is_sqlite else beside.database_url
    command = [sys.executable, "-m", "benchmarks.bare", url, str(port), str(workers)]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        wait_for(port)
        yield port
    finally:
        stop([process])


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url")
    parser.add_argument("port", type=int)
    parser.add_argument("workers", type=int)
    arguments = parser.parse_args()
    listening = listen(HOST, arguments.port)
    app = bare_app(arguments.database_url)
    supervise(
        [Child(f"bare-{number}", lambda: serve(app, listening, Terms(THREADS))) for number in range(arguments.workers)]
    )


if __name__ == "__main__":
    main()
