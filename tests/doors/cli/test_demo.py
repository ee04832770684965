"""The demo: ready soon, kept between two starts, never a real installation's neighbour."""

import random
import re
import signal
import sqlite3
import unicodedata
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from forumreg.demo.names import names_by_country
from forumreg.demo.people import People
from forumreg.demo.seeding import FORUM, SEED, SMALL, USUAL, fill
from forumreg.rules.registration.recount import recount
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables.event import Event
from forumreg.tables.mail import MailStatus, OutboxMessage
from forumreg.tables.registration import Registration, Status
from forumreg.tables.seats import PoolKind, SeatPool
from forumreg.web.languages import installed
from tests.doors.cli.running import answers, free_port, get, running, until

PEOPLE = ("demo", "--registrations", "12")


def registrations(instance: Path) -> int:
    """How many registrations the demo's forum has."""
    query = "SELECT count(*) FROM registration JOIN event ON event.id = event_id WHERE slug = 'led-forum-2015'"
    with closing(sqlite3.connect(instance / "demo" / "forumreg.sqlite3")) as connection:
        return int(connection.execute(query).fetchone()[0])


@pytest.fixture
def empty(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment whose instance folder is not there yet."""
    return {**environ, "FORUMREG_INSTANCE": str(tmp_path / "instance")}


def test_it_prints_a_sign_in_for_each_role_serves_and_stops(empty: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    with running(empty, *PEOPLE, "--port", str(port)) as process:
        answers(port)
        page = get(port, "/events/led-forum-2015/")

        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=20)[0]

    roles = re.findall(r"^  (\S.*?)  +\S+@example\.org  \S+$", told, re.MULTILINE)
    assert (process.returncode, page[0], b'<aside class="demo"' in page[1]) == (0, 200, True)
    assert roles[:3] == ["administrator", "organizer", "desk"]
    assert len(roles) == 7
    assert f"http://127.0.0.1:{port}/" in told
    assert re.search(r"^  clock +1 September 2015, 09:0\d in Turin, and running$", told, re.MULTILINE)
    assert told.splitlines()[-1] == "The demo has stopped."
    assert registrations(tmp_path / "instance") == 12
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["demo"]


def test_the_forum_is_filled_as_a_forum_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    began = datetime.now(UTC)
    fill(url, USUAL, progress=lambda _more: None, moment=began)

    engine = make_engine(url)
    with make_sessions(engine)() as session:
        events = {event.slug: event.id for event in session.scalars(select(Event))}
        people = select(Registration.status, Registration.family_name).where(Registration.event_id == events[FORUM])
        found = session.execute(people).all()
        sizes = dict(session.execute(select(Registration.event_id, func.count()).group_by(Registration.event_id)).all())
        full = session.scalars(
            select(SeatPool.key).where(
                SeatPool.event_id == events[FORUM],
                SeatPool.kind == PoolKind.SESSION,
                SeatPool.capacity == SeatPool.taken,
            )
        ).all()
        everybody = set(session.scalars(select(Registration.id)))
        languages = set(session.scalars(select(Registration.language)))
        differences = recount(session, events[FORUM])
        mails = session.execute(
            select(OutboxMessage.event_id, OutboxMessage.registration_id, OutboxMessage.created_at)
            .where(OutboxMessage.status == MailStatus.QUEUED)
            .order_by(OutboxMessage.due_at)
        ).all()
    engine.dispose()

    scripts = {unicodedata.name(sign).split()[0] for row in found for sign in row.family_name if sign.isalpha()}
    assert (len(found), {row.status for row in found}, differences) == (400, set(Status), ())
    assert languages == set(installed())  # what the form offers, and no other
    assert full
    assert {"LATIN", "CYRILLIC", "ARABIC"} < scripts
    assert all(sizes[events[slug]] >= 20 for slug in SMALL)
    assert {mail.registration_id for mail in mails} == everybody
    assert {mail.event_id for mail in mails[:USUAL]} == {events[FORUM]}  # the latest are the first to be read
    assert all(began < mail.created_at < datetime.now(UTC) for mail in mails)


def test_every_mail_of_the_weeks_before_is_soon_there_to_read(empty: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "instance" / "demo"
    with running(empty, *PEOPLE, "--port", str(free_port())) as process:
        until(lambda: unsent(folder) == 0)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    with closing(sqlite3.connect(folder / "forumreg.sqlite3")) as connection:
        written = {number for (number,) in connection.execute("SELECT id FROM outbox_message")}
    kept = {int(path.name.partition("-")[0]) for path in (folder / "mail").glob("*.eml")}
    assert kept == written
    assert len(written) > 12


def unsent(folder: Path) -> int | None:
    """How many mails of the demo wait; none where there is no demo yet."""
    path = folder / "forumreg.sqlite3"
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM outbox_message WHERE status = 'queued'").fetchone()[0])


def test_a_title_fits_the_name_that_it_stands_before() -> None:
    people, again = (People(random.Random(SEED)) for _time in range(2))
    everybody = [people.next() for _number in range(2000)]
    of_women, of_men = (
        {name for table in names_by_country().values() for names in table for name in getattr(names, group)}
        for group in ("women", "men")
    )

    titles = {(person.honorific, first_name(person.given_name, of_women | of_men)) for person in everybody}

    assert {name for title, name in titles if title == "Ms"} <= of_women
    assert {name for title, name in titles if title == "Mr"} <= of_men
    assert {"", "Dr", "Prof.", "Ms", "Mr", "Hon."} == {title for title, _name in titles}
    assert of_women & of_men == set()
    assert everybody == [again.next() for _number in range(2000)]


def first_name(given: str, known: set[str]) -> str:
    """The name that is known, of one or two given names; a name may be two words."""
    return next((name for name in known if f"{given} ".startswith(f"{name} ")), "")


def test_it_goes_on_with_what_it_has_until_it_is_made_anew(empty: dict[str, str], tmp_path: Path) -> None:
    port = str(free_port())
    counts = []
    for words in (PEOPLE, ("demo", "--registrations", "5"), ("demo", "--registrations", "5", "--fresh")):
        with running(empty, *words, "--port", port) as process:
            answers(int(port))
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
        counts.append(registrations(tmp_path / "instance"))

    assert counts == [12, 12, 5]


def test_it_leaves_a_real_installation_alone(environ: dict[str, str], instance: Path) -> None:
    (instance / "config.toml").write_text('base_url = "https://forum.example.org"\n', encoding="utf-8")
    before = {path.name: path.read_bytes() for path in instance.iterdir()}
    port = free_port()
    loud = {**environ, "FORUMREG_SMTP_URL": "smtp://user:secret@mail.example.org"}
    with running(loud, *PEOPLE, "--port", str(port)) as process:
        answers(port)
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=20)[0]

    assert {path.name: path.read_bytes() for path in instance.iterdir() if path.is_file()} == before
    assert "FORUMREG_SMTP_URL is not used: no mail of the demo leaves this machine." in told
    assert "secret" not in told


def test_a_second_one_and_a_taken_port_are_told_in_a_line(empty: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    elsewhere = {**empty, "FORUMREG_INSTANCE": str(tmp_path / "elsewhere")}
    with running(empty, *PEOPLE, "--port", str(port)) as first:
        answers(port)
        with running(empty, *PEOPLE, "--port", str(free_port())) as second:
            told = second.communicate(timeout=20)[0]
        with running(elsewhere, *PEOPLE, "--port", str(port)) as third:
            taken = third.communicate(timeout=20)[0]
        first.terminate()

    assert (second.returncode, third.returncode) == (1, 1)
    assert told == "forumreg: the demo is running already; stop it first, with Ctrl-C where it was started\n"
    assert taken == f"forumreg: port {port} is not free; take another: forumreg demo --port {port + 1}\n"
