"""Keep the translations whole: collect the sentences, bring every language up to date, compile.

`make catalogues` runs it plainly, `make check` with `--check`. Every language in `translations/` must be
complete: it joins with its first full catalogue (`pybabel init`, from the `translations/messages.pot` that
this writes and git ignores).
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "translations"
TEMPLATE = TRANSLATIONS / "messages.pot"
METHODS = {
    "forumreg": [("**.py", "python")],
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
}
JINJA = {"silent": "false", "trimmed": "true"}  # a template that cannot be parsed is an error
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,  # marks a sentence that is translated where it is shown
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
TAG = re.compile(r"</?[a-z]+>")
NUMBER = "num"  # a form for one thing may say "one" in place of it


def collected() -> Catalog:
    """Return every sentence of the code and the templates."""
    catalogue = Catalog(project="forumreg", charset="utf-8", fuzzy=False)
    for folder, methods in METHODS.items():
        found = extract_from_dir(
            ROOT / folder,
            method_map=methods,
            directory_filter=lambda _path: True,  # Babel leaves out `_shared` and its like otherwise
            options_map={name: JINJA for name, method in methods if method == "jinja2"},
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        )
        for file, _line, sentence, comments, context in found:
            places = [(f"{folder}/{file}", None)]
            catalogue.add(sentence, locations=places, auto_comments=comments, context=context)
    return catalogue


def languages() -> Iterator[tuple[Path, Catalog]]:
    """Read every catalogue in `translations/`, by language."""
    for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as readable:
            yield path, read_po(readable, locale=path.parent.parent.name)


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as it is committed: in order of the sentences, with files but no lines."""
    text = io.BytesIO()
    write_po(text, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return text.getvalue()


def bring_up_to_date() -> None:
    """Rewrite the template and every catalogue, and compile them."""
    sentences = collected()
    TRANSLATIONS.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(written(sentences))
    for path, catalogue in languages():
        catalogue.update(sentences, no_fuzzy_matching=True, update_creation_date=False)
        path.write_bytes(written(catalogue))
        with path.with_suffix(".mo").open("wb") as writable:
            write_mo(writable, catalogue)


def faults() -> Iterator[str]:
    """Say what is not whole, one sentence a fault."""
    sentences = collected()
    for path, catalogue in languages():
        name = path.relative_to(ROOT)
        yield from (f"{name}: {fault}" for fault in faults_against(sentences, catalogue))


def faults_against(sentences: Catalog, catalogue: Catalog) -> Iterator[str]:
    """Say where one language and the source differ."""
    for sentence in filter(_is_said, sentences):
        translation = catalogue.get(sentence.id, sentence.context)
        if translation is None:
            yield f"{sentence.id!r} is missing; run `make catalogues`, then translate it"
        else:
            yield from (f"{sentence.id!r} {fault}" for fault in faults_of(translation, catalogue.num_plurals))
    for translation in filter(_is_said, catalogue):
        if sentences.get(translation.id, translation.context) is None:
            yield f"{translation.id!r} is said nowhere any more; run `make catalogues`"


def _is_said(message: Message) -> bool:
    return bool(message.id)  # the head of a catalogue has none


def faults_of(translation: Message, plurals: int) -> Iterator[str]:
    """Say what is wrong with one translation."""
    if translation.fuzzy:
        yield "is marked fuzzy: somebody has to confirm it"
    forms = forms_of(translation.string)
    if not all(forms):
        yield "is not translated"
        return
    if translation.pluralizable and len(forms) != plurals:
        yield f"has {len(forms)} forms where the language has {plurals}"
    asked = placeholders(translation.id)
    needed = asked - {NUMBER} if translation.pluralizable else asked
    for form in forms:
        if not needed <= placeholders(form) <= asked:
            yield f"is translated with other placeholders: {form!r}"
        if sorted(TAG.findall(form)) != sorted(TAG.findall(forms_of(translation.id)[0])):
            yield f"is translated with other tags: {form!r}"


def forms_of(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return a sentence in all its forms, be it one or more."""
    return (text,) if isinstance(text, str) else tuple(text)


def placeholders(text: str | tuple[str, ...] | list[str]) -> set[str]:
    """Return the names in `%(name)s` of a sentence in all its forms."""
    return set(PLACEHOLDER.findall(" ".join(forms_of(text))))


def main() -> int:
    """Do as asked; the answer is the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail where it is not whole")
    if not parser.parse_args().check:
        bring_up_to_date()
    found = list(faults())
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
