"""Two hundred clients for the last five seats, and clients that send their headers a byte a second."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.crowd import Findings, percentile, timed
from benchmarks.figures import Figure
from benchmarks.house import EVENT, HOST, House, house, serving, store_event
from benchmarks.person import Person, race
from forumreg.rules.event import facts
from forumreg.rules.registration.recount import recount
from forumreg.store.engine import make_sessions

CLIENTS = 200
SEATS = 5
SLOW_CLIENTS = 150


def races(kind: str, *, rounds: int) -> list[Figure]:
    """Race so many rounds, each for an event of its own whose form all have open before the first one sends."""
    codes: Counter[int] = Counter()
    times: list[float] = []
    right = 0
    with house(kind) as at:
        slugs = [f"race-{number}" for number in range(rounds)]
        for slug in slugs:
            store_event(at, slug, capacity=SEATS)
        with serving(at):
            for slug in slugs:
                answers, took = race(CLIENTS, at.port, slug)
                codes.update(answers)
                times += took
                right += Counter(answers)[303] == SEATS and _is_counted_right(at, slug)
    return [
        Figure(kind, f"rounds of {rounds} in which exactly 5 of 200 got a seat and the recount agrees", right, rounds),
        Figure(
            kind, "answers of 500 and more in all rounds", sum(n for code, n in codes.items() if code >= 500), at_most=0
        ),
        Figure(kind, "p95 of sending the form, seconds", percentile(times, 95), at_most=3, digits=2),
    ]


def _is_counted_right(at: House, slug: str) -> bool:
    engine = at.engine()
    with make_sessions(engine)() as session:
        event = facts(session, slug)
        is_right = recount(session, event.id) == ()
    engine.dispose()
    return is_right


def slow_headers(kind: str, *, seconds: float) -> list[Figure]:
    """Register one after the other while 150 clients send their headers a byte a second."""
    with house(kind) as at:
        store_event(at)
        with serving(at):
            calm = _one_after_the_other(at.port, seconds)
            with _slow_clients(at.port):
                meanwhile = _one_after_the_other(at.port, seconds)
    return [
        Figure(
            kind,
            "registrations that failed while 150 clients sent headers a byte a second",
            len(meanwhile.failures),
            at_most=0,
        ),
        Figure(
            kind,
            "median of a registration meanwhile : without them",
            statistics.median(meanwhile.times) / statistics.median(calm.times),
            at_most=3,
            digits=2,
        ),
    ]


def _one_after_the_other(port: int, seconds: float) -> Findings:
    findings = Findings()
    until = time.monotonic() + seconds

    def register() -> None:
        with Person(port) as person:
            person.register()

    while time.monotonic() < until:
        timed(findings, register)
    return findings


@contextmanager
def _slow_clients(port: int) -> Iterator[None]:
    request = f"GET /events/{EVENT}/ HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: {'y' * 600}\r\n\r\n".encode()
    connections = [socket.create_connection((HOST, port), timeout=30) for _ in range(SLOW_CLIENTS)]
    ended = threading.Event()

    def drip() -> None:
        for byte in request:
            for connection in connections:
                with suppress(OSError):
                    connection.send(bytes([byte]))
            if ended.wait(1):
                return

    thread = threading.Thread(target=drip)
    thread.start()
    time.sleep(2)  # all of them are in the middle of their first line
    try:
        yield
    finally:
        ended.set()
        thread.join()
        for connection in connections:
            connection.close()
