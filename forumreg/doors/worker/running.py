"""The worker: threads that deliver, a bell that wakes them, a sweep for rings that were lost."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from types import FrameType

from flask import Flask

from forumreg.adapters.bell import Bell, Listener
from forumreg.adapters.smtp import Carrier, carrier
from forumreg.base.settings import Settings
from forumreg.doors.worker.delivery import deliver_one, mail_is_due
from forumreg.doors.worker.jobs import run_due

SWEEP_S = 2.0  # how long a mail waits at most when its ring was lost
CHECK_ROUNDS = 5  # sweeps; how often the listening threads are looked after
JOB_ROUNDS = 30  # sweeps, a minute; how often jobs are called while there is no clock
REST_AFTER_S = 10.0  # how long an idle connection to the mail server stays open
_log = logging.getLogger(__name__)


def run(app: Flask, settings: Settings, *, concurrency: int = 2, stop: threading.Event) -> None:
    """Deliver mails and run jobs until ``stop`` is set; mails in flight are finished first.

    Raises:
        SettingsError: FORUMREG_SMTP_URL cannot be used.
    """
    awake = threading.Event()
    threads = [
        threading.Thread(target=_deliver_until, args=(app, own, awake, stop), name=f"mail-{number}")
        for number, own in enumerate([carrier(settings) for _ in range(concurrency)], start=1)
    ]
    for thread in threads:
        thread.start()
    listener = _listen(app, settings, awake)
    try:
        _sweep_until(app, awake, stop, listener)
    finally:
        stop.set()
        awake.set()
        if listener is not None:
            listener.stop()
        for thread in threads:
            thread.join()


def _listen(app: Flask, settings: Settings, awake: threading.Event) -> Listener | None:
    def minute() -> None:
        run_due(app)
        awake.set()

    try:
        return Bell(settings).listen(on_ring=awake.set, on_minute=minute)
    except Exception:  # noqa: BLE001 (without a bell the sweep finds every mail and calls the jobs)
        _log.exception("The bell could not be heard; the worker looks for mail every %s s", SWEEP_S)
        return None


def _sweep_until(app: Flask, awake: threading.Event, stop: threading.Event, listener: Listener | None) -> None:
    """Look for mails whose ring was lost, and after the listening threads."""
    rounds = 0
    awake.set()
    while not stop.wait(SWEEP_S):
        rounds += 1
        if mail_is_due(app):
            awake.set()
        if listener is not None and rounds % CHECK_ROUNDS == 0:
            listener.check()
        if listener is None and rounds % JOB_ROUNDS == 0:
            run_due(app)


def _deliver_until(app: Flask, own: Carrier, awake: threading.Event, stop: threading.Event) -> None:
    """Deliver what is due each time somebody wakes this thread."""
    owner = f"{socket.gethostname()[:30]} {os.getpid()} {secrets.token_hex(4)}"
    while True:
        awake.clear()
        if stop.is_set():
            break
        while not stop.is_set() and _deliver_next(app, own, owner):
            pass
        if not awake.wait(REST_AFTER_S):
            own.rest()
            awake.wait()
    awake.set()  # another thread may have missed it, as this one cleared it
    own.rest()


def _deliver_next(app: Flask, own: Carrier, owner: str) -> bool:
    try:
        return mail_is_due(app) and deliver_one(app, own, owner)
    except Exception:  # noqa: BLE001 (a thread that dies would leave mails lying)
        _log.exception("Delivery was interrupted")
        return False


def stop_on_signals() -> threading.Event:
    """Answer an event that SIGTERM and SIGINT set; a second signal ends the program at once."""
    stop = threading.Event()

    def heard(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
    return stop
