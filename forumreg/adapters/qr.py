"""Entry codes as pictures that a reader at the gate can scan."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup, escape

QUIET_ZONE = 4  # modules of white around a code; ISO/IEC 18004, 5.3.8
_CORRECTION = "q"  # a quarter of the picture may be lost to a thumb or a fold


# Which of the eight patterns lies over the signs is written in the code itself. Trying all of them for the one that
# looks best takes nine tenths of the time (measured, 2026-11); readers take any.
_PATTERN = 3


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error=_CORRECTION, mask=_PATTERN)


def png(text: str, *, scale: int = 6) -> bytes:
    """Answer a black and white picture, ``scale`` dots a module; under 400 bytes for a reference."""
    file = io.BytesIO()
    _code(text).save(file, kind="png", scale=scale, border=QUIET_ZONE)
    return file.getvalue()


def svg(text: str, *, label: str) -> Markup:
    """Answer a picture for a page: black on white in every scheme, named by its label, no inline style."""
    file = io.BytesIO()
    _code(text).save(
        file,
        kind="svg",
        border=QUIET_ZONE,
        xmldecl=False,
        svgns=False,
        omitsize=True,
        nl=False,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    opening = f'<svg role="img" aria-label="{escape(label)}" '
    return Markup(file.getvalue().decode().replace("<svg ", opening, 1))  # noqa: S704 (the label is escaped)
