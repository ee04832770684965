"""The production server: what it refuses, what it survives, how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, build_opener

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.rules.event.drafts import RegistrationDraft
from forumreg.store import schema
from forumreg.store.engine import make_engine
from forumreg.tables.registration import Registration
from tests.builders import a_receipt, an_event
from tests.doors.cli.conftest import Forumreg
from tests.doors.cli.running import answers, children, free_port, get, is_alive, running, until

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to look for processes in")


def test_a_database_that_is_behind_is_refused_and_told_what_to_run(forumreg: Forumreg, sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()

    result = forumreg("serve")

    line = f"forumreg: the database has schema 0000, the program needs {schema.head()}; run: forumreg db upgrade\n"
    assert (result.exit_code, result.stderr) == (1, line)


def test_a_port_that_is_taken_is_one_line(forumreg: Forumreg) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = forumreg("serve", "--bind", f"127.0.0.1:{port}")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith(f"forumreg: cannot listen on 127.0.0.1:{port}: ")


def test_db_upgrade_makes_a_database_that_serves(environ: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    fresh = {**environ, "FORUMREG_INSTANCE": str(tmp_path / "fresh")}
    subprocess.run([sys.executable, "-m", "forumreg", "db", "upgrade"], env=fresh, check=True, capture_output=True)

    with running(fresh, "serve", "--bind", f"127.0.0.1:{port}") as process:
        answers(port)
        assert get(port, "/readyz")[0] == 200
        assert b'<aside class="demo"' not in get(port, "/")[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "fresh").iterdir()}
    assert modes == dict.fromkeys(modes, 0)


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_signal_ends_every_process(environ: dict[str, str], number: signal.Signals) -> None:
    port = free_port()
    with running(environ, "serve", "--bind", f"127.0.0.1:{port}", "--workers", "2") as process:
        until(lambda: len(children(process)) == 3)  # two web processes and the mail worker; the first may answer alone
        answers(port)
        forked = children(process)

        process.send_signal(number)

        assert process.wait(20) == 0
        assert [pid for pid in forked if is_alive(pid)] == []


@linux
def test_a_process_that_dies_is_started_again(environ: dict[str, str]) -> None:
    port = free_port()
    with running(environ, "serve", "--bind", f"127.0.0.1:{port}", "--no-worker") as process:
        answers(port)
        (first,) = children(process)

        os.kill(first, signal.SIGKILL)
        until(lambda: children(process) not in ([], [first]))

        answers(port)
        process.terminate()
        told = process.communicate(timeout=20)[0]
    assert "process ended and is started again" in told


@linux
def test_no_process_outlives_a_parent_that_was_killed(environ: dict[str, str]) -> None:
    port = free_port()
    with running(environ, "serve", "--bind", f"127.0.0.1:{port}") as process:
        until(lambda: len(children(process)) == 2)
        answers(port)
        forked = children(process)

        os.kill(process.pid, signal.SIGKILL)

        until(lambda: not any(is_alive(pid) for pid in forked), 20)


def test_what_was_begun_is_answered_after_the_signal(environ: dict[str, str]) -> None:
    """A request whose last byte comes after the server was told to stop is not needed; one that is in is."""
    port = free_port()
    with running(environ, "serve", "--bind", f"127.0.0.1:{port}", "--no-worker") as process:
        answers(port)
        asking = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(20)]
        for connection in asking:
            connection.sendall(f"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        time.sleep(0.1)

        process.send_signal(signal.SIGTERM)

        assert [connection.recv(100).split(b"\r\n")[0] for connection in asking] == [b"HTTP/1.1 200 OK"] * 20
        assert process.wait(20) == 0
        for connection in asking:
            connection.close()


UNREADABLE = [
    (b"POST /events/forum/register HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n", 413),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ".ljust(2**18 + 1, b"a"), 431),  # all of it is read
    (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400),
]


def test_what_the_server_refuses_by_itself_has_the_headers_of_every_answer(environ: dict[str, str]) -> None:
    port, answered = free_port(), []
    with running(environ | {"FORUMREG_BASE_URL": "https://forum.example.org"}, "serve", "--bind", f"127.0.0.1:{port}"):
        answers(port)
        for sent, _status in UNREADABLE:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(sent)
                answered.append(b"".join(iter(lambda: connection.recv(65536), b"")))

    assert [int(answer.split()[1]) for answer in answered] == [status for _sent, status in UNREADABLE]
    for answer in answered:
        head, _blank, body = answer.partition(b"\r\n\r\n")
        for name in (b"Content-Security-Policy: ", b"X-Content-Type-Options: nosniff", b"Referrer-Policy: no-referrer",
                     b"Cache-Control: private, no-store", b"Strict-Transport-Security: "):  # fmt: skip
            assert name in head
        assert body.count(b"\n\n") == 1


def test_slow_senders_stop_nobody(environ: dict[str, str]) -> None:
    port = free_port()
    with running(environ, "serve", "--bind", f"127.0.0.1:{port}", "--threads", "2", "--no-worker"):
        answers(port)
        slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(150)]
        for octet in b"GET /":
            for connection in slow:
                connection.send(bytes([octet]))

        statuses = [get(port)[0] for _ in range(10)]

        for connection in slow:
            connection.close()
    assert statuses == [200] * 10


def test_somebody_registers_while_slow_senders_hold_their_connections(
    environ: dict[str, str], session: Session
) -> None:
    day = datetime.now(UTC).date() + timedelta(days=30)
    an_event(session, starts_on=day, ends_on=day, registration=RegistrationDraft())
    port = free_port()
    with running(environ, "serve", "--bind", f"127.0.0.1:{port}", "--threads", "2", "--no-worker"):
        answers(port)
        slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(150)]
        for number, connection in enumerate(slow):
            connection.sendall(
                SLOW_FORM if number % 2 else b"GET /events/forum/register HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "
            )

        began = time.monotonic()
        statuses = [registered(port, number) for number in range(5)]
        took_s = time.monotonic() - began

        still_open = [connection for connection in slow if is_open(connection)]
        for connection in slow:
            connection.close()
    session.rollback()
    assert statuses == [(200, 303, 200)] * 5
    assert len(still_open) == 150
    assert took_s < 15
    assert session.scalar(select(func.count(Registration.id))) == 5


# A form that is promised and does not come.
SLOW_FORM = (
    b"POST /events/forum/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\ngiven_name="
)


def registered(port: int, number: int) -> tuple[int, int, int]:
    """Open the form, send it filled in, open the page it leads to: the codes of the three answers."""
    opener = build_opener(HTTPCookieProcessor(), Stay())
    at = f"http://127.0.0.1:{port}"
    with opener.open(f"{at}/events/forum/register", timeout=20) as form:
        opened, page = form.status, form.read().decode()
    hidden = dict(re.findall(r'<input[^>]* name="(csrf_token|key|notice_version)"[^>]* value="([^"]*)"', page))
    person = {"given_name": "Awa", "family_name": f"Koné {number}", "email": f"awa{number}@example.org"}
    rest = {"organisation": "City of Odienné", "country": "CI", "category": "local", "language": "en"}
    with opener.open(
        f"{at}/events/forum/register", urlencode({**hidden, **person, **rest}).encode(), timeout=20
    ) as sent:
        taken, location = sent.status, sent.headers["Location"]
    with opener.open(f"{at}{location}", timeout=20) as thanks:
        return opened, taken, thanks.status


class Stay(HTTPRedirectHandler):
    """Hands a redirect to whoever asked."""

    def http_error_303(self, _request: Any, answer: Any, *_facts: Any) -> Any:
        """The answer as it is."""
        return answer


def is_open(connection: socket.socket) -> bool:
    """Whether the server still waits for the rest."""
    connection.setblocking(False)
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True


@pytest.mark.parametrize("command", ["serve", "worker", "doctor", "db upgrade"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FORUMREG_SMTP_URL", "smtp://mail.example.org:99999"),
        ("FORUMREG_MAIL_FROM", "Forum, Turin <forum@example.org>"),
    ],
)
def test_a_setting_that_would_lose_mail_is_one_line_before_anything_starts(
    forumreg: Forumreg, command: str, name: str, value: str
) -> None:
    result = forumreg(*command.split(), **{name: value})

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"forumreg: {name}: ")


def test_serving_on_sqlite_delivers_by_itself(environ: dict[str, str], instance: Path, session: Session) -> None:
    a_receipt(session, an_event(session), email="awa@example.org")
    session.close()
    port = free_port()

    with running(environ, "serve", "--bind", f"127.0.0.1:{port}"):
        until(lambda: list((instance / "mail").glob("*.eml")))

    [kept] = (instance / "mail").glob("*.eml")
    assert b"To: awa@example.org\r\n" in kept.read_bytes()
