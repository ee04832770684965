"""Backups: one moment of a database that is being written, and the way back."""

import json
import secrets
import shutil
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.rules.registration.recount import recount
from forumreg.store import schema
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables.registration import Registration
from tests.builders import a_receipt, an_event, statuses
from tests.doors.cli.conftest import Forumreg


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """The folder of another installation, with nothing in it."""
    return str(tmp_path / "elsewhere")


def test_a_backup_taken_while_people_register_is_whole(
    forumreg: Forumreg, session: Session, sqlite_url: str, tmp_path: Path, elsewhere: str
) -> None:
    event = an_event(session)
    session.rollback()
    begun, done = threading.Event(), threading.Event()
    writer = threading.Thread(target=register_until, args=(sqlite_url, begun, done))
    writer.start()
    assert begun.wait(60)

    file = str(tmp_path / "copy.tar")
    taken = [forumreg("backup", file).exit_code for _ in range(3)]
    done.set()
    writer.join()
    restored = forumreg("restore", file, FORUMREG_INSTANCE=elsewhere)

    assert (taken, restored.exit_code) == ([0, 0, 0], 0)
    engine = make_engine(f"sqlite:///{elsewhere}/forumreg.sqlite3")
    with make_sessions(engine)() as there:
        count = there.scalar(select(func.count()).select_from(Registration)) or 0
        assert 0 < count <= (session.scalar(select(func.count()).select_from(Registration)) or 0)
        assert recount(there, event.id) == ()
    engine.dispose()


def register_until(url: str, begun: threading.Event, done: threading.Event) -> None:
    """Register one person after the other until told to stop; the first of them is in when it says so."""
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        event = an_event(session)
        while not done.is_set():
            a_receipt(session, event)
            begun.set()
    engine.dispose()


def test_a_backup_says_what_it_is_and_is_its_owners_alone(forumreg: Forumreg, instance: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.tar"

    forumreg("backup", str(file))

    with tarfile.open(file) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    manifest = json.loads(members["manifest.json"])
    assert sorted(members) == ["database", "manifest.json", "secret-key"]
    assert (manifest["format"], manifest["kind"], manifest["revision"]) == (
        "forumreg-backup/1",
        "sqlite",
        schema.head(),
    )
    assert members["secret-key"] == (instance / "secret-key").read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_that_is_set_outside_stays_outside(forumreg: Forumreg, tmp_path: Path) -> None:
    file = tmp_path / "copy.tar"

    result = forumreg("backup", str(file), FORUMREG_SECRET_KEY="a secret that is kept by somebody else")

    with tarfile.open(file) as archive:
        assert sorted(archive.getnames()) == ["database", "manifest.json"]
    assert "keep it, too" in result.stderr


def test_links_that_were_mailed_open_after_a_restore(forumreg: Forumreg, instance: Path, elsewhere: str) -> None:
    file = str(instance / "copy.tar")
    forumreg("backup", file)

    forumreg("restore", file, FORUMREG_INSTANCE=elsewhere)

    there = Path(elsewhere) / "secret-key"
    assert there.read_bytes() == (instance / "secret-key").read_bytes()
    assert stat.S_IMODE(there.stat().st_mode) == 0o600


def test_a_database_that_holds_something_is_not_replaced(forumreg: Forumreg, session: Session, tmp_path: Path) -> None:
    file = str(tmp_path / "copy.tar")
    forumreg("backup", file)
    an_event(session)

    refused = forumreg("restore", file)
    held = count_events(tmp_path)
    forced = forumreg("restore", file, "--force")

    line = "forumreg: the database is not empty; to lose what it holds, add --force\n"
    assert (refused.exit_code, refused.stderr, held) == (1, line, 1)
    assert (forced.exit_code, count_events(tmp_path)) == (0, 0)


def count_events(folder: Path) -> int:
    """How many events the database in the folder holds."""
    with closing(sqlite3.connect(folder / "forumreg.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM event").fetchone()[0])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not ours", b"\x00" * 10240])
def test_what_is_no_backup_is_refused(forumreg: Forumreg, tmp_path: Path, elsewhere: str, content: bytes) -> None:
    file = tmp_path / "copy.tar"
    file.write_bytes(content)

    result = forumreg("restore", str(file), FORUMREG_INSTANCE=elsewhere)

    assert (result.exit_code, result.stderr) == (1, "forumreg: the file was not written by forumreg backup\n")


def test_a_damaged_copy_is_refused(forumreg: Forumreg, tmp_path: Path, elsewhere: str) -> None:
    file = tmp_path / "copy.tar"
    forumreg("backup", str(file))
    content = bytearray(file.read_bytes())
    start = content.index(b"SQLite format 3\x00")
    for damage in (b"\xff" * (4096 * 5), b"!"):
        worse = content.copy()
        worse[start + 4096 : start + 4096 + len(damage)] = damage
        file.write_bytes(worse)

        result = forumreg("restore", str(file), FORUMREG_INSTANCE=elsewhere)

        assert (result.exit_code, result.stderr) == (1, "forumreg: the copy in the file is damaged\n")


def test_a_file_in_a_folder_that_is_not_there_is_a_wrong_call(forumreg: Forumreg, tmp_path: Path) -> None:
    result = forumreg("backup", str(tmp_path / "none" / "copy.tar"))

    assert (result.exit_code, f"There is no folder {tmp_path / 'none'}." in result.stderr) == (2, True)


@pytest.mark.postgres
@pytest.mark.skipif(not shutil.which("pg_dump"), reason="no pg_dump on PATH")
def test_postgresql_goes_there_and_back(forumreg: Forumreg, postgres_url: str, tmp_path: Path) -> None:
    url = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    engine = make_engine(postgres_url)
    with make_sessions(engine)() as session:
        event = an_event(session, f"there-and-back-{secrets.token_hex(4)}")
        a_receipt(session, event)
    file = str(tmp_path / "copy.tar")

    taken = forumreg("backup", file, FORUMREG_DATABASE_URL=url)
    with make_sessions(engine)() as session:
        a_receipt(session, event)
    refused = forumreg("restore", file, FORUMREG_DATABASE_URL=url)
    forced = forumreg("restore", file, "--force", FORUMREG_DATABASE_URL=url)

    with make_sessions(engine)() as session:
        assert statuses(session, event) == {"confirmed": 1}
        assert recount(session, event.id) == ()
    engine.dispose()
    assert (taken.exit_code, refused.exit_code, forced.exit_code, forced.stderr) == (0, 1, 0, "")


def test_a_backup_of_a_newer_program_is_refused(forumreg: Forumreg, tmp_path: Path, elsewhere: str) -> None:
    file = tmp_path / "copy.tar"
    forumreg("backup", str(file))
    revision = f'"revision": "{schema.head()}"'.encode()
    file.write_bytes(file.read_bytes().replace(revision, b'"revision": "9999"'))

    result = forumreg("restore", str(file), FORUMREG_INSTANCE=elsewhere)

    assert result.exit_code == 1
    assert result.stderr.startswith("forumreg: the file was written by a newer program (")
