"""One serving process: waitress on a socket shared with its siblings, ended without losing an answer."""

from __future__ import annotations

import logging
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

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
    """How a process serves: its threads, whether a proxy's headers are kept, the scheme people use.

    ``headers`` stand on the answers that the server gives by itself, where the application is not asked.
    """

    threads: int
    is_behind_proxy: bool = False
    scheme: str = "http"
    headers: Sequence[tuple[str, str]] = ()


# Who sends such a thing is a program, or a person whose language is not known yet.
_TOO_LARGE = (
    "What you sent is too large. No form needs as much: send less.",
    "Votre envoi est trop volumineux. Aucun formulaire n’en demande autant\N{NO-BREAK SPACE}: envoyez-en moins.",
)
_UNREADABLE = (
    "The server could not read this request. Open the address again in a browser.",
    "Le serveur n’a pas pu lire cette demande. Ouvrez de nouveau l’adresse dans un navigateur.",
)


class _Refusal(ErrorTask):
    """What the server answers by itself: plain words under the headers of every answer."""

    def execute(self) -> None:
        """Answer, and close the connection."""
        found = self.request.error
        words = _TOO_LARGE if found.code in {413, 431} else _UNREADABLE
        body = "\n\n".join(words).encode()
        self.status = f"{found.code} {found.reason}"
        self.response_headers += [("Content-Type", "text/plain; charset=utf-8"), *self.channel.server.headers]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):
    """A connection; only its refusals are ours."""

    error_task_class = _Refusal


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
    server.channel_class, server.headers = _Channel, list(terms.headers)
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
