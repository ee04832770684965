"""What people type, made clean and made comparable. Nothing is lost that a reader would miss."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# Signs that steer the direction of a line (UAX #9) or cannot be seen. The two joiners U+200C and U+200D
# are kept inside a word: Persian and Indic names are misspelt without them.
_STEERING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb"
_DROP = dict.fromkeys(map(ord, _STEERING + _UNSEEN))
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_EDGE_JOINERS = re.compile(r"(?:^|(?<=\s))[\u200c\u200d]+|[\u200c\u200d]+(?=\s|$)")
_NOT_SEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")  # of categories Cc, Cs, Zl and Zp
_BREAKABLE = re.compile("[^\\S\u00a0\u202f]+")  # blanks at which a line may break
_JOINERS = dict.fromkeys((0x200C, 0x200D))
# What keyboards, phones and word processors make of one key. A migration folds existing rows where this changes.
_APOSTROPHES = "\u2018\u2019\u201b\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u2032\uff07\uff40"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_ALIKE = str.maketrans({**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_DASHES, "-")})


def clean_line(text: str) -> str:
    """One line of text: NFC, no control, steering or unseen signs, single spaces, trimmed."""
    return " ".join(_clean(text, keep="").split())


def clean_text(text: str) -> str:
    """Several lines of text: as ``clean_line``, but line breaks (as LF) are kept."""
    lines = _clean(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n").split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def prose_line(text: str) -> str:
    """One line that an organizer wrote: as ``clean_line``, but no-break spaces stay; French has them before ``:``."""
    return _single(_clean(text, keep=""))


def prose(text: str) -> str:
    """Several lines that an organizer wrote: as ``clean_text``, but no-break spaces stay."""
    lines = _clean(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n").split("\n")
    return "\n".join(map(_single, lines)).strip()


def _single(line: str) -> str:
    return _BREAKABLE.sub(" ", line).strip()


def xml_text(text: str) -> str:
    """The text without what XML 1.0 cannot hold."""
    return _UNWRITABLE.sub("", text)


def _clean(text: str, *, keep: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text.translate(_DROP))
    seen = _NOT_SEEN.sub(lambda found: found[0] if found[0] in keep else " ", composed)
    return _EDGE_JOINERS.sub("", seen)


def fold(text: str) -> str:
    """Text for comparing and searching: no case, no accents, no width, one apostrophe, one hyphen, single spaces."""
    line = clean_line(text).translate(_ALIKE)  # before signs are taken apart: an acute by itself would become a space
    if line.isascii():
        return line.casefold()
    wide = unicodedata.normalize("NFKD", line.translate(_JOINERS)).casefold()
    bare = "".join(sign for sign in wide if not unicodedata.combining(sign))
    return " ".join(unicodedata.normalize("NFKC", bare).split())


def fold_address(address: str) -> str:
    """An address for comparing: NFC, domain in lower-case ASCII, local part without case.

    RFC 5321 lets a server tell cases of a local part apart; none that people use does.
    """
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local.casefold()}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """A domain in its lower-case A-label form where it has one, else only lower-case."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode().lower()
    except UnicodeError:
        return domain.lower()


def person_key(given_name: str, family_name: str, address: str) -> str:
    """One key for one person at one mailbox, whatever the case, accents and order of the two names."""
    names = sorted(part for part in (fold(given_name), fold(family_name)) if part)
    return hashlib.sha256("\0".join([*names, fold_address(address)]).encode()).hexdigest()


DOUBLE = "~"  # stands in the keys of `double_key` alone
ALIKE_SIGNS = 48  # of the 64 of a key, in hex: what the keys of doubles have in common with the plain one


def double_key(key: str, number: int) -> str:
    """A key of its own for the registration of this number, where another one of the same person has the plain key."""
    return f"{key[:ALIKE_SIGNS]}{DOUBLE}{number}"


def search_key(*parts: str) -> str:
    """The folded words that a list is searched by."""
    return " ".join(filter(None, (fold(part) for part in parts)))
