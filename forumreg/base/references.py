"""References that people read out over a telephone, and the derived tokens that open a registration."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

# 30 signs: no 0 O, 1 I L, U; what is left is told apart in print, handwriting and speech.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE = re.compile(rf"[A-Z0-9]{{3}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
MAC_BYTES = 18  # 144 bits in 24 base64 signs; the contract asks for 128 at least
TOKEN = re.compile(r"[A-Z0-9]{11}[A-Za-z0-9_-]{24}")


def prefix_of(name: str) -> str:
    """Three letters or digits for an event's references, from its city or slug (``Turin`` gives ``TUR``)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    letters = "".join(sign for sign in plain if sign.isalnum())
    return letters[:3].ljust(3, "X")


def new_reference(prefix: str) -> str:
    """A reference such as ``TUR-7K3M-9QXA``; 30^8 of them an event, so a clash is left to the database."""
    number, signs = secrets.randbelow(len(ALPHABET) ** 8), []
    for _ in range(8):
        number, place = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[place])
    body = "".join(signs)
    return f"{prefix}-{body[:4]}-{body[4:]}"


def guid_of(slug: str, key: str) -> str:
    """The UUID by which programs know a programme session that came without one; the same on every installation."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:forumreg:{slug}/{key}"))


def find_reference(text: str) -> str | None:
    """The reference that a person typed, whatever the case, spaces and dashes; ``None`` where there is none."""
    plain = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", text).upper())
    shaped = f"{plain[:3]}-{plain[3:7]}-{plain[7:]}"
    return shaped if REFERENCE.fullmatch(shaped) else None


@dataclass(frozen=True, slots=True)
class Keys:
    """The instance's secrets: the first signs, all are accepted (rotation with fallbacks)."""

    secrets: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str]) -> Keys:
        """Keys from non-empty words, the present one first. Raises ``ValueError`` where there is none."""
        found = tuple(word for word in words if word)
        if not found:
            raise ValueError("no secret key")
        return cls(found)


class Opens(StrEnum):
    """What a token opens: all that the registrant may do, or the calendar alone, which is handed on."""

    REGISTRATION = "registration link"
    CALENDAR = "registration calendar"


def _mac(secret: str, reference: str, version: int, opens: Opens) -> str:
    message = f"forumreg {opens}/{reference}/{version}".encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()[:MAC_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def link_token(keys: Keys, reference: str, version: int, opens: Opens = Opens.REGISTRATION) -> str:
    """The token of a registration's own link: its reference and a MAC under the present secret."""
    return reference.replace("-", "") + _mac(keys.secrets[0], reference, version, opens)


def reference_in(token: str) -> str | None:
    """The reference that a token names, unproven; ``None`` for what cannot be a token."""
    if not TOKEN.fullmatch(token):
        return None
    return f"{token[:3]}-{token[3:7]}-{token[7:11]}"


def proves(keys: Keys, token: str, reference: str, version: int, opens: Opens = Opens.REGISTRATION) -> bool:
    """Whether the token's MAC fits what it should open, the reference and link version; compared in constant time."""
    macs: Sequence[str] = [_mac(secret, reference, version, opens) for secret in keys.secrets]
    results = [hmac.compare_digest(token[11:], mac) for mac in macs]
    return any(results)
