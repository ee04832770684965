"""The mails of an event as organizers read them."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, update

from forumreg.adapters.smtp import Draft, Picture
from forumreg.adapters.smtp.keeping import file_name, keep
from forumreg.tables.mail import MailStatus, OutboxMessage
from forumreg.web.site import NAME
from tests.builders import an_event
from tests.doors.organizer.conftest import Browser, Office
from tests.statements import statements

PICTURE = b"\x89PNG of a test"
MESSAGES = "/organize/forum/messages"


def kept(office: Office, **facts: object) -> int:
    """A mail of the outbox that was kept as a file; the answer is its number."""
    office.register(email="awa@example.org")
    row = office.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert row is not None
    draft = Draft(
        **{
            "message_id": "1@example.org",
            "subject": "You are registered",
            "sender": ("Forum", "no-reply@example.org"),
            "recipient": row.recipient,
            "text": "Welcome\n\nYour link: http://127.0.0.1:8000/r/abc/",
            "html": '<p>Welcome</p><img src="cid:code@example.org">',
            "pictures": (Picture("code@example.org", "code.png", PICTURE),),
            "calendar": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
            **facts,
        }  # type: ignore[arg-type]
    )
    keep(office.app.extensions[NAME].settings.mail_folder, file_name(row.id, row.key), draft)
    return row.id


def rows(page: str) -> list[tuple[str, str, str]]:
    """To whom, what and in which state, latest first."""
    found = re.findall(
        r"<bdi>([^<]*)</bdi></a></th>\s*<td>([^<]*)</td>\s*<td><span class=\"pill\"[^>]*>([^<]*)</span>", page
    )
    return [(unescape(to), what, state) for to, what, state in found]


def test_every_mail_stands_in_the_list_the_latest_first(office: Office, organizer: Browser) -> None:
    office.register(email="first@example.org")
    office.register(email="second@example.org", category="press")

    page = organizer.get(MESSAGES)

    assert page.status_code == 200
    assert rows(page.text) == [
        ("second@example.org", "Registration received", "Queued"),
        ("first@example.org", "Registration confirmed", "Queued"),
    ]


@pytest.mark.parametrize(
    ("asked", "found"), [("sent", ["b@example.org"]), ("queued", ["a@example.org"]), ("refused", []), ("<b>", [])]
)
def test_the_list_is_filtered_by_state(office: Office, organizer: Browser, asked: str, found: list[str]) -> None:
    office.register(email="a@example.org")
    office.register(email="b@example.org")
    sent = update(OutboxMessage).where(OutboxMessage.recipient == "b@example.org").values(status=MailStatus.SENT)
    office.session.execute(sent)
    office.session.commit()

    page = organizer.get(f"{MESSAGES}?status={asked}").text

    assert [to for to, _what, _state in rows(page)] == found


@pytest.mark.parametrize(("error", "state"), [("", "Queued"), ("421 Later", "To be tried again")])
def test_a_mail_on_its_way_is_not_called_one_that_failed(
    office: Office, organizer: Browser, error: str, state: str
) -> None:
    office.register(email="a@example.org")
    office.session.execute(update(OutboxMessage).values(attempts=1, last_error=error))
    office.session.commit()

    assert [each for _to, _what, each in rows(organizer.get(MESSAGES).text)] == [state]


def test_pages_of_mails_follow_each_other(office: Office, organizer: Browser) -> None:
    for number in range(51):
        office.register(email=f"p{number}@example.org")

    first = organizer.get(MESSAGES).text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = organizer.get(unescape(older[1])).text

    assert (len(rows(first)), rows(second)) == (50, [("p0@example.org", "Registration confirmed", "Queued")])
    assert 'rel="next"' not in second


def test_the_list_costs_the_same_for_one_mail_and_for_thirty(office: Office, organizer: Browser) -> None:
    office.register()
    with office.app.app_context():
        engine = office.app.extensions["sqlalchemy"].engine
    organizer.get(MESSAGES)
    with statements(engine) as of_one:
        organizer.get(MESSAGES)
    for _number in range(29):
        office.register()

    with statements(engine) as of_thirty:
        organizer.get(MESSAGES)

    assert len(of_one) == len(of_thirty)


def test_the_page_says_when_no_mail_leaves_the_server(app: Flask, organizer: Browser) -> None:
    without_server = organizer.get(MESSAGES).text
    site = app.extensions[NAME]
    site.settings = replace(site.settings, smtp_url="smtp://mail.example.org")
    with_server = organizer.get(MESSAGES).text

    sentence = "No mail server is set, so no mail leaves this server."
    assert (sentence in without_server, sentence in with_server) == (True, False)


def test_a_kept_mail_is_read_on_its_page(office: Office, organizer: Browser) -> None:
    number = kept(office)

    page = organizer.get(f"{MESSAGES}/{number}")

    assert page.status_code == 200
    assert "<h1><bdi>You are registered</bdi></h1>" in page.text
    assert 'href="http://127.0.0.1:8000/r/abc/"' in page.text
    assert re.findall(r"<bdi>(calendar\.ics)</bdi>", page.text) == ["calendar.ics"]
    assert f'<iframe class="framed" sandbox src="{MESSAGES}/{number}/html"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]


def test_the_html_of_a_mail_can_do_nothing_in_its_frame(office: Office, organizer: Browser) -> None:
    number = kept(office, html='<script>alert(1)</script><img src="cid:code@example.org">')

    frame = organizer.get(f"{MESSAGES}/{number}/html")

    policy = frame.headers["Content-Security-Policy"].split("; ")
    assert policy[:2] == ["sandbox", "default-src 'none'"]
    assert [part for part in policy if "script" in part or "allow" in part] == []
    assert "frame-ancestors 'self'" in policy
    assert f'<img src="data:image/png;base64,{b64encode(PICTURE).decode()}">' in frame.text


def test_a_mail_that_was_not_kept_says_so(office: Office, organizer: Browser) -> None:
    office.register()
    number = office.session.scalars(select(OutboxMessage.id)).one()

    page = organizer.get(f"{MESSAGES}/{number}")
    frame = organizer.get(f"{MESSAGES}/{number}/html")

    assert "Its words are written when it is sent" in page.text
    assert (page.status_code, frame.status_code) == (200, 404)


def test_a_mail_whose_file_is_gone_is_not_laid_to_a_mail_server(office: Office, organizer: Browser, app: Flask) -> None:
    office.register()
    office.session.execute(update(OutboxMessage).values(status=MailStatus.SENT))
    office.session.commit()
    number = office.session.scalars(select(OutboxMessage.id)).one()
    site = app.extensions[NAME]

    without_server = organizer.get(f"{MESSAGES}/{number}").text
    site.settings = replace(site.settings, smtp_url="smtp://mail.example.org")
    with_server = organizer.get(f"{MESSAGES}/{number}").text

    sentences = ("The file that it was kept in is not there any more.", "The mail server took it.")
    assert [sentence in without_server for sentence in sentences] == [True, False]
    assert [sentence in with_server for sentence in sentences] == [False, True]


def test_a_subject_that_is_code_is_only_shown(office: Office, organizer: Browser) -> None:
    number = kept(office, subject="<script>alert(1)</script>", text="<script>alert(2)</script>")

    assert "<script>alert" not in organizer.get(f"{MESSAGES}/{number}").text


def test_a_refused_mail_is_tried_again(office: Office, organizer: Browser) -> None:
    office.register()
    office.session.execute(update(OutboxMessage).values(status=MailStatus.REFUSED, last_error="550 Unknown user"))
    office.session.commit()
    number = office.session.scalars(select(OutboxMessage.id)).one()

    shown = organizer.get(f"{MESSAGES}/{number}").text
    answer = organizer.press(f"{MESSAGES}/{number}", f"{MESSAGES}/{number}/retry")

    assert "550 Unknown user" in shown
    assert (answer.status_code, answer.location) == (303, f"{MESSAGES}/{number}")
    assert rows(organizer.get(MESSAGES).text)[0][2] == "Queued"
    assert office.acts() == ["submitted", "mail_retried"]


def test_a_mail_on_its_way_is_not_sent_twice(office: Office, organizer: Browser) -> None:
    office.register()
    number = office.session.scalars(select(OutboxMessage.id)).one()

    answer = organizer.send(f"{MESSAGES}/{number}/retry")

    assert answer.status_code == 303
    assert office.acts() == ["submitted"]


def test_a_mail_of_another_event_is_not_found(office: Office, organizer: Browser) -> None:
    an_event(office.session, "elsewhere")
    number = kept(office)
    office.session.execute(update(OutboxMessage).values(event_id=office.event.id + 1))
    office.session.commit()

    codes = [organizer.get(f"{MESSAGES}/{number}{part}").status_code for part in ("", "/html")]

    assert (codes, organizer.send(f"{MESSAGES}/{number}/retry").status_code) == ([404, 404], 404)
