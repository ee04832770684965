"""Printing in a process of its own: it needs much memory for a moment, and what it does wrong ends with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forumreg.base.resources import resource_folder

LONGEST_S = 150
FONTS = "fonts"  # a folder of the instance: more fonts, for scripts that ours do not cover


class NotPrinted(Exception):
    """The page could not be made; the words are for the log, not for the reader."""


def printed(name: str, data: Mapping[str, Any], *, instance: Path) -> bytes:
    """The PDF that our template ``templates/pdf/<name>.typ`` makes of the data.

    Raises:
        NotPrinted: the process failed, or took longer than it may.
    """
    fonts = instance / FONTS
    asked = {
        "template": str(resource_folder("templates") / "pdf" / f"{name}.typ"),
        "font_folders": [str(fonts)] if fonts.is_dir() else [],
        "data": data,
    }
    command = [sys.executable, "-m", "forumreg.adapters.pdf.child"]
    try:
        done = subprocess.run(  # noqa: S603 (our own module, its input is data)
            command, input=json.dumps(asked).encode(), capture_output=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotPrinted(f"{name} took longer than {LONGEST_S} s") from error
    if done.returncode != 0:
        raise NotPrinted(f"{name} ended with {done.returncode}")  # its words may hold names
    return done.stdout
