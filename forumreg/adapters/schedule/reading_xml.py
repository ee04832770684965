"""XML from anybody: no document type, no entities, nothing from elsewhere, neither deep nor endless."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from forumreg.adapters.schedule.reading_items import Place, problem
from forumreg.base.errors import Invalid

DEEPEST = 20  # levels; the format itself needs 7
MOST_ELEMENTS = 300_000  # a schedule of 1,500 sessions has about 45,000
MOST_ATTRIBUTES = 30
_CUT_OFF = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
}
_ENCODING = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_UNKNOWN_ENCODING,
        expat.errors.XML_ERROR_INCORRECT_ENCODING,
    )
}


@dataclass(slots=True)
class Node:
    """An element: its name without a prefix, its attributes, its text, what is in it, and its line."""

    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        """The elements of this name in it."""
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> Node | None:
        """The first element of this name in it."""
        return next((child for child in self.children if child.tag == tag), None)

    def words(self, tag: str) -> str:
        """The text of the first element of this name, trimmed."""
        found = self.first(tag)
        return found.text.strip() if found is not None else ""


class _Tree:
    """Builds the tree while expat reads."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.opened
        self.parser.EndElementHandler = self.closed
        self.parser.CharacterDataHandler = self.said
        # A declaration is refused before anything that it declares is read, wherever it comes from.
        self.parser.StartDoctypeDeclHandler = self.refused
        self.parser.EntityDeclHandler = self.refused
        self.parser.UnparsedEntityDeclHandler = self.refused
        self.parser.ExternalEntityRefHandler = self.refused
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.root: Node | None = None
        self.open: list[Node] = []
        self.texts: list[list[str]] = []
        self.count = 0

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        node = Node(tag.rpartition(":")[2], self.parser.CurrentLineNumber, attributes)
        self.count += 1
        if len(self.open) >= DEEPEST:
            self.fail("nested", most=DEEPEST)
        if self.count > MOST_ELEMENTS or len(attributes) > MOST_ATTRIBUTES:
            self.fail("too_many", most=MOST_ELEMENTS if self.count > MOST_ELEMENTS else MOST_ATTRIBUTES)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)
        self.texts.append([])

    def closed(self, _tag: str) -> None:
        """An element ends."""
        self.open.pop().text = "".join(self.texts.pop())

    def said(self, text: str) -> None:
        """Text within an element."""
        if self.texts:
            self.texts[-1].append(text)

    def refused(self, *_declared: object) -> NoReturn:
        """A document type or an entity."""
        self.fail("doctype")

    def fail(self, word: str, **facts: object) -> NoReturn:
        """End reading here."""
        raise Invalid(problem(Place("", self.parser.CurrentLineNumber), word, **facts))


def parse(blob: bytes) -> Node:
    """The root of the document.

    Raises:
        Invalid: it is no XML, or has what is refused; the line is named.
    """
    tree = _Tree()
    try:
        tree.parser.Parse(blob, True)  # noqa: FBT003 (expat takes no names)
    except expat.ExpatError as error:
        raise Invalid(problem(Place("", error.lineno), _word_of(error.code))) from None
    except (LookupError, ValueError):
        raise Invalid(problem(Place("", 1), "encoding_unknown")) from None
    if tree.root is None:
        raise Invalid(problem(Place(""), "cut_off"))
    return tree.root


def _word_of(code: int) -> str:
    if code in _CUT_OFF:
        return "cut_off"
    return "encoding_unknown" if code in _ENCODING else "not_xml"
