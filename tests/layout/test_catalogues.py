"""Every sentence that a person may read can be translated, and is, in every language of the installation."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import Environment

from tools import catalogues

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix in {".html", ".txt"})
SPOKEN = {"aria-label", "title", "placeholder", "alt", "data-busy", "data-clash", "data-confirm"}
NAMES = {"forumreg"}  # the same in every language
CLASSES = re.compile(r"{% block (\w+_class|mast_kind) %}.*?{% endblock \1 %}")
ATTRIBUTE = re.compile(r' (?:(?:aria|data)-[a-z-]+(?:="[^"]*")?|required)')  # what a macro puts into a tag
BREAKABLE = re.compile(r"(?<=\S) [:;?!»]|« |[^\s\u00a0\u202f(][;?!»]")


@pytest.fixture(scope="module")
def sentences() -> Catalog:
    return catalogues.collected()


def ids(catalogue: Catalog) -> Iterator[str]:
    """Every sentence of the source, each form for itself."""
    for message in catalogue:
        if message.id:
            yield from catalogues.forms_of(message.id)


def test_every_language_says_everything_that_the_source_says_and_nothing_else() -> None:
    assert list(catalogues.faults()) == []


def test_a_new_sentence_is_missed(sentences: Catalog) -> None:
    catalogue = next(catalogue for _path, catalogue in catalogues.languages())
    sentences.add("A sentence that nobody translated.")

    found = list(catalogues.faults_against(sentences, catalogue))
    sentences.delete("A sentence that nobody translated.")

    assert [fault for fault in found if "nobody translated" in fault] == [
        "'A sentence that nobody translated.' is missing; run `make catalogues`, then translate it"
    ]


ONE, MANY = "%(num)s place in %(city)s", "%(num)s places in %(city)s"


@pytest.mark.parametrize(
    ("translation", "fault"),
    [
        (Message("Save", "Enregistrer"), None),
        (Message("Save", ""), "is not translated"),
        (Message("Save", "Enregistrer", flags=["fuzzy"]), "is marked fuzzy: somebody has to confirm it"),
        (Message("For %(name)s", "Pour"), "is translated with other placeholders: 'Pour'"),
        (Message("For %(name)s", "Pour %(nom)s"), "is translated with other placeholders: 'Pour %(nom)s'"),
        (Message("<b>%(num)s</b>", "%(num)s"), "is translated with other tags: '%(num)s'"),
        (Message((ONE, MANY), ("Une place à %(city)s", "%(num)s places à %(city)s")), None),
        (Message((ONE, MANY), ("Une place", "%(num)s places à %(city)s")),
         "is translated with other placeholders: 'Une place'"),
        (Message((ONE, MANY), ("%(num)s place à %(city)s",)), "has 1 forms where the language has 2"),
        (Message((ONE, MANY), ("%(num)s place à %(city)s", "")), "is not translated"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_translation_is_said(translation: Message, fault: str | None) -> None:
    assert list(catalogues.faults_of(translation, plurals=2)) == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("path", "catalogue"), [pytest.param(*each, id=each[1].locale_identifier) for each in catalogues.languages()]
)
def test_every_language_counts_as_its_people_do(path: Path, catalogue: Catalog) -> None:
    usual = Catalog(locale=path.parent.parent.name)

    assert (catalogue.num_plurals, catalogue.plural_expr) == (usual.num_plurals, usual.plural_expr)


def test_french_keeps_its_signs_with_their_words_and_shouts_nowhere() -> None:
    path = catalogues.TRANSLATIONS / "fr" / "LC_MESSAGES" / "messages.po"
    french = next(catalogue for each, catalogue in catalogues.languages() if each == path)
    forms = [form for message in french if message.id for form in catalogues.forms_of(message.string)]

    assert [form for form in forms if BREAKABLE.search(form)] == []
    assert [form for form in forms if "!" in form or "'" in form or '"' in form] == []


def test_the_source_is_calm_and_typeset(sentences: Catalog) -> None:
    assert [text for text in ids(sentences) if re.search(r"[!'\"]|\boops\b|\bplease try\b", text, re.IGNORECASE)] == []


def test_every_template_with_sentences_is_collected(sentences: Catalog) -> None:
    collected = {place for message in sentences for place, _line in message.locations}
    calling = re.compile(r"\b(?:_|n?p?gettext)\(")

    assert {
        str(path.relative_to(ROOT)) for path in TEMPLATES if calling.search(path.read_text(encoding="utf-8"))
    } <= collected


class Words(HTMLParser):
    """What a template says in its own words, with the place."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script"}:
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def own_words(path: Path) -> list[str]:
    """The words and quotation marks that stand in a template outside every expression."""
    tokens = Environment(autoescape=True).lex(CLASSES.sub("", path.read_text(encoding="utf-8")))
    literal = "".join(value for _line, kind, value in tokens if kind == "data")
    if path.suffix == ".html":
        parser = Words()
        parser.feed(literal)
        literal = " ".join(parser.found)
    return [word for word in re.findall(r"[^\W\d_]{2,}|[“”«»]", ATTRIBUTE.sub(" ", literal)) if word not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(ROOT / "templates")) for path in TEMPLATES])
def test_no_template_says_a_word_that_cannot_be_translated(path: Path) -> None:
    assert own_words(path) == []


def test_a_word_that_cannot_be_translated_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p title="Help">{{ _("Yes") }} or <b>{% if a %}No{% endif %}</b> &nbsp;</p>', encoding="utf-8")

    assert own_words(page) == ["Help", "or", "No"]


def test_no_view_flashes_a_word_that_cannot_be_translated() -> None:
    places = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "forumreg").rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "flash"
        if isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]

    assert places == []
