"""How a place in the file is written: ``sessions[12].ends_at``."""

from __future__ import annotations

FILE = "file"  # the place of a problem that lies in no key


def inside(place: str, step: str | int) -> str:
    """The place one step further in; a key is cut and made printable, for it may be anybody's."""
    if isinstance(step, int):
        return f"{place or FILE}[{step}]"
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in step[:60])
    return f"{place}.{shown}" if place else shown
