"""Files that somebody sent and has not decided about: on the machine's disk, for a day, for that person alone.

The name of a file says whose it is, and its end cannot be guessed: who asks for another's is told that there is none.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

FOLDER = "brought"
LONGEST_S = 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def keep(instance: Path, whose: str, blob: bytes) -> str:
    """Keep the bytes; answers the word by which they are found. What the same person kept there before is dropped.

    ``whose`` names a person and a purpose in small letters, digits and hyphens.
    """
    folder = instance / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for older in folder.glob(f"{whose}.*"):
        older.unlink(missing_ok=True)
    token = secrets.token_urlsafe(16)
    descriptor = os.open(folder / f"{whose}.{token}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(blob)
    return token


def find(instance: Path, whose: str, token: str) -> bytes | None:
    """What was kept under this word by this person; ``None`` where there is nothing any more."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        return (instance / FOLDER / f"{whose}.{token}").read_bytes()
    except FileNotFoundError:
        return None


def drop(instance: Path, whose: str, token: str) -> None:
    """Keep it no longer."""
    if _TOKEN.fullmatch(token):
        (instance / FOLDER / f"{whose}.{token}").unlink(missing_ok=True)


def sweep(instance: Path, *, older_than_s: float = LONGEST_S) -> int:
    """Drop what nobody decided about for so long, by the machine's clock; answers how many."""
    folder = instance / FOLDER
    if not folder.is_dir():
        return 0
    oldest = time.time() - older_than_s
    dropped = 0
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                dropped += 1
        except FileNotFoundError:
            continue  # another process was quicker
    return dropped
