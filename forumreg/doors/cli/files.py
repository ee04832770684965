"""Files that commands write."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import IO


def hand_out(file: IO[bytes], output: Path) -> None:
    """Write the finished file to its place, readable by its owner alone."""
    file.seek(0)
    if str(output) == "-":
        while block := file.read(1 << 16):
            sys.stdout.buffer.write(block)
        return
    descriptor, unfinished = tempfile.mkstemp(prefix=".", suffix=".part", dir=output.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as target:
            while block := file.read(1 << 16):
                target.write(block)
        Path(unfinished).replace(output)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
