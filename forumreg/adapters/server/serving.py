"""One serving process: waitress on a socket shared with its siblings, ended without losing an answer."""

from __future__ import annotations

import logging
import signal
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BACKLOG = 1024  # connections that may wait while every process is busy
MOST_CONNECTIONS = 2000  # 150 clients that send a byte a second leave room for all others (measured, 2026-11)
IDLE_S = 120  # a connection that says nothing for so long is closed
# The application refuses more than 1 MiB, or 10 of a schedule, with a page of its own; beyond this, waitress cuts in
# before it.
LARGEST_BODY_BYTES = 12 * 1024 * 1024
LONGEST_DRAIN_S = 10  # what was begun when the signal came may take so long
log = logging.getLogger("forumreg.server")


@dataclass(frozen=True, slots=True)
class Terms:
    """How a process serves: its threads, whether a proxy's headers are kept, the scheme people use."""

    threads: int
    is_behind_proxy: bool = False
    scheme: str = "http"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on the address; processes forked later share it.

    Raises:
        OSError: the port is taken, or not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def serve(app: WSGIApplication, listening: socket.socket, terms: Terms) -> None:
    """Serve until SIGTERM; then take no more connections, finish what was begun, and return."""
    _tame_logs()
    connections: dict[int, Any] = {}
    server = create_server(
        app,
        map=connections,
        sockets=[listening],
        threads=terms.threads,
        backlog=BACKLOG,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=IDLE_S,
        max_request_body_size=LARGEST_BODY_BYTES,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=not terms.is_behind_proxy,
        url_scheme=terms.scheme,
        ident=None,
        log_socket_errors=False,
    )
    stopping = _on_term(server)
    while not stopping:
        wasyncore.loop(timeout=IDLE_S / 4, use_poll=True, map=connections, count=1)
    _drain(server, connections)


def _on_term(server: Any) -> list[int]:
    """A list that stays empty until SIGTERM; the signal wakes the server's loop."""
    came: list[int] = []

    def note(number: int, _frame: object) -> None:
        came.append(number)
        server.pull_trigger()

    signal.signal(signal.SIGTERM, note)
    return came


def _drain(server: Any, connections: dict[int, Any]) -> None:
    server.del_channel()
    server.socket.close()
    deadline = time.monotonic() + LONGEST_DRAIN_S
    while _is_busy(server) and time.monotonic() < deadline:
        wasyncore.loop(timeout=0.2, use_poll=True, map=connections, count=1)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(connections, ignore_all=True)


def _is_busy(server: Any) -> bool:
    return any(channel.requests or channel.total_outbufs_len for channel in server.active_channels.values())


class _WithoutPaths(logging.Filter):
    """Takes addresses and traces out of waitress's lines: an address may hold a registrant's token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the shortened line through."""
        record.msg, record.args = record.getMessage().partition(" /")[0], ()
        record.exc_info = record.exc_text = None
        return True


def _tame_logs() -> None:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns at a depth of one
    theirs = logging.getLogger("waitress")
    theirs.filters[:] = [_WithoutPaths()]
    theirs.handlers[:] = logging.getLogger("forumreg").handlers
    theirs.setLevel(logging.WARNING)
    theirs.propagate = False
