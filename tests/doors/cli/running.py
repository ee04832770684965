"""The program as a process of its own: started, asked over HTTP, stopped."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

LONGEST_START_S = 90.0  # of a machine that does much else


def free_port() -> int:
    """A port of this machine that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def running(environ: Mapping[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """The program with these words while the block runs; killed with all its children at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "forumreg", *words],
        env=dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def get(port: int, path: str = "/healthz") -> tuple[int, bytes]:
    """Status and body of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def until(question: Callable[[], object], seconds: float = LONGEST_START_S) -> None:
    """Return once the answer is yes; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if question():
                return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def answers(port: int) -> None:
    """Return once the server answers."""
    until(lambda: get(port)[0] == 200)


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that this one forked; Linux."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            if int(fields[1]) == process.pid and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return sorted(found)


def is_alive(pid: int) -> bool:
    """Whether the process is there and not only waiting to be forgotten."""
    try:
        return re.search(r"\) ([A-Z])", Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"))[1] != "Z"  # type: ignore[index]
    except OSError:
        return False
