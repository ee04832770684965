"""How many registrations and event pages a second, and how that compares with a bare Flask page."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.bare import serving_bare
from benchmarks.crowd import Findings, for_a_while
from benchmarks.figures import Figure
from benchmarks.house import EVENT, house, serving, store_event
from benchmarks.person import Person, expect

CLIENTS = 8
FORM = [("name", "Amélie Ouédraogo")]


@dataclass(frozen=True, slots=True)
class Round:
    """One round: acts a second, of ours and of the bare page, one after the other."""

    registrations: float
    bare_request: float
    bare_sequence: float
    event_page: float
    bare_page: float


def speed(kind: str, *, rounds: int, seconds: float) -> list[Figure]:
    """Measure on one kind of database; ours and the bare page take turns, so that both meet the same noise."""
    with house(kind) as at:
        store_event(at)
        with serving(at, with_mail=False), serving_bare(at) as bare_port:
            acts = _acts(at.port, bare_port)
            for act in acts.values():
                _rate(act, 1.0)
            found = [Round(**{name: _rate(act, seconds) for name, act in acts.items()}) for _ in range(rounds)]
    return _figures(kind, found)


def _acts(port: int, bare_port: int) -> dict[str, Callable[[], object]]:
    """What one client does once, each time as a new person on a new connection."""

    def register() -> None:
        with Person(port) as person:
            person.register()

    def bare_request() -> None:
        with Person(bare_port) as person:
            expect(200, person.post("/", FORM))

    def bare_sequence() -> None:
        with Person(bare_port) as person:
            expect(200, person.get("/"))
            sent = expect(303, person.post("/save", FORM))
            expect(200, person.get(sent.location()))

    def event_page() -> None:
        with Person(port) as person:
            expect(200, person.get(f"/events/{EVENT}/"))

    def bare_page() -> None:
        with Person(bare_port) as person:
            expect(200, person.get("/"))

    return {
        "registrations": register,
        "bare_request": bare_request,
        "bare_sequence": bare_sequence,
        "event_page": event_page,
        "bare_page": bare_page,
    }


def _rate(act: Callable[[], object], seconds: float) -> float:
    found: Findings = for_a_while(CLIENTS, seconds, act)
    if found.failures:
        raise RuntimeError(f"{len(found.failures)} failed, the first: {found.failures[0]}")
    return found.per_second


def _figures(kind: str, found: list[Round]) -> list[Figure]:
    def median(of: Callable[[Round], float]) -> float:
        return statistics.median(map(of, found))

    return [
        Figure(kind, "complete registrations a second, 8 clients", median(lambda it: it.registrations)),
        Figure(kind, "bare sequences a second (GET, POST with INSERT, GET)", median(lambda it: it.bare_sequence)),
        Figure(kind, "bare requests a second (POST: INSERT and template)", median(lambda it: it.bare_request)),
        Figure(
            kind,
            "registration : bare sequence",
            median(lambda it: it.registrations / it.bare_sequence),
            at_least=0.4,
            digits=2,
        ),
        Figure(
            kind,
            "registration (3 requests) : one bare request",
            median(lambda it: it.registrations / it.bare_request),
            digits=2,
        ),
        Figure(kind, "event pages a second, 8 clients", median(lambda it: it.event_page)),
        Figure(kind, "bare pages a second", median(lambda it: it.bare_page)),
        Figure(kind, "event page : bare page", median(lambda it: it.event_page / it.bare_page), at_least=0.5, digits=2),
    ]
