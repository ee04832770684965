"""The settings of an installation: the environment wins over ``instance/config.toml``."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from forumreg.base.references import Keys

PREFIX = "FORUMREG_"
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
        """The only host, with its port if it has one, that pages are served under."""
        return urlsplit(self.base_url).netloc

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
    unknown = sorted(set(found) - set(NAMES))
    if unknown:
        raise SettingsError(f"{path}: unknown setting {unknown[0]}; known are {', '.join(NAMES)}")
    return {name: str(value) for name, value in found.items()}


def _checked(values: Mapping[str, str], instance: Path) -> Settings:
    settings = Settings(
        database_url=_database_url(values.get("database_url", ""), instance),
        secret_key=values.get("secret_key") or _kept_secret(instance / SECRET_FILE),
        base_url=values.get("base_url", Settings.base_url).rstrip("/"),
        smtp_url=values.get("smtp_url", ""),
        mail_from=values.get("mail_from", Settings.mail_from),
        instance=instance,
        trusted_proxies=_whole_number("trusted_proxies", values.get("trusted_proxies", "0")),
        log_format=values.get("log_format", Settings.log_format),
    )
    if settings.log_format not in {"text", "json"}:
        raise SettingsError("FORUMREG_LOG_FORMAT: text or json")
    if urlsplit(settings.base_url).scheme not in {"http", "https"} or not settings.host:
        raise SettingsError("FORUMREG_BASE_URL: an address such as https://forum.example.org")
    if settings.smtp_url and urlsplit(settings.smtp_url).scheme not in {"smtp", "smtps"}:
        raise SettingsError("FORUMREG_SMTP_URL: smtp://user:password@host:587 or smtps://…")
    return settings


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
    """The secret in the file, made once with mode 0600."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret + "\n")
    return secret
