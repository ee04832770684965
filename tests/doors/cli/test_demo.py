"""The demo: ready soon, kept between two starts, never a real installation's neighbour."""

import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.doors.cli.running import answers, free_port, get, running

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
    assert (process.returncode, page[0]) == (0, 200)
    assert roles[:2] == ["administrator", "organizer"]
    assert len(roles) == 6
    assert f"http://127.0.0.1:{port}/" in told
    assert re.search(r"^  clock +1 September 2015, 09:0\d in Turin, and running$", told, re.MULTILINE)
    assert re.search(r"^  desk +no sign-in: ", told, re.MULTILINE)
    assert told.splitlines()[-1] == "The demo has stopped."
    assert registrations(tmp_path / "instance") == 12
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["demo"]


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
