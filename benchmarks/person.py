"""A person at a browser, as cheap as Python allows: one connection, cookies, and one form sent like a browser's.

Every person comes from a loopback address of their own (127.x.y.z). The limits of the product count by network and
by mailbox and stay switched on; 127.0.0.1 alone would be one office that sends hundreds of forms a second.
"""

from __future__ import annotations

import itertools
import re
import socket
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from benchmarks.house import EVENT, HOST

TIMEOUT_S = 60
_numbers = itertools.count(1)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: ([^=;]+)=([^;\r]*)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: ([^\r]+)", re.IGNORECASE)
_TOKEN = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')
_KEY = re.compile(rb'name="key"[^>]* value="([^"]+)"')
_same: dict[tuple[int, str], list[tuple[str, str]]] = {}
_NOTICE = re.compile(rb'name="notice_version" value="(\d+)"')


def own_address(number: int) -> str:
    """A loopback address that no other number below a million has."""
    return f"127.{1 + number // 62500 % 200}.{number // 250 % 250}.{number % 250 + 2}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: its head and its body as sent."""

    code: int
    head: bytes
    sent: bytes

    @property
    def body(self) -> bytes:
        """The body unpacked; only who reads it pays for that, for clients run on the cores that are measured."""
        is_packed = b"\r\nContent-Encoding: gzip" in self.head
        return zlib.decompress(self.sent, 31) if is_packed else self.sent

    def location(self) -> str:
        """Where a redirect leads, as a path."""
        found = _LOCATION.search(self.head)
        if found is None:
            raise ValueError(f"no redirect but {self.code}")
        parts = urlsplit(found[1].decode())
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


@dataclass
class Person:
    """Somebody with a browser on one kept connection."""

    port: int
    number: int = field(default_factory=lambda: next(_numbers))
    cookies: dict[str, str] = field(default_factory=dict)
    connection: socket.socket | None = None

    def __enter__(self) -> Person:
        self.connection = socket.create_connection(
            (HOST, self.port), timeout=TIMEOUT_S, source_address=(own_address(self.number), 0)
        )
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(self, *_: object) -> None:
        if self.connection is not None:
            self.connection.close()

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask(f"GET {path} HTTP/1.1\r\n", b"")

    def post(self, path: str, form: list[tuple[str, str]]) -> Answer:
        """Send a form."""
        body = urlencode(form).encode()
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        return self._ask(f"POST {path} HTTP/1.1\r\n{kind}Content-Length: {len(body)}\r\n", body)

    def _ask(self, start: str, body: bytes) -> Answer:
        if self.connection is None:
            raise RuntimeError("not connected")
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{start}Host: {HOST}:{self.port}\r\nAccept-Encoding: gzip\r\nAccept-Language: en\r\n"
        self.connection.sendall((head + (f"Cookie: {cookies}\r\n" if cookies else "") + "\r\n").encode() + body)
        answer = _read(self.connection)
        for name, value in _COOKIE.findall(answer.head):
            self.cookies[name.decode()] = value.decode()
        return answer

    # What people do ------------------------------------------------------------------------------------------------

    def open_form(self, slug: str = EVENT) -> Answer:
        """Ask for the form.

        Raises:
            UnexpectedAnswer: it did not come.
        """
        return expect(200, self.get(f"/events/{slug}/register"))

    def send_form(self, form: Answer, slug: str = EVENT, *, wanted: Sequence[str] | None = None) -> Answer:
        """Send the form that came, filled in by this person; ``wanted`` are other sessions than everybody takes."""
        fields = filled(form.body, self.number, (self.port, slug))
        if wanted is not None:
            fields = [each for each in fields if each[0] != "sessions" and not each[0].startswith("slot-")]
            fields += [("sessions", value) for value in wanted]
        return self.post(f"/events/{slug}/register", fields)

    def register(self, slug: str = EVENT) -> None:
        """One complete registration: ask for the form, send it, follow the redirect.

        Raises:
            UnexpectedAnswer: one of the three failed.
        """
        sent = expect(303, self.send_form(self.open_form(slug), slug))
        expect(200, self.get(sent.location()))


def race(clients: int, port: int, slug: str, *, wanted: Sequence[str] | None = None) -> tuple[list[int], list[float]]:
    """All send the form once everybody has it open; the codes, and the seconds that each answer took.

    Raises:
        UnexpectedAnswer: somebody got no answer at all.
    """
    answers: list[int] = []
    times: list[float] = []
    start = threading.Barrier(clients)

    def run() -> None:
        with Person(port) as person:
            form = person.open_form(slug)
            start.wait(120)
            began = time.monotonic()
            answers.append(person.send_form(form, slug, wanted=wanted).code)
            times.append(time.monotonic() - began)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(answers) != clients:
        raise UnexpectedAnswer(f"{clients - len(answers)} of {clients} got no answer")
    return answers, times


class UnexpectedAnswer(Exception):
    """An answer with another code than a person may expect."""


def expect(code: int, answer: Answer) -> Answer:
    """The answer, if it has this code.

    Raises:
        UnexpectedAnswer: it has another.
    """
    if answer.code != code:
        raise UnexpectedAnswer(f"{answer.code} instead of {code}: {answer.body[-2000:].decode(errors='replace')}")
    return answer


def filled(page: bytes, number: int, form: tuple[int, str]) -> list[tuple[str, str]]:
    """What a browser sends: every input of the forum's form, two sessions, two consents, five questions.

    What is the same in each copy of this ``form`` (port and event) is looked for in the first one only.
    """
    token, key = _TOKEN.search(page), _KEY.search(page)
    if token is None or key is None:
        raise UnexpectedAnswer("a page without the form")
    if form not in _same:
        _same[form] = _of_every_copy(page)
    return [
        ("csrf_token", token[1].decode()), ("key", key[1].decode()), ("website", ""),
        ("given_name", f"Amélie {number}"), ("family_name", "Ouédraogo"), ("honorific", "Ms"), ("badge_name", ""),
        ("email", f"amelie.{number}@example.org"), ("phone", "+226 25 30 61 61"), ("country", "BF"),
        ("language", ("en", "fr")[number % 2]), ("organisation", "Commune de Ouagadougou"),
        ("job_title", "Directrice du développement économique"), ("category", "local-government"),
        ("sessions", "right-to-food"),
        ("q-arrives_on", ""), ("q-visa_letter", "no"), ("q-passport_number", ""), ("q-local_role", "management"),
        ("q-administration_size", "1200"), ("q-medium", ""), ("q-themes", "employment"), ("q-themes", "south-south"),
        ("q-first_time", "yes"), ("q-work_country", "BF"), ("q-bring_home", "Two ideas that work in markets."),
        ("interpretation", "fr"), ("accessibility", ""),
        *_same[form],
    ]  # fmt: skip


def _of_every_copy(page: bytes) -> list[tuple[str, str]]:
    slots = dict.fromkeys(re.findall(rb'name="(slot-\d+)"', page))
    chosen = zip(slots, ("social-and-solidarity-economy", "south-south-cooperation", ""), strict=False)
    return [
        *((name.decode(), value) for name, value in chosen),
        *(("notice_version", found.decode()) for found in _NOTICE.findall(page)),
        *(("named", found.decode()) for found in re.findall(rb'name="named" value="([^"]+)"', page)),
        *(("sharing", found.decode()) for found in re.findall(rb'name="sharing" value="(\d+)"', page)[:2]),
    ]


def _read(connection: socket.socket) -> Answer:
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the connection was closed before the answer")
        received += part
    head, body = received[: end + 2], received[end + 4 :]
    found = _LENGTH.search(head)
    missing = (int(found[1]) if found else 0) - len(body)
    parts = [body]
    while missing > 0:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the connection was closed within the answer")
        parts.append(part)
        missing -= len(part)
    body = b"".join(parts)
    return Answer(int(head[9:12]), head, body)
