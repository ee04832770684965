"""`forumreg demo`: a made-up installation on this machine, with a clock of its own."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from forumreg.adapters.server import listen
from forumreg.adapters.smtp import server_of
from forumreg.base.clock import DEMO_CITY, DEMO_ZONE, ShiftedClock
from forumreg.base.settings import SECRET_FILE, Settings, instance_folder, load
from forumreg.commands.service import Plan, run
from forumreg.demo.seeding import FORUM, USUAL, counts, fill
from forumreg.demo.staff import ACCOUNTS
from forumreg.demo.times import going_on
from forumreg.doors.cli.program import Refusal
from forumreg.store import schema
from forumreg.store.engine import make_engine, make_sessions

HOST = "127.0.0.1"  # and no other: the passwords are known to all
FOLDER = "demo"  # inside the instance folder; nothing of a real installation lies in it
DATABASE = "forumreg.sqlite3"
THREADS = 4


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="On 127.0.0.1.")
@click.option("--registrations", type=click.IntRange(0, 100_000), help=f"For the forum. [default: {USUAL}]")
@click.option("--fresh", is_flag=True, help="Begin anew; what was done in the demo before is gone.")
def demo(port: int, registrations: int | None, fresh: bool) -> None:
    """Show the Turin forum of 2015 and smaller events, with people who do not exist.

    Its clock starts on 1 September 2015, 09:00 in Turin, when registration is open. What is done in it is
    kept in instance/demo/ until --fresh. It listens to this machine only, and no mail leaves it.
    """
    with _alone(_folder()) as folder:
        listening = _listen(port)
        settings = _settings(folder, listening.getsockname()[1])
        kept = _prepare(folder, settings, registrations, fresh=fresh)
        if kept and registrations is not None:
            click.echo("The demo goes on with what it has; --fresh makes it anew with that many registrations.")
        clock = _clock(settings)
        plan = Plan(workers=1, threads=THREADS, with_mail=True, log_level=logging.WARNING)
        run(settings, clock, listening, plan, ready=lambda: _greet(settings, clock))
    click.echo("The demo has stopped.")


def _folder() -> Path:
    instance = instance_folder(os.environ)
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = instance / FOLDER
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """Hold the folder; two demos would run on one database with two clocks."""
    with (folder / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal("the demo is running already; stop it first, with Ctrl-C where it was started") from error
        yield folder


def _listen(port: int) -> socket.socket:
    try:
        return listen(HOST, port)
    except OSError as error:
        raise Refusal(f"port {port} is not free; take another: forumreg demo --port {port + 1}") from error


def _settings(folder: Path, port: int) -> Settings:
    """Its own: of the environment it takes the form of logs, and a mail server of this machine."""
    wanted = os.environ.get("FORUMREG_SMTP_URL", "")
    taken = {name: os.environ[name] for name in ("FORUMREG_LOG_FORMAT",) if name in os.environ}
    settings = replace(
        load({**taken, "FORUMREG_INSTANCE": str(folder)}),
        database_url=f"sqlite:///{folder / DATABASE}",
        base_url=f"http://{HOST}:{port}",
        smtp_url=wanted,
        mail_from="demo@example.org",
        trusted_proxies=0,
    )
    if wanted and not _is_this_machine(settings):
        click.echo("FORUMREG_SMTP_URL is not used: no mail of the demo leaves this machine.")
        return replace(settings, smtp_url="")
    return settings


def _is_this_machine(settings: Settings) -> bool:
    server = server_of(settings)
    if server is None:
        return False
    try:
        return ipaddress.ip_address(server.host).is_loopback
    except ValueError:
        return server.host == "localhost"


def _prepare(folder: Path, settings: Settings, registrations: int | None, *, fresh: bool) -> bool:
    """Have a database in place; whether it is the one of last time."""
    path = folder / DATABASE
    if path.exists() and not fresh:
        engine = make_engine(settings.database_url)
        with engine.connect() as connection:
            schema.upgrade(connection)
            connection.commit()
        engine.dispose()
        return True
    _empty(folder)
    unfinished = folder / f"{DATABASE}.new"
    _fill(unfinished, USUAL if registrations is None else registrations)
    unfinished.replace(path)
    return False


def _empty(folder: Path) -> None:
    """Remove what the demo left; its lock and its secret stay."""
    for entry in folder.iterdir():
        if entry.name in {"lock", SECRET_FILE}:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _fill(path: Path, registrations: int) -> None:
    count = sum(counts(registrations).values())
    click.echo(f"Making {count} registrations …", err=True)
    with click.progressbar(length=count, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        fill(f"sqlite:///{path}", registrations, progress=bar.update, moment=datetime.now(UTC))


def _clock(settings: Settings) -> ShiftedClock:
    engine = make_engine(settings.database_url)
    with make_sessions(engine)() as session:
        start = going_on(session)
    engine.dispose()
    return ShiftedClock.starting_at(start)


def _greet(settings: Settings, clock: ShiftedClock) -> None:
    sign_ins = [(account.what, f"{account.email}  {account.password}") for account in ACCOUNTS]
    is_kept = not settings.smtp_url
    for name, value in (
        ("address", f"{settings.base_url}/"),
        ("register", f"{settings.base_url}/events/{FORUM}/register"),
        ("staff pages", f"{settings.base_url}/organize/ and {settings.base_url}/partners/"),
        *sign_ins,
        ("clock", f"{clock.now().astimezone(DEMO_ZONE):%-d %B %Y, %H:%M} in {DEMO_CITY}, and running"),
        ("mail", "kept here, organizers read it" if is_kept else "goes to the mail server of this machine"),
        ("stop", "Ctrl-C"),
    ):
        click.echo(f"  {name:<28}{value}")
