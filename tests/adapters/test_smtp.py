"""Mails on the wire, to a real server: encrypted with a checked certificate, in time, with clean headers."""

from __future__ import annotations

import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forumreg.adapters.smtp import (
    Draft,
    ForGood,
    Later,
    Picture,
    carrier,
    greet,
    read_kept,
    sender_of,
    server_of,
)
from forumreg.adapters.smtp import connection as connections
from forumreg.adapters.smtp.draft import Letter
from forumreg.base.folding import clean_line
from forumreg.base.settings import Settings, SettingsError
from tests.mail_server import Authority, Mailbox, a_mail_server, a_speaking_server, an_authority

pytestmark = pytest.mark.smtp
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nSUMMARY:D\xc3\xa9jeuner\r\nEND:VCALENDAR\r\n"


def a_draft(**changes: Any) -> Draft:
    draft = Draft(
        message_id="0123456789abcdef@forum.example.org",
        subject="You are registered: Forum on Examples",
        sender=("Forum on Examples", "no-reply@forum.example.org"),
        recipient="amina@example.org",
        text="You are registered, Amina\n",
        html='<p>You are registered, Amina</p><img src="cid:code@forum.example.org" alt="TUR-7K3M-9QXA">',
        reply_to="forum@example.org",
        language="en",
        pictures=(Picture("code@forum.example.org", "TUR-7K3M-9QXA.png", b"\x89PNG\r\n\x1a\n\x00"),),
        calendar=CALENDAR,
    )
    return replace(draft, **changes)


def settings_with(smtp_url: str, folder: Path = Path("instance")) -> Settings:
    return Settings(database_url="sqlite://", secret_key="of a test", smtp_url=smtp_url, instance=folder)


def send(smtp_url: str, *drafts: Draft) -> None:
    carries = carrier(settings_with(smtp_url))
    try:
        for number, draft in enumerate(drafts or [a_draft()]):
            carries.carry(number, f"mail {number}", draft)
    finally:
        carries.rest()


@pytest.fixture
def plain() -> Iterator[Mailbox]:
    with a_mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return an_authority(tmp_path)


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STEP_S", 0.3)
    monkeypatch.setattr(connections, "WHOLE_S", 1.0)


def test_a_mail_arrives_whole(plain: Mailbox) -> None:
    send(f"smtp://127.0.0.1:{plain.port}?tls=off")

    [received] = plain.received
    mail = received.mail
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    parts = [(part.get_content_type(), part.get_filename()) for part in leaves]
    assert (received.sender, received.recipients) == ("no-reply@forum.example.org", ["amina@example.org"])
    assert {name: str(mail[name]) for name in ("From", "To", "Subject", "Message-ID", "Reply-To")} == {
        "From": "Forum on Examples <no-reply@forum.example.org>",
        "To": "amina@example.org",
        "Subject": "You are registered: Forum on Examples",
        "Message-ID": "<0123456789abcdef@forum.example.org>",
        "Reply-To": "forum@example.org",
    }
    assert (str(mail["Auto-Submitted"]), str(mail["Content-Language"])) == ("auto-generated", "en")
    assert abs(mail["Date"].datetime.timestamp() - time.time()) < 60
    assert parts == [
        ("text/plain", None),
        ("text/html", None),
        ("image/png", "TUR-7K3M-9QXA.png"),
        ("text/calendar", "calendar.ics"),
    ]


def test_the_picture_lies_beside_its_html_and_the_calendar_names_its_method(plain: Mailbox) -> None:
    send(f"smtp://127.0.0.1:{plain.port}?tls=off", a_draft(calendar_method="CANCEL"))

    mail = plain.received[0].mail
    related = next(part for part in mail.walk() if part.get_content_type() == "multipart/related")
    file = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert [part["Content-ID"] for part in related.iter_parts()] == [None, "<code@forum.example.org>"]
    assert (file.get_param("method"), file.get_payload(decode=True)) == ("CANCEL", CALENDAR)


def test_every_octet_on_the_wire_is_seven_bits_in_short_lines(plain: Mailbox) -> None:
    words = "Développement économique local. منتدى. " * 60
    draft = a_draft(text=words, html=f"<p>{words}</p>", subject=words[:300])

    send(f"smtp://127.0.0.1:{plain.port}?tls=off", draft)

    content = plain.received[0].content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78  # RFC 5322, 2.1.1


def test_an_address_stands_on_the_last_line_of_its_name_where_it_fits() -> None:
    draft = a_draft(sender=sender_of("no-reply@forum.example.org", "Troisième Forum du développement économique local"))

    head = Letter(draft).as_bytes().partition(b"\r\n\r\n")[0].replace(b"\r\n ", b"\n ")
    found = next(line for line in head.split(b"\r\n") if line.startswith(b"From: ")).split(b"\n")

    assert len(found) == 2
    assert found[1].startswith(b" =?utf-8?q?")
    assert found[1].endswith(b"?= <no-reply@forum.example.org>")


@pytest.mark.parametrize(
    ("mail_from", "title", "name"),
    [
        ('"Forum, Turin" <desk@example.org>', "Third Forum", "Third Forum"),
        ('"Forum, Turin" <desk@example.org>', "", "Forum, Turin"),
        ("desk@example.org", "", "Your staff account"),
    ],
)
def test_a_mail_bears_the_events_title_else_the_name_that_was_set(mail_from: str, title: str, name: str) -> None:
    assert sender_of(mail_from, title, otherwise="Your staff account") == (name, "desk@example.org")


@pytest.mark.parametrize("value", ["a@b\r\nBcc: x@y.example", "a\r\n", "a\n", "a\rb", "a\r\n \r\nb", "a\r\n "])
def test_a_header_that_would_end_early_is_not_written(value: str) -> None:
    mail = Letter(a_draft())._message()

    with pytest.raises(ValueError, match="line break"):
        mail["X-Own"] = value


def test_many_mails_share_a_connection(plain: Mailbox) -> None:
    send(f"smtp://127.0.0.1:{plain.port}?tls=off", *[a_draft() for _ in range(5)])

    assert (plain.sessions, len(plain.received)) == (1, 5)


def test_a_connection_is_renewed_after_some_mails(plain: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAILS_A_CONNECTION", 2)

    send(f"smtp://127.0.0.1:{plain.port}?tls=off", *[a_draft() for _ in range(5)])

    assert (plain.sessions, len(plain.received)) == (3, 5)


def test_a_server_that_left_is_called_again(plain: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_CHECK_S", 0.0)
    carries = carrier(settings_with(f"smtp://127.0.0.1:{plain.port}?tls=off"))
    carries.carry(1, "one", a_draft())
    carries.connection.host.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]  # as a server that times out

    carries.carry(2, "two", a_draft())
    carries.rest()

    assert len(plain.received) == 2


def test_starttls_with_a_trusted_certificate(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with a_mail_server(context=authority.context, require_starttls=True) as mailbox:
        send(f"smtp://localhost:{mailbox.port}")

        assert len(mailbox.received) == 1


def test_smtps_with_a_trusted_certificate(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with a_mail_server(context=authority.context, smtps=True) as mailbox:
        send(f"smtps://localhost:{mailbox.port}")

        assert len(mailbox.received) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_untrusted_certificate_gets_no_mail(authority: Authority, scheme: str) -> None:
    with a_mail_server(context=authority.context, smtps=scheme == "smtps") as mailbox:
        with pytest.raises(Later, match="certificate was not accepted"):
            send(f"{scheme}://localhost:{mailbox.port}")

        assert mailbox.received == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_for_another_host_gets_no_mail(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = an_authority(tmp_path, name="mail.example.net")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.ca_file))
    with a_mail_server(context=other.context, smtps=scheme == "smtps") as mailbox:
        with pytest.raises(Later, match="certificate was not accepted"):
            send(f"{scheme}://localhost:{mailbox.port}")

        assert mailbox.received == []


def test_a_server_without_starttls_gets_no_mail(plain: Mailbox) -> None:
    with pytest.raises(Later, match="STARTTLS"):
        send(f"smtp://127.0.0.1:{plain.port}")

    assert plain.received == []


@pytest.mark.usefixtures("in_a_hurry")
def test_a_silent_server_is_left_in_time() -> None:
    with a_speaking_server(lambda _connection: time.sleep(3)) as port:
        started = time.monotonic()
        with pytest.raises(Later, match="did not answer in time"):
            send(f"smtp://127.0.0.1:{port}?tls=off")

    assert time.monotonic() - started < 6


@pytest.mark.usefixtures("in_a_hurry")
def test_a_server_that_never_comes_to_the_point_is_left_in_time() -> None:
    def greet_for_ever(connection: socket.socket) -> None:
        with suppress(OSError):
            for _ in range(60):
                connection.sendall(b"220-still greeting\r\n")
                time.sleep(0.1)

    with a_speaking_server(greet_for_ever) as port:
        started = time.monotonic()
        with pytest.raises(Later, match="did not answer in time"):
            send(f"smtp://127.0.0.1:{port}?tls=off")
        took_s = time.monotonic() - started

    assert took_s < 3


def test_nobody_there_is_for_later() -> None:
    with pytest.raises(Later, match="could not be reached"):
        send("smtp://127.0.0.1:1?tls=off")


@pytest.mark.parametrize(
    ("at_recipient", "at_data", "failure", "words"),
    [
        ("450 try again", "", Later, "450 try again"),
        ("550 no such user", "", ForGood, "550 no such user"),
        ("", "451 busy", Later, "451 busy"),
        ("", "554 not wanted", ForGood, "554 not wanted"),
        ("421 closing", "", Later, "421 closing"),
    ],
)
def test_what_a_server_refuses_is_sorted(
    plain: Mailbox, at_recipient: str, at_data: str, failure: type[Exception], words: str
) -> None:
    plain.at_recipient, plain.at_data = at_recipient, at_data

    with pytest.raises(failure, match=words):
        send(f"smtp://127.0.0.1:{plain.port}?tls=off")


def test_a_refused_recipient_does_not_spoil_the_connection(plain: Mailbox) -> None:
    carries = carrier(settings_with(f"smtp://127.0.0.1:{plain.port}?tls=off"))
    plain.at_recipient = "550 no such user"
    with pytest.raises(ForGood):
        carries.carry(1, "one", a_draft())
    plain.at_recipient = ""

    carries.carry(2, "two", a_draft())
    carries.rest()

    assert (plain.sessions, len(plain.received)) == (1, 1)


def test_a_password_that_is_not_accepted_is_for_later(plain: Mailbox) -> None:
    with pytest.raises(Later):
        send(f"smtp://somebody:wrong@127.0.0.1:{plain.port}?tls=off")


@pytest.mark.parametrize("recipient", ["用户@example.org", "büro@exämple.org"])
def test_letters_before_the_at_need_a_server_that_knows_them(plain: Mailbox, recipient: str) -> None:
    local, _, domain = recipient.partition("@")
    on_the_wire = f"{local}@{domain.encode('idna').decode()}"

    send(f"smtp://127.0.0.1:{plain.port}?tls=off", a_draft(recipient=recipient))

    [received] = plain.received
    assert (received.recipients, "SMTPUTF8" in received.options) == ([on_the_wire], True)
    assert f"To: {on_the_wire}".encode() in received.content


def test_letters_before_the_at_are_refused_where_the_server_does_not_know_them() -> None:
    with a_mail_server(enable_SMTPUTF8=False) as mailbox:
        with pytest.raises(ForGood, match="SMTPUTF8"):
            send(f"smtp://127.0.0.1:{mailbox.port}?tls=off", a_draft(recipient="用户@example.org"))
        send(f"smtp://127.0.0.1:{mailbox.port}?tls=off", a_draft(reply_to="büro@example.org"))

        assert [received.mail["Reply-To"] for received in mailbox.received] == [None]


def test_a_domain_travels_in_ascii(plain: Mailbox) -> None:
    send(f"smtp://127.0.0.1:{plain.port}?tls=off", a_draft(recipient='"odd one"@exämple.org'))

    [received] = plain.received
    assert (received.recipients, "SMTPUTF8" in received.options) == (['"odd one"@xn--exmple-cua.org'], False)


@pytest.mark.parametrize("recipient", ["b@y.example, c@y.example", "nobody", "a@b\r\nBcc: x@y.example", "a@-x-"])
def test_what_is_no_address_is_refused_for_good(plain: Mailbox, recipient: str) -> None:
    with pytest.raises(ForGood, match="No mail can be sent"):
        send(f"smtp://127.0.0.1:{plain.port}?tls=off", a_draft(recipient=recipient))

    assert plain.received == []


WORDS = st.text(max_size=200) | st.text(alphabet='\r\n\0\t ,;:<>@"\\()[]=?éx日\u202e\u200b', max_size=80)


@hypothesis_settings(max_examples=150, deadline=None)
@given(title=WORDS, name=WORDS)
@example(title="0000000¡¡¡¡ࠀשׁ𐀀𐀀𐀀𐀀𐀀 ¡ ¡", name="")
def test_no_title_and_no_name_steers_a_header(title: str, name: str) -> None:
    draft = a_draft(subject=title, sender=sender_of("Desk <desk@example.org>", name))

    mail = message_from_bytes(Letter(draft).as_bytes(), policy=policy.default)

    assert sorted(mail.keys()) == sorted(
        ["MIME-Version", "Content-Type", "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
         "X-Auto-Response-Suppress", "Content-Language", "Reply-To"]
    )  # fmt: skip
    assert [address.addr_spec for address in mail["From"].addresses] == ["desk@example.org"]
    assert str(mail["Subject"]).split() == clean_line(title).split()
    # Python's own reader leaves a space between two encoded words of a name, which RFC 2047, 6.2 takes out.
    shown = mail["From"].addresses[0].display_name.replace(" ", "")
    assert shown == (clean_line(name) or "Desk").replace(" ", "")


def test_without_a_server_mails_are_kept_for_their_reader(tmp_path: Path) -> None:
    settings = settings_with("", tmp_path)
    recipient = "用户@example.org"

    for _ in range(2):
        carrier(settings).carry(17, "TUR-2345-6723, confirmed, 1", a_draft(recipient=recipient))

    [path] = settings.mail_folder.iterdir()
    kept = read_kept(settings, 17)
    assert path.name == "00000017-tur-2345-6723-confirmed-1.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept is not None
    assert (kept.subject, kept.recipient, kept.text) == (
        "You are registered: Forum on Examples", recipient, "You are registered, Amina\n",
    )  # fmt: skip
    assert [(part.name, part.content_type, part.cid) for part in kept.attachments] == [
        ("TUR-7K3M-9QXA.png", "image/png", "code@forum.example.org"),
        ("calendar.ics", "text/calendar", ""),
    ]
    assert read_kept(settings, 18) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_full_or_closed_folder_is_for_later(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(Later):
        carrier(settings_with("", tmp_path)).carry(1, "one", a_draft())


@pytest.mark.parametrize(
    ("url", "host", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, True, False),
        ("smtps://mail.example.org", "mail.example.org", 465, False, True),
        ("smtp://mail.example.org?tls=off", "mail.example.org", 25, False, False),
        ("smtp://127.0.0.1:2525?tls=off", "127.0.0.1", 2525, False, False),
        ("smtp://[::1]:2525", "::1", 2525, True, False),
    ],
)
def test_an_address_of_a_server_is_read(url: str, host: str, port: int, starttls: bool, tls: bool) -> None:
    server = server_of(settings_with(url))

    assert server is not None
    assert (server.host, server.port, server.starttls, server.tls) == (host, port, starttls, tls)


def test_a_password_may_hold_any_sign_and_is_never_shown() -> None:
    server = server_of(settings_with("smtp://some%40body:p%2Fw%3A@mail.example.org"))

    assert server is not None
    assert (server.user, server.password) == ("some@body", "p/w:")
    assert "p/w:" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://",
        "smtp://mail.example.org?tls=maybe",
        "smtp://mail.example.org?verify=off",
        "smtps://mail.example.org?tls=off",
        "smtp://mail.example.org:99999",
        "smtp://a:b@mail.example.org?tls=off",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="FORUMREG_SMTP_URL"):
        server_of(settings_with(url))


def test_an_operator_is_told_what_stands_in_the_way(plain: Mailbox) -> None:
    reachable = server_of(settings_with(f"smtp://127.0.0.1:{plain.port}?tls=off"))
    closed = server_of(settings_with(f"smtp://127.0.0.1:{plain.port}"))
    assert reachable is not None
    assert closed is not None

    greet(reachable)

    with pytest.raises(Later, match="STARTTLS"):
        greet(closed)
