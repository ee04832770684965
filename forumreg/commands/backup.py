"""`forumreg backup` and `forumreg restore`: the database and the secret as one file, and back."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
from sqlalchemy import inspect

from forumreg.adapters.archive import Manifest, pack, unpacked
from forumreg.adapters.installation import Installation, installation, is_made, require_current
from forumreg.base.errors import Refused
from forumreg.base.settings import SECRET_FILE
from forumreg.doors.cli.program import NAME
from forumreg.store import revision
from forumreg.store.copying import dump, load
from forumreg.store.writing import answering


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write database and secret to FILE, as of one moment; serving goes on meanwhile.

    FILE opens every registrant's link: it is readable by its owner alone, keep it so. Mails kept in
    instance/mail/ and config.toml are not in it.
    """
    if not file.parent.is_dir():
        raise click.UsageError(f"There is no folder {file.parent}.")
    site = installation()
    with answering():
        require_current(site.engine)
    secret = _kept_secret(site)
    with _beside(file) as folder, _bar("Copying") as progress:
        copy = folder / "copy"
        dump(site.settings.database_url, copy, progress=progress)
        kind = site.engine.dialect.name
        pack(file, Manifest(kind, revision.head(), version(NAME), _moment()), copy, secret)
    click.echo(f"{file} written")
    if secret is None:
        click.echo(f"{NAME}: the secret is set by FORUMREG_SECRET_KEY and not in the file; keep it, too", err=True)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Even where the database holds something; that is lost.")
def restore(file: Path, force: bool) -> None:
    """Make the installation what it was when FILE was written by `forumreg backup`.

    Stop serving first. Refuses a database that holds anything, unless --force.
    """
    site = installation()
    with _beside(site.settings.instance / "restoring") as folder, unpacked(file, folder) as (manifest, copy, secret):
        _require_fitting(site, manifest)
        if not force:
            _require_empty(site)
        site.engine.dispose()
        with _bar("Restoring") as progress:
            load(site.settings.database_url, copy, progress=progress)
        click.echo(f"{file}, made {manifest.made_at}, is restored")
        _bring_back_secret(site, secret)
    if manifest.revision != revision.head():
        click.echo("It is of an older program; now run: forumreg db upgrade")


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _kept_secret(site: Installation) -> Path | None:
    """The file of the secret, where that is what signs."""
    path = site.settings.instance / SECRET_FILE
    is_it = path.is_file() and path.read_text(encoding="ascii").strip() == site.settings.secret_key
    return path if is_it else None


def _require_fitting(site: Installation, manifest: Manifest) -> None:
    if manifest.kind != site.engine.dialect.name:
        raise Refused("other_kind", kind=manifest.kind, present=site.engine.dialect.name)
    if manifest.revision > revision.head():
        raise Refused("newer_backup", version=manifest.version)


def _require_empty(site: Installation) -> None:
    """Refuse a database with rows in it; a fresh one, migrated or not, may be replaced.

    Raises:
        Refused: "database_holds" with the table.
    """
    if not is_made(site.engine):
        return
    with answering(), site.engine.connect() as connection:
        for name in ("event", "account"):
            query = f"SELECT 1 FROM {name} LIMIT 1"  # noqa: S608 (two fixed names)
            if inspect(connection).has_table(name) and connection.exec_driver_sql(query).first():
                raise Refused("database_holds", table=name)


def _bring_back_secret(site: Installation, secret: bytes | None) -> None:
    """Put the backup's secret in place; one that differs is kept beside it."""
    path = site.settings.instance / SECRET_FILE
    if secret is None or secret.decode("ascii", "replace").strip() == site.settings.secret_key:
        return
    if path.exists():
        path.replace(path.with_name(f"{SECRET_FILE}.before-restore"))
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(secret)
    if _kept_secret(installation()) is None:
        click.echo(
            f"{NAME}: FORUMREG_SECRET_KEY is set and is not the backup's: links mailed before do not open", err=True
        )


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A private folder on the same disk, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix=".forumreg-", dir=file.absolute().parent) as name:
        yield Path(name)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], object]]:
    """Progress on a terminal, silence elsewhere."""
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
