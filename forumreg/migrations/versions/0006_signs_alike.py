"""Apostrophes are folded alike, and hyphens and dashes: one person at one address stays one, however they are typed.

Only rows that hold such a sign can get other keys, and only those are looked at. Addresses are not folded this way, so
``address_key`` stays. The folding is written down here once more, for that of the program may change later.

Two rows of an event may have been two people by the old folding and be one by this. Then the one that is folded anew
gets a key of its own, as a change into somebody else's name does (``double_key``): the index holds, no registration
is lost, and the organizers' overview tells of a possible double.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000  # rows read at a time
APOSTROPHES = "\u2018\u2019\u201b\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u2032\uff07\uff40"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
ALIKE = str.maketrans({**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(DASHES, "-")})
AS_BEFORE: Mapping[int, str] = {}
SIGNS = frozenset(APOSTROPHES + DASHES)
JOINERS = dict.fromkeys((0x200C, 0x200D))
PREFIX = 48  # of the 64 signs of a person's key: what doubles have in common
NAMES = ("given_name", "family_name", "badge_name", "organisation")

registration = sa.table(
    "registration",
    sa.column("id", sa.Integer),
    sa.column("event_id", sa.Integer),
    sa.column("status", sa.String),
    *(sa.column(name, sa.String) for name in NAMES),
    sa.column("address_key", sa.String),
    sa.column("person_key", sa.String),
    sa.column("sort_key", sa.String),
    sa.column("search_key", sa.Text),
    sa.column("organisation_key", sa.Text),
)


def upgrade() -> None:
    """Make the keys of rows with such signs anew."""
    _fold_all(op.get_bind(), ALIKE)


def downgrade() -> None:
    """Make them as they were."""
    _fold_all(op.get_bind(), AS_BEFORE)


def _fold_all(connection: sa.Connection, alike: Mapping[int, str]) -> None:
    for row in _rows(connection):
        if not any(SIGNS.intersection(getattr(row, name)) for name in NAMES):
            continue
        keys = _keys(row, alike)
        if keys["person_key"][:PREFIX] == row.person_key[:PREFIX]:
            keys["person_key"] = row.person_key  # its own where it is a double already
        elif row.status != "cancelled" and _is_taken(connection, row, keys["person_key"]):
            keys["person_key"] = f"{keys['person_key'][:PREFIX]}~{row.id}"
        if any(getattr(row, name) != key for name, key in keys.items()):
            connection.execute(sa.update(registration).where(registration.c.id == row.id).values(keys))


def _rows(connection: sa.Connection) -> Iterator[sa.Row[tuple[object, ...]]]:
    last = 0
    wanted = sa.select(registration).order_by(registration.c.id).limit(BATCH)
    while rows := connection.execute(wanted.where(registration.c.id > last)).all():
        yield from rows
        last = rows[-1].id


def _is_taken(connection: sa.Connection, row: sa.Row[tuple[object, ...]], key: str) -> bool:
    others = sa.select(registration.c.id).where(
        registration.c.person_key == key,
        registration.c.event_id == row.event_id,
        registration.c.status != "cancelled",
        registration.c.id != row.id,
    )
    return connection.scalar(others.limit(1)) is not None


def _keys(row: sa.Row[tuple[object, ...]], alike: Mapping[int, str]) -> dict[str, str]:
    given, family, badge, organisation = (_fold(getattr(row, name), alike) for name in NAMES)
    person = [*sorted(filter(None, (given, family))), row.address_key]
    return {
        "person_key": hashlib.sha256("\0".join(person).encode()).hexdigest(),
        "sort_key": " ".join(filter(None, (family, given)))[:170],
        "search_key": " ".join(filter(None, (given, family, badge, organisation))),
        "organisation_key": organisation,
    }


def _fold(text: str, alike: Mapping[int, str]) -> str:
    """A clean line for comparing and searching; ``alike`` are the signs that this migration adds."""
    line = text.translate(alike)
    if line.isascii():
        return line.casefold()
    wide = unicodedata.normalize("NFKD", line.translate(JOINERS)).casefold()
    bare = "".join(sign for sign in wide if not unicodedata.combining(sign))
    return " ".join(unicodedata.normalize("NFKC", bare).split())
