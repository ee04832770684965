"""The settings of an installation: the environment wins over ``instance/config.toml``."""

from __future__ import annotations

import difflib
import os
import secrets
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import getaddresses, parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from forumreg.base import mail_server
from forumreg.base.addresses import is_mailbox
from forumreg.base.folding import ascii_domain
from forumreg.base.hosts import is_host, port_of, without_port
from forumreg.base.references import Keys

PREFIX = "FORUMREG_"
OF_THE_TESTS = frozenset({"FORUMREG_REQUIRE", "FORUMREG_TEST_POSTGRES_URL", "FORUMREG_SHARED"})
SECRET_FILE = "secret-key"  # noqa: S105 (the name of a file, not a secret)


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """What an installation may set; each field is ``FORUMREG_`` and its name in capitals."""

    database_url: str  # sqlite:///… or postgresql://…
    secret_key: str  # several, separated by blanks, for rotation: the first signs
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str = ""
    mail_from: str = "no-reply@localhost"
    instance: Path = Path("instance")
    trusted_proxies: int = 0
    log_format: str = "text"

    @property
    def mail_address(self) -> str:
        """The address of who mails are from, without the name."""
        return parseaddr(self.mail_from)[1]

    @property
    def keys(self) -> Keys:
        """The secrets as the tokens take them."""
        return Keys.of(self.secret_key.split())

    @property
    def host(self) -> str:
        """The only host that pages are served under: no port, lower case, an IPv6 address in brackets."""
        return without_port(urlsplit(self.base_url).netloc)

    @property
    def is_https(self) -> bool:
        """Whether people reach the installation over TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def mail_folder(self) -> Path:
        """Where mails are kept while no mail server is set."""
        return self.instance / "mail"


NAMES: tuple[str, ...] = tuple(Settings.__dataclass_fields__)


def load(environ: Mapping[str, str] | None = None, *, cwd: Path | None = None) -> Settings:
    """The settings of this installation; makes the instance folder and its secret where they are missing.

    Raises:
        SettingsError: a value that cannot be used, named.
    """
    env = os.environ if environ is None else environ
    instance = instance_folder(env, cwd=cwd)
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = [PREFIX + name.upper() for name in NAMES]
    _require_known((name for name in env if name.startswith(PREFIX) and name not in OF_THE_TESTS), known)
    values = _from_file(instance / "config.toml")
    values.update({name: env[PREFIX + name.upper()] for name in NAMES if env.get(PREFIX + name.upper())})
    return _checked(values, instance)


def instance_folder(environ: Mapping[str, str], *, cwd: Path | None = None) -> Path:
    """Where the installation keeps what is its own; the folder may not be there yet."""
    checkout = Path(__file__).parents[2]
    is_checkout = (checkout / "pyproject.toml").is_file() and (checkout / "templates").is_dir()
    usual = (checkout if is_checkout else cwd or Path.cwd()) / "instance"
    return Path(environ.get(f"{PREFIX}INSTANCE") or usual).absolute()


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    if "instance" in found:
        raise SettingsError(f"{path}: instance is set by {PREFIX}INSTANCE alone: the file lies in it")
    _require_known(found, [name for name in NAMES if name != "instance"], f"{path}: ")
    return {name: str(value) for name, value in found.items()}


def _require_known(names: Iterable[str], known: Sequence[str], where: str = "") -> None:
    """Refuse a name that would else be a setting nobody hears."""
    for name in sorted(set(names) - set(known)):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise SettingsError(f"{where}{name}: unknown setting; {hint}")


def _checked(values: Mapping[str, str], instance: Path) -> Settings:
    settings = Settings(
        database_url=_database_url(values.get("database_url", ""), instance),
        secret_key=values.get("secret_key") or _kept_secret(instance / SECRET_FILE),
        base_url=_base_url(values.get("base_url", Settings.base_url)),
        smtp_url=_smtp_url(values.get("smtp_url", "")),
        mail_from=_mail_from(values.get("mail_from", Settings.mail_from)),
        instance=instance,
        trusted_proxies=_whole_number("trusted_proxies", values.get("trusted_proxies", "0")),
        log_format=values.get("log_format", Settings.log_format),
    )
    if not settings.secret_key.strip():
        raise SettingsError("FORUMREG_SECRET_KEY: blank; take what this prints: openssl rand -base64 48")
    if settings.log_format not in {"text", "json"}:
        raise SettingsError("FORUMREG_LOG_FORMAT: text or json")
    return settings


def _base_url(url: str) -> str:
    """The address as browsers say it: scheme and host in lower-case ASCII, nothing after the port."""
    refused = SettingsError(
        "FORUMREG_BASE_URL: an address such as https://forum.example.org, with nothing after the host and port"
    )
    try:
        parts, port = urlsplit(url), port_of(url)
    except ValueError as error:
        raise refused from error
    host = ascii_domain(parts.hostname or "")
    is_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not is_host(host) or is_more:
        raise refused
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{port}" if port else f"{parts.scheme}://{shown}"


def _smtp_url(url: str) -> str:
    try:
        if url:
            mail_server.parsed(url)
    except ValueError as error:
        raise SettingsError(f"FORUMREG_SMTP_URL: {error}") from error
    return url


def _mail_from(text: str) -> str:
    """The sender, who is one: a comma in a name without quotes would make two, and no mail would leave."""
    found = getaddresses([text])
    if len(found) != 1 or not is_mailbox(found[0][1]):
        raise SettingsError('FORUMREG_MAIL_FROM: one address, such as forum@example.org or "Forum" <forum@example.org>')
    return text


def _whole_number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise SettingsError(f"{PREFIX}{name.upper()}: a whole number, 0 or more")
    return int(text)


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'forumreg.sqlite3'}"
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"sqlite", "postgres", "postgresql", "postgresql+psycopg"}:
        raise SettingsError("FORUMREG_DATABASE_URL: sqlite:///path or postgresql://…")
    return url if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _kept_secret(path: Path) -> str:
    """The secret in the file, which is made once, whole and with mode 0600, however many start at the same time."""
    if not path.exists():
        _make_secret(path)
    kept = path.read_bytes().strip()
    if not kept or not kept.isascii():
        told = "no secret in it; put the one of a backup there, or remove the file"
        raise SettingsError(f"{path}: {told}: a new one ends every link that was mailed")
    return kept.decode("ascii")


def _make_secret(path: Path) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):  # another was first
            os.link(file.name, path)
