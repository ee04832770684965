"""What one registration costs in CPU, what the installation holds in memory, what a page weighs on the line."""

from __future__ import annotations

import os
import re
import secrets
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from sqlalchemy import insert, text, update

from benchmarks.crowd import for_a_while, so_often
from benchmarks.figures import Figure
from benchmarks.house import EVENT, HOST, House, free_port, house, serving, store_event
from benchmarks.person import Person, expect
from forumreg.base.references import new_reference
from forumreg.rules.event import facts
from forumreg.rules.registration.recount import recount
from forumreg.store.engine import make_sessions
from forumreg.store.writing import writing
from forumreg.tables.registration import Registration, Status
from forumreg.tables.seats import PoolKind, SeatPool

TICKS = os.sysconf("SC_CLK_TCK")
MANY = 10_000
DELIVERED_WITHIN_S = 120


class _Sink:
    """Takes every mail and counts it."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 (the name that aiosmtpd calls)
        self.taken += 1
        return "250 OK"


@contextmanager
def _mail_server() -> Iterator[tuple[_Sink, int]]:
    sink, port = _Sink(), free_port()
    controller = Controller(sink, hostname=HOST, port=port)
    controller.start()
    try:
        yield sink, port
    finally:
        controller.stop()


def costs(kind: str, *, registrations: int) -> list[Figure]:
    """CPU seconds of web, worker and database for registrations with their mail, at a few and at 10,000 people."""
    with _mail_server() as (sink, smtp_port), house(kind, smtp_port=smtp_port) as at:
        store_event(at)
        with serving(at):
            _register(at, sink, 20)  # templates compiled, connections open
            few, few_page = _register(at, sink, registrations), _event_page(at)
            fill(at, MANY)
            _register(at, sink, 20)
            many, many_page = _register(at, sink, registrations), _event_page(at)
    return [
        Figure(kind, "CPU s for one registration with its mail", few, at_most=0.04, digits=4),
        Figure(kind, "CPU s for one, at 10,000 registrations", many, at_most=0.04, digits=4),
        Figure(kind, "one at 10,000 : one at the start", many / few, at_most=1.2, digits=2),
        Figure(kind, "CPU of an event page at 10,000 : at the start", many_page / few_page, at_most=1.2, digits=2),
    ]


def _register(at: House, sink: _Sink, count: int) -> float:
    """CPU seconds of each of so many registrations by 4 clients, until the last mail is delivered."""
    before, taken = cpu_s(at), sink.taken

    def register() -> None:
        with Person(at.port) as person:
            person.register()

    found = so_often(4, count, register)
    if found.failures:
        raise RuntimeError(f"{len(found.failures)} failed, the first: {found.failures[0]}")
    deadline = time.monotonic() + DELIVERED_WITHIN_S
    while sink.taken < taken + count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{taken + count - sink.taken} mails were not delivered")
        time.sleep(0.05)
    time.sleep(0.5)  # the last ones are settled
    return (cpu_s(at) - before) / count


def _event_page(at: House, rounds: int = 5, count: int = 200) -> float:
    """CPU seconds of an event page, the median of some rounds."""

    def look() -> None:
        with Person(at.port) as person:
            expect(200, person.get(f"/events/{EVENT}/"))

    found = []
    for _ in range(rounds):
        before = cpu_s(at)
        so_often(4, count, look)
        found.append((cpu_s(at) - before) / count)
    return statistics.median(found)


def cpu_s(at: House) -> float:
    """CPU seconds so far of every process of the house, with the database's on PostgreSQL."""
    pids = [pid for process in at.processes for pid in family(process.pid)]
    return sum(map(_cpu_of, pids)) + (0 if at.is_sqlite else _postgres_cpu_s())


def family(pid: int) -> list[int]:
    """The process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in family(int(child)))]


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    own_and_ended_children = map(int, fields[11:15])  # utime, stime, cutime, cstime; proc(5)
    return sum(own_and_ended_children) / TICKS


def _postgres_cpu_s() -> float:
    """Of all of the server's processes: nobody else may use it while this runs."""
    found = 0.0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if (folder / "comm").read_text(encoding="utf-8").startswith("postgres"):
                    fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                    found += sum(map(int, fields[11:13])) / TICKS
                    is_parent = (
                        Path(f"/proc/{folder.name}/task/{folder.name}/children").read_text(encoding="ascii").strip()
                    )
                    found += sum(map(int, fields[13:15])) / TICKS if is_parent else 0
            except OSError:
                continue  # it ended meanwhile
    return found


def fill(at: House, count: int) -> None:
    """Add so many confirmed registrations with their places, as rows.

    Raises:
        RuntimeError: the pools do not agree with a recount.
    """
    engine = at.engine()
    with make_sessions(engine)() as session:
        event = facts(session, EVENT)
        category = event.categories[0]
        moment = datetime.now(UTC)
        with writing(session):
            for first in range(0, count, 1000):
                session.execute(
                    insert(Registration),
                    [
                        _row(event.id, category.id, event.reference_prefix, number, moment)
                        for number in range(first, first + 1000)
                    ],
                )
            session.execute(
                update(SeatPool)
                .where(
                    SeatPool.event_id == event.id,
                    (
                        (SeatPool.kind == PoolKind.EVENT)
                        | ((SeatPool.kind == PoolKind.CATEGORY) & (SeatPool.key == category.key))
                    ),
                )
                .values(taken=SeatPool.taken + count)
            )
        if recount(session, event.id):
            raise RuntimeError("the pools do not agree with a recount")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    engine.dispose()


def _row(event_id: int, category_id: int, prefix: str, number: int, moment: datetime) -> dict[str, object]:
    return {
        "event_id": event_id,
        "category_id": category_id,
        "reference": new_reference(prefix),
        "status": Status.CONFIRMED,
        "given_name": f"Given{number}",
        "family_name": f"Family{number}",
        "email": f"row{number}@example.org",
        "organisation": "City of Pasto",
        "country": "CO",
        "language": "en",
        "person_key": secrets.token_hex(32),
        "address_key": f"row{number}@example.org",
        "sort_key": f"family{number} given{number}",
        "search_key": f"given{number} family{number} city of pasto",
        "organisation_key": "city of pasto",
        "received_at": moment,
        "changed_at": moment,
    }


# Memory and weight ---------------------------------------------------------------------------------------------------


def memory() -> list[Figure]:
    """What web and worker hold in the SQLite default after some pages and five seconds of rest, as PSS and as RSS."""
    with house("sqlite") as at:
        store_event(at)
        with serving(at, workers=None):
            for_a_while(2, 3, lambda: _looked(at.port))
            time.sleep(5)
            pids = [pid for process in at.processes for pid in family(process.pid)]
            pss, rss = (sum(_kib(pid, name) for pid in pids) / 1024 for name in ("Pss", "Rss"))
    return [
        Figure("sqlite", "memory of web and worker together, idle, MB (PSS)", pss, at_most=150),
        Figure("sqlite", "the same with what they share counted in each, MB (RSS)", rss),
    ]


def _looked(port: int) -> None:
    with Person(port) as person:
        person.open_form()
        expect(200, person.get(f"/events/{EVENT}/"))


def _kib(pid: int, name: str) -> int:
    found = re.search(
        rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"), re.MULTILINE
    )
    return int(found[1]) if found else 0


def weight() -> list[Figure]:
    """The register page with everything it loads."""
    with house("sqlite") as at:
        store_event(at)
        with serving(at), Person(at.port) as person:
            page = person.open_form()
            links = re.findall(rb'(?:href|src)="(/static/[^"]+)"', page.body)
            parts = [page, *(expect(200, person.get(link.decode())) for link in dict.fromkeys(links))]
    return [
        Figure(
            "",
            "weight of the register page with all it loads, KB packed",
            sum(len(part.sent) for part in parts) / 1000,
            at_most=40,
            digits=1,
        ),
        Figure("", "requests for it", len(parts), at_most=4),
    ]
