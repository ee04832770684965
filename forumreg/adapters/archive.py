"""A backup as one file: a tar with the database, the secret that signs links, and what it is."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from forumreg.base.errors import Refused

FORMAT = "forumreg-backup/1"
MANIFEST, DATABASE, SECRET = "manifest.json", "database", "secret-key"
LARGEST_WORDS_BYTES = 64 * 1024  # of the manifest and of the secret


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of."""

    kind: str  # "sqlite" or "postgresql"
    revision: str
    version: str  # of the program
    made_at: str  # ISO 8601, by the machine's clock
    sha256: str = ""  # of the database and the secret, in hexadecimal; of an older program's file there is none
    format: str = FORMAT


def pack(path: Path, manifest: Manifest, database: Path, secret: Path | None) -> None:
    """Write the archive, mode 0600, whole or not at all."""
    manifest = replace(manifest, sha256=_digest(database, secret.read_bytes() if secret else None))
    descriptor, unfinished = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                _add_words(archive, MANIFEST, json.dumps(asdict(manifest), indent=2).encode())
                archive.add(database, DATABASE, filter=_plain)
                if secret is not None:
                    archive.add(secret, SECRET, filter=_plain)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


@contextmanager
def unpacked(path: Path, folder: Path) -> Iterator[tuple[Manifest, Path, bytes | None]]:
    """The parts of an archive while the block runs: what it is, the database in the folder, the secret.

    Only these three are read, by name; nothing of the archive says where they go.

    Raises:
        Refused: "not_a_backup", or "copy_damaged".
    """
    database = folder / DATABASE
    try:
        with tarfile.open(path, mode="r:") as archive:
            manifest = Manifest(**json.loads(_words(archive, MANIFEST) or b"{}"))
            secret = _words(archive, SECRET)
            source = archive.extractfile(DATABASE)
            if source is None or manifest.format != FORMAT:
                raise Refused("not_a_backup")
            with source, database.open("xb") as target:
                shutil.copyfileobj(source, target)
    except (tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise Refused("not_a_backup") from error
    try:
        if manifest.sha256 and manifest.sha256 != _digest(database, secret):
            raise Refused("copy_damaged")
        yield manifest, database, secret
    finally:
        database.unlink(missing_ok=True)


def _digest(database: Path, secret: bytes | None) -> str:
    with database.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
    found.update(secret or b"")
    return found.hexdigest()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _add_words(archive: tarfile.TarFile, name: str, words: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(words)
    archive.addfile(_plain(member), io.BytesIO(words))


def _words(archive: tarfile.TarFile, name: str) -> bytes | None:
    """A small member; ``None`` where the archive has none of this name."""
    try:
        source = archive.extractfile(name)
    except KeyError:
        return None
    if source is None:
        return None
    with source:
        return source.read(LARGEST_WORDS_BYTES)
