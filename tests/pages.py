"""Pages as a browser without scripts has them: headings, ids, links, and forms with what they would send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

from flask import Flask
from werkzeug.test import TestResponse

TICKED = frozenset({"radio", "checkbox"})
Answers = Mapping[str, str | Sequence[str]]
Attributes = list[tuple[str, str | None]]


@dataclass
class Form:
    """A form and the answers it holds."""

    action: str
    answers: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, answers: Answers) -> dict[str, list[str]]:
        """What it would send with these answers typed over those it holds."""
        typed = {name: [value] if isinstance(value, str) else list(value) for name, value in answers.items()}
        return {**self.answers, **typed}

    def kept(self, names: Answers) -> dict[str, list[str]]:
        """The answers it holds to these questions, sorted; empty lists where there are none."""
        return {name: sorted(self.answers.get(name, [])) for name in names}


class Reader(HTMLParser):
    """Reads a page from its first sign to its last."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.heading, self.words = "", ""
        self.forms: list[Form] = []
        self.shape: list[str] = []
        self._inside: list[str] = []
        self._select, self._options, self._chosen = "", [""], list[str]()
        self._textarea = ""
        self.feed(html)
        self.words = " ".join(self.words.split())
        self.heading = " ".join(self.heading.split())

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Note ids, links and what a form holds."""
        facts = {name: value or "" for name, value in attrs}
        self.shape.append(tag)
        self.ids += [facts["id"]] if "id" in facts else []
        self.links += [facts["href"]] if tag == "a" and "href" in facts else []
        self._inside.append(tag)
        if tag == "form":
            self.forms.append(Form(facts.get("action", "")))
        elif tag == "input":
            self._input(facts)
        elif tag == "select":
            self._select, self._options, self._chosen = facts["name"], [], []
        elif tag == "option":
            self._options.append(facts.get("value", ""))
            self._chosen += [facts.get("value", "")] if "selected" in facts else []
        elif tag == "textarea":
            self._textarea = facts["name"]
            self.forms[-1].answers[self._textarea] = [""]

    def handle_endtag(self, tag: str) -> None:
        """Close a select with what is chosen in it."""
        if tag == "select":
            self.forms[-1].answers[self._select] = self._chosen or self._options[:1]
        elif tag == "textarea":
            self._textarea = ""
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Read the words."""
        if self._textarea:
            self.forms[-1].answers[self._textarea][0] += data.removeprefix("\n")
        if "h1" in self._inside:
            self.heading += data
        self.words += data

    def _input(self, facts: Mapping[str, str]) -> None:
        name, kind = facts.get("name", ""), facts.get("type", "text")
        if name and (kind not in TICKED or "checked" in facts):
            self.forms[-1].answers.setdefault(name, []).append(facts.get("value", ""))


class Page:
    """An answer; read when a test asks what it holds, which costs more than the answer did."""

    def __init__(self, response: TestResponse) -> None:
        self.response, self.status, self.headers = response, response.status_code, response.headers
        self.html = response.text

    @cached_property
    def _read(self) -> Reader:
        return Reader(self.html)

    @property
    def ids(self) -> list[str]:
        """The ids of its elements."""
        return self._read.ids

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return self._read.links

    @property
    def heading(self) -> str:
        """The heading of the first level."""
        return self._read.heading

    @property
    def words(self) -> str:
        """All its words."""
        return self._read.words

    @property
    def shape(self) -> list[str]:
        """Its elements."""
        return self._read.shape

    @property
    def forms(self) -> list[Form]:
        """Its forms."""
        return self._read.forms

    @property
    def form(self) -> Form:
        """The page's form that sends something."""
        return self.forms[-1]

    @property
    def summary(self) -> list[str]:
        """The ids that the error summary links to."""
        return [link[1:] for link in _between(self.html, 'id="errors"', "</div>", self)]

    @property
    def summary_heading(self) -> str:
        """What stands above the error summary."""
        return self.html.partition('id="errors-h">')[2].partition("<")[0]


def _between(html: str, start: str, end: str, _page: Page) -> Iterator[str]:
    part = html.partition(start)[2].partition(end)[0]
    for piece in part.split('href="')[1:]:
        yield piece.partition('"')[0]


class Visitor:
    """Somebody at a browser without JavaScript."""

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address

    def open(self, address: str, **request: object) -> Page:
        """Open a page."""
        return Page(self.client.get(address, **request))

    def send(self, page: Page, answers: Answers | None = None, **request: object) -> Page:
        """Send a page's form with these answers typed over those it holds."""
        form = page.form
        return Page(self.client.post(form.action, data=form.filled(answers or {}), **request))

    def post(self, address: str, answers: Answers | None = None, **request: object) -> Page:
        """Send answers to an address, as a program would."""
        return Page(self.client.post(address, data=dict(answers or {}), **request))
