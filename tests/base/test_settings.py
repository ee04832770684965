"""Settings: what cannot be used is refused in one line that names it and says what it takes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from forumreg.base.settings import SettingsError, load


def refusal(folder: Path, **environ: str) -> str:
    """The one line that refuses these settings; empty where they are taken."""
    try:
        load({"FORUMREG_INSTANCE": str(folder), **environ})
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "mail_from",
    [
        "no-reply@localhost",
        "forum@example.org",
        "Forum <forum@example.org>",
        '"Forum, Turin" <forum@example.org>',
        "Forum du développement <forum@exämple.org>",
    ],
)
def test_an_address_to_send_from_is_taken(tmp_path: Path, mail_from: str) -> None:
    assert refusal(tmp_path, FORUMREG_MAIL_FROM=mail_from) == ""


@pytest.mark.parametrize(
    "mail_from",
    [
        "forum",
        "forum@",
        "Forum forum@example.org",
        "Forum, Turin <forum@example.org>",
        "forum@example.org, office@example.org",
        "forum@example..org",
        "   ",
    ],
)
def test_what_no_mail_can_be_sent_from_is_refused(tmp_path: Path, mail_from: str) -> None:
    told = 'FORUMREG_MAIL_FROM: one address, such as forum@example.org or "Forum" <forum@example.org>'

    assert refusal(tmp_path, FORUMREG_MAIL_FROM=mail_from) == told


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.org:99999",
        "smtp://mail.example.org:0",
        "smtp://mail.example.org:smtp",
        "smtp://:587",
        "smtp://[bad",
        "smtp://mail server.example.org",
        "smtp://mail.example.org?tls=on",
        "smtps://mail.example.org?tls=off",
        "http://mail.example.org",
    ],
)
def test_a_mail_server_that_cannot_be_is_refused(tmp_path: Path, url: str) -> None:
    assert refusal(tmp_path, FORUMREG_SMTP_URL=url).startswith("FORUMREG_SMTP_URL: ")


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("https://forum.example.org/", "https://forum.example.org"),
        ("HTTPS://Forum.Example.ORG:8443", "https://forum.example.org:8443"),
        ("https://förum.example.org", "https://xn--frum-5qa.example.org"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address_people_type_is_kept_as_browsers_say_it(tmp_path: Path, given: str, taken: str) -> None:
    assert load({"FORUMREG_INSTANCE": str(tmp_path), "FORUMREG_BASE_URL": given}).base_url == taken


@pytest.mark.parametrize(
    "url",
    [
        "https://[bad",
        "https://forum.example.org:99999",
        "https://forum.example.org:0",
        "https://forum.example.org:http",
        "https://forum.example.org/?a=1",
        "https://forum.example.org/#top",
        "https://forum.example.org/forum",
        "https://user@forum.example.org",
        "https://forum_example.org",
        "https://[::1%25eth0]",
        "https://",
        "forum.example.org",
    ],
)
def test_an_address_that_no_browser_reaches_is_refused(tmp_path: Path, url: str) -> None:
    told = "FORUMREG_BASE_URL: an address such as https://forum.example.org, with nothing after the host and port"

    assert refusal(tmp_path, FORUMREG_BASE_URL=url) == told


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"FORUMREG_MAILFROM": "a@b.org"}, "FORUMREG_MAILFROM: unknown setting; did you mean FORUMREG_MAIL_FROM?"),
        ({"FORUMREG_BASE_ULR": ""}, "FORUMREG_BASE_ULR: unknown setting; did you mean FORUMREG_BASE_URL?"),
        (
            {"FORUMREG_COLOUR": "red"},
            "FORUMREG_COLOUR: unknown setting; known are FORUMREG_DATABASE_URL, FORUMREG_SECRET_KEY, FORUMREG_BASE_URL,"
            " FORUMREG_SMTP_URL, FORUMREG_MAIL_FROM, FORUMREG_INSTANCE, FORUMREG_TRUSTED_PROXIES, FORUMREG_LOG_FORMAT",
        ),
    ],
)
def test_a_name_that_is_no_setting_is_refused(tmp_path: Path, environ: Mapping[str, str], told: str) -> None:
    assert refusal(tmp_path, **environ) == told


def test_what_the_tests_are_told_is_nothing_to_the_program(tmp_path: Path) -> None:
    assert refusal(tmp_path, FORUMREG_REQUIRE="browser", FORUMREG_TEST_POSTGRES_URL="x", FORUMREG_SHARED="x") == ""


def test_the_file_cannot_say_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('instance = "elsewhere"\n', encoding="utf-8")

    assert refusal(tmp_path) == f"{file}: instance is set by FORUMREG_INSTANCE alone: the file lies in it"


def test_a_misspelt_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('base_ulr = "https://forum.example.org"\n', encoding="utf-8")

    assert refusal(tmp_path) == f"{file}: base_ulr: unknown setting; did you mean base_url?"


def test_a_secret_of_nothing_is_refused(tmp_path: Path) -> None:
    told = "FORUMREG_SECRET_KEY: blank; take what this prints: openssl rand -base64 48"

    assert refusal(tmp_path, FORUMREG_SECRET_KEY="  ") == told


@pytest.mark.parametrize("blob", [b"", b" \n", b"\xff\xfe\n"])
def test_a_secret_file_with_no_secret_is_refused(tmp_path: Path, blob: bytes) -> None:
    file = tmp_path / "secret-key"
    file.write_bytes(blob)

    told = (
        "no secret in it; put the one of a backup there, or remove the file: a new one ends every link that was mailed"
    )
    assert refusal(tmp_path) == f"{file}: {told}"
    assert file.read_bytes() == blob


def test_two_first_starts_have_one_secret(tmp_path: Path) -> None:
    ready, secrets = threading.Barrier(8), set()

    def start() -> None:
        ready.wait()
        secrets.add(load({"FORUMREG_INSTANCE": str(tmp_path)}).secret_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (secret,) = secrets
    assert (tmp_path / "secret-key").read_text(encoding="ascii").strip() == secret
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("secret-key", 0o600)]
