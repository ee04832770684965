"""Compare WSGI servers under one bare Flask page: speed, slow headers, memory.

Run it from a scratch environment that holds the candidates, so that none of them becomes ours:

    python3 -m venv /tmp/servers && /tmp/servers/bin/pip install flask waitress gunicorn granian
    /tmp/servers/bin/python benchmarks/servers.py

Each candidate runs alone, with one and with two web processes of eight threads. Linux only: memory is read
from /proc as proportional set size, so pages shared by parent and children count once.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from waitress.server import create_server

PORT = 8799
THREADS = 8  # a web process of the default `forumreg serve`
CLIENTS = 8  # issue figure: registrations per second with 8 clients
SLOW_CLIENTS = 150  # issue figure: clients that send a header byte a second
BALLAST_MB = 30  # a Flask process of about 30 MB then weighs what our application weighs
REQUEST = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n".encode()

app = Flask(__name__)
ballast = [str(number) * 8 for number in range(BALLAST_MB * 10_000)]


@app.get("/")
def page() -> str:
    """Answer one short page."""
    return "<!doctype html><title>page</title><p>One short page."


def serve_with_waitress(processes: int) -> None:
    """Fork `processes` waitress servers that accept from one listening socket."""
    listening = socket.create_server(("127.0.0.1", PORT), backlog=1024)
    children = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
            logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns at a depth of one
            create_server(
                app,
                sockets=[listening],
                threads=THREADS,
                connection_limit=2000,
                asyncore_use_poll=True,
                clear_untrusted_proxy_headers=True,
            ).run()
        children.append(child)

    def stop(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        signal.pause()


def command(server: str, processes: int) -> list[str]:
    """Return the command line that serves the page with one candidate."""
    here = str(Path(__file__).parent)
    match server:
        case "waitress":
            return [sys.executable, __file__, "--serve-waitress", str(processes)]
        case "gunicorn":
            return [
                *(sys.executable, "-m", "gunicorn", "servers:app", "--chdir", here, "--preload"),
                *("--worker-class", "gthread", "--workers", str(processes), "--threads", str(THREADS)),
                *("--bind", f"127.0.0.1:{PORT}", "--log-level", "error"),
            ]
        case "granian":
            return [
                *(str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "servers:app"),
                *("--working-dir", here, "--workers", str(processes), "--blocking-threads", str(THREADS)),
                *("--host", "127.0.0.1", "--port", str(PORT), "--log-level", "error"),
            ]
    raise ValueError(server)


@contextlib.contextmanager
def running(server: str, processes: int) -> Iterator[int]:
    """Serve the page while the block runs; the value is the process id of the parent."""
    with subprocess.Popen(command(server, processes), start_new_session=True) as parent:
        try:
            wait_until_it_answers()
            yield parent.pid
        finally:
            os.killpg(parent.pid, signal.SIGTERM)
            time.sleep(0.5)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(parent.pid, signal.SIGKILL)


def wait_until_it_answers() -> None:
    """Return once the page answers; give up after 20 seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            ask_once(1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not answer")


def ask_once(timeout_s: float) -> float:
    """Open a connection, ask for the page, and return the seconds until its first bytes."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", PORT), timeout=timeout_s) as connection:
        connection.sendall(REQUEST)
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            raise OSError("not the page")
    return time.monotonic() - started


def keep_asking(until: float, answers: list[int]) -> None:
    """Ask over one kept connection until the moment given, then note how many answers came."""
    count = 0
    connection = socket.create_connection(("127.0.0.1", PORT), timeout=10)
    while time.monotonic() < until:
        connection.sendall(REQUEST)
        answer = connection.recv(4096)
        if not answer:  # the server closed the kept connection
            connection.close()
            connection = socket.create_connection(("127.0.0.1", PORT), timeout=10)
            continue
        while not answer.endswith(b"short page."):
            answer += connection.recv(4096)
        count += 1
    connection.close()
    answers.append(count)


def requests_per_second(seconds: float) -> float:
    """Return how many pages eight clients with kept connections get a second."""
    answers: list[int] = []
    until = time.monotonic() + seconds
    in_parallel(CLIENTS, lambda: keep_asking(until, answers))
    return sum(answers) / seconds


def in_parallel(count: int, act: Callable[[], None]) -> None:
    """Run `act` in `count` threads and wait for all of them."""
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextlib.contextmanager
def slow_clients() -> Iterator[None]:
    """Hold connections open that send one byte of their headers a second."""
    stopped = threading.Event()
    connections = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(SLOW_CLIENTS)]

    def trickle() -> None:
        for octet in REQUEST[:-4] + b"\r\nX-Slow: " + b"a" * 600:
            for connection in connections:
                with contextlib.suppress(OSError):  # a server may send this one away
                    connection.send(bytes([octet]))
            if stopped.wait(1):
                return

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        yield
    finally:
        stopped.set()
        sender.join()
        for connection in connections:
            connection.close()


@dataclass(frozen=True)
class UnderSlowHeaders:
    """What others got while the slow clients were connected."""

    answered: int
    asked: int
    p95_ms: float


def others_under_slow_headers(asked: int) -> UnderSlowHeaders:
    """Ask for pages one after another while the slow clients trickle; five seconds is no answer."""
    times: list[float] = []
    with slow_clients():
        time.sleep(3)
        for _ in range(asked):
            try:
                times.append(ask_once(5))
            except OSError:
                continue
            time.sleep(0.05)
    p95 = statistics.quantiles(times, n=20)[-1] * 1000 if len(times) > 1 else float("nan")
    return UnderSlowHeaders(len(times), asked, p95)


def proportional_mb(parent: int) -> float:
    """Return the proportional set size of a process and all its descendants, in MB."""
    total_kb = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            session = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[3])
            if session == parent:
                rollup = (folder / "smaps_rollup").read_text()
                total_kb += int(rollup.split("Pss:")[1].split()[0])
        except (OSError, IndexError):
            continue
    return total_kb / 1024


def main() -> None:
    """Measure every candidate and print one Markdown row each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve-waitress", type=int, metavar="PROCESSES")
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    if arguments.serve_waitress:
        serve_with_waitress(arguments.serve_waitress)
    print("| server | processes | requests/s | answered under slow headers | p95 ms | PSS MB |", flush=True)
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for processes in (1, 2):
        for server in ("waitress", "gunicorn", "granian"):
            with running(server, processes) as parent:
                speed = requests_per_second(arguments.seconds)
                memory = proportional_mb(parent)
                others = others_under_slow_headers(20)
            row = (server, processes, f"{speed:.0f}", f"{others.answered}/{others.asked}")
            print("|", " | ".join(map(str, (*row, f"{others.p95_ms:.0f}", f"{memory:.0f}"))), "|", flush=True)


if __name__ == "__main__":
    main()
