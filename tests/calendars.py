"""A second reader of calendars, beside icalendar: small, and strict about RFC 5545."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_LINE_OCTETS = 75  # RFC 5545, 3.1
_LINE = re.compile(
    r'(?P<name>[A-Za-z0-9-]+)(?P<params>(?:;[A-Za-z0-9-]+=(?:"[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*))*):(?P<value>.*)',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
NEEDED = {
    "VCALENDAR": {"PRODID", "VERSION"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART"},  # 3.6.1, with a METHOD too: 3.2.1 of RFC 5546
    "VTIMEZONE": {"TZID"},
}
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION", "URL"}


@dataclass
class Component:
    """A component with its properties (name and parameters: value) and those inside it."""

    kind: str
    properties: list[tuple[str, str, str]] = field(default_factory=list)
    inside: list[Component] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A property's value with its escapes undone; empty where it is missing."""
        found = next((value for key, _params, value in self.properties if key == name), "")
        return _ESCAPED.sub(lambda match: {"n": "\n", "N": "\n"}.get(match[1], match[1]), found)

    def params(self, name: str) -> str:
        """A property's parameters as they are written."""
        return next((params for key, params, _value in self.properties if key == name), "")

    def all(self, kind: str) -> Iterator[Component]:
        """The components of a kind inside it."""
        return (each for each in self.inside if each.kind == kind)


def unfolded(content: bytes) -> list[str]:
    """The content lines; each line of the file is short and whole in UTF-8, so no sign is cut."""
    assert content.endswith(b"\r\n")
    lines: list[str] = []
    for raw in content[:-2].split(b"\r\n"):
        assert len(raw) <= LONGEST_LINE_OCTETS
        assert b"\n" not in raw
        assert b"\r" not in raw
        line = raw.decode("utf-8", errors="strict")
        if line.startswith((" ", "\t")):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def calendar_of(content: bytes) -> Component:
    """The calendar in a file; fails where the file breaks a rule."""
    root = Component("")
    path = [root]
    for line in unfolded(content):
        match = _LINE.fullmatch(line)
        assert match is not None, line
        name, value = match["name"].upper(), match["value"]
        if name == "BEGIN":
            path[-1].inside.append(Component(value.upper()))
            path.append(path[-1].inside[-1])
        elif name == "END":
            _check(path.pop(), value.upper())
        else:
            assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value), line
            path[-1].properties.append((name, match["params"].lstrip(";"), value))
    assert path == [root]
    [calendar] = root.inside
    return calendar


def _check(component: Component, kind: str) -> None:
    names = [name for name, _params, _value in component.properties]
    assert component.kind == kind
    assert set(names) >= NEEDED.get(kind, set())
    assert [name for name in ONCE if names.count(name) > 1] == []
