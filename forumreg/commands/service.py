"""Web processes and the mail worker, forked from one parent that has loaded the application."""

from __future__ import annotations

import gc
import logging
import resource
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from forumreg.adapters import bell
from forumreg.adapters.server import Child, Terms, serve, supervise
from forumreg.app import create_app
from forumreg.base.clock import Clock
from forumreg.base.settings import Settings
from forumreg.doors import worker
from forumreg.web import logs
from forumreg.web.bare import bare_app
from forumreg.web.headers import on_every_answer

WANTED_FILES = 8192  # a connection is an open file; Linux gives 1024 unless asked
THREADS_SETTLE_S = 1.0
MAIL_THREADS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    workers: int
    threads: int
    with_mail: bool
    log_level: int = logging.INFO


def run(settings: Settings, clock: Clock, listening: socket.socket, plan: Plan, *, ready: Callable[[], None]) -> None:
    """Serve on the socket until SIGTERM or SIGINT; ``ready`` is called once all processes are forked.

    The application is loaded here, before the fork, so that its processes share what they only read.
    """
    logs.configure(settings.log_format, plan.log_level)
    _raise_open_files()
    app = create_app(settings, clock=clock)
    terms = Terms(
        plan.threads,
        bool(settings.trusted_proxies),
        "https" if settings.is_https else "http",
        on_every_answer(is_https=settings.is_https),
    )
    children = [Child(f"web-{number}", lambda: serve(app, listening, terms)) for number in range(1, plan.workers + 1)]
    if plan.with_mail:
        children.append(Child("worker", lambda: _deliver(settings, clock)))
    bell.load(settings)  # before the fork, so that all processes share it
    _let_threads_end()
    _share()
    supervise(children, ready=ready)


def _deliver(settings: Settings, clock: Clock) -> None:
    app = bare_app(settings, clock=clock)
    worker.run(app, settings, concurrency=MAIL_THREADS, stop=worker.stop_on_signals())


def _share() -> None:
    """Leave what is loaded to the forked processes: a collector that visits it copies every page it is on."""
    gc.collect()
    gc.freeze()


def _raise_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else WANTED_FILES
    if soft < min(WANTED_FILES, most):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(WANTED_FILES, most), hard))


def _let_threads_end() -> None:
    """Wait for the short threads that libraries start when loaded: a fork would not take them over."""
    deadline = time.monotonic() + THREADS_SETTLE_S
    while threading.active_count() > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
