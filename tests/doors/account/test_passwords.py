from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from forumreg.tables.account import Account, StaffSession
from forumreg.tables.mail import Message
from forumreg.web.site import db
from tests.doors.account.browser import EMAIL, PASSWORD, Browser, acts, link_in, mail, mails, said
from tests.french import english_in

NEW = "three rivers and a bridge"
ALIKE = "If the address has an account, a mail with a link is on its way. The link works for an hour."


def ask(browser: Browser, email: str = EMAIL) -> list[str]:
    """Ask for a link; what the next page says."""
    browser.get("/account/reset")
    answer = browser.send("/account/reset", email=email)
    assert (answer.status_code, answer.location) == (303, "/account/reset")
    return said(browser.get(answer.location))


def test_a_new_password_by_a_mailed_link(app: Flask, browser: Browser) -> None:
    other = Browser(app, "198.51.100.1")
    other.sign_in()
    ask(browser)
    letter = mail(app)
    link = link_in(letter.payload["text"])

    opened = browser.get(link)
    page = browser.get(opened.location)
    answer = browser.send("/account/reset/new", password=NEW, password_confirm=NEW)

    assert (letter.message, letter.recipient, letter.payload["subject"]) == (
        Message.STAFF,
        EMAIL,
        "Your link for a new password",
    )
    assert link in letter.payload["html"]
    assert (opened.status_code, opened.location) == (303, "/account/reset/new")
    assert link.rpartition("/")[2] not in page.text
    assert (answer.status_code, answer.location) == (303, "/account/login")
    assert said(browser.get(answer.location)) == ["Your new password is set. Sign in with it."]
    assert not other.is_signed_in()
    assert browser.sign_in(password=PASSWORD).status_code == 422
    assert browser.sign_in(password=NEW).status_code == 303
    assert mail(app).payload["subject"] == "Your password was set anew"
    assert acts(app) == ["account_made", "signed_in", "password_reset", "signed_in"]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is started away from its checkout, where the sign-in library finds no catalogues by itself."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("elsewhere")
def test_an_installed_program_speaks_french_wherever_it_is_started(app: Flask, browser: Browser) -> None:
    browser.get("/account/reset?lang=fr")

    answer = browser.send("/account/reset", email=EMAIL)

    assert said(browser.get(answer.location))[0].startswith("Si un compte existe")
    assert mail(app).payload["subject"] == "Votre lien pour un nouveau mot de passe"


def test_who_asks_in_french_is_written_to_in_french(app: Flask, browser: Browser) -> None:
    browser.get("/account/reset?lang=fr")
    browser.send("/account/reset", email=EMAIL)
    browser.get(browser.get(link_in(mail(app).payload["text"])).location)
    browser.send("/account/reset/new", password=NEW, password_confirm=NEW)

    asked, was_set = mail(app, -2), mail(app)
    assert [asked.language, was_set.language] == ["fr", "fr"]
    assert [english_in(part) for each in (asked, was_set) for part in each.payload.values()] == [set()] * 6
    assert asked.payload["subject"] == "Votre lien pour un nouveau mot de passe"


def test_opening_the_link_changes_nothing_and_it_works_once(app: Flask, browser: Browser) -> None:
    ask(browser)
    link = link_in(mail(app).payload["text"])
    scanner = Browser(app, "203.0.113.9")
    scanner.get(scanner.get(link).location)
    browser.get(browser.get(link).location)
    browser.send("/account/reset/new", password=NEW, password_confirm=NEW)

    late = scanner.send("/account/reset/new", password="another long one", password_confirm="another long one")

    assert late.location == "/account/reset"
    assert said(scanner.get(late.location)) == ["The link was used already or is not complete. Ask for a new one."]
    assert browser.sign_in(password=NEW).status_code == 303


def test_a_link_with_another_token_is_refused(browser: Browser) -> None:
    answer = browser.get(browser.get("/account/reset/no-such-token").location)

    assert answer.location == "/account/reset"
    assert browser.get("/account/reset/new").location == "/account/reset"


def test_a_link_is_good_for_an_hour(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(browser)
    link = link_in(mail(app).payload["text"])
    monkeypatch.setitem(app.config, "SECURITY_RESET_PASSWORD_WITHIN", timedelta(seconds=-1))

    answer = browser.get(browser.get(link).location)

    assert said(browser.get(answer.location)) == ["The link is too old. Ask for a new one."]


def test_asking_tells_nothing_about_accounts(app: Flask, browser: Browser) -> None:
    answers = [ask(browser, email) for email in (EMAIL, "nobody@example.org", "not an address")]

    assert answers == [[ALIKE]] * 3
    assert mails(app) == 1


def test_asking_costs_the_same_work_for_unknown_addresses(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    security, work = app.extensions["security"], list[str]()
    real_render, real_hash = security.render_template, type(security.pwd_context).hash

    def render(template: str, **context: object) -> object:
        work.append(template)
        return real_render(template, **context)

    monkeypatch.setattr(security, "render_template", render)
    monkeypatch.setattr(
        type(security.pwd_context),
        "hash",
        lambda *args, **more: work.append("hash") or real_hash(*args, **more),
    )
    done = []
    for email in (EMAIL, "nobody@example.org"):
        browser.get("/account/reset")
        work.clear()
        browser.send("/account/reset", email=email)
        done.append(sorted(work))

    assert done[0] == done[1]
    assert done[0] == [
        "account/forgotten.html",
        "account/mail/reset.html",
        "account/mail/reset.txt",
        "hash",
        "hash",
    ]


def test_a_mailbox_is_not_flooded(app: Flask, browser: Browser) -> None:
    for _ in range(5):
        ask(browser)

    assert browser.send("/account/reset", email=EMAIL).status_code == 429
    assert mails(app) == 5


def test_the_token_reaches_no_log(app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("forumreg").propagate = True
    caplog.set_level(logging.DEBUG)
    ask(browser)
    token = link_in(mail(app).payload["text"]).rpartition("/")[2]

    opened = browser.get(f"/account/reset/{token}")
    page = browser.get(opened.location)
    browser.send("/account/reset/new", password="short", password_confirm="short")

    logged = [str({**record.__dict__, "message": record.getMessage()}) for record in caplog.records]
    assert not any(token in line for line in logged)
    assert opened.headers["Referrer-Policy"] == page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("too short", "too short", "Use at least 12 characters. Three or four words are easy to keep."),
        (EMAIL, EMAIL, "Your address is no secret. Choose something else."),
        (
            "password1234",
            "password1234",
            "This password is among the first that are guessed. Choose another.",
        ),
        (NEW, NEW + "s", "The two passwords differ. Type the new one twice."),
    ],
)
def test_a_poor_password_is_refused_in_words(
    app: Flask, browser: Browser, password: str, again: str, sentence: str
) -> None:
    ask(browser)
    browser.get(browser.get(link_in(mail(app).payload["text"])).location)

    answer = browser.send("/account/reset/new", password=password, password_confirm=again)

    assert (answer.status_code, said(answer)) == (422, [sentence])
    assert not re.search(r'type="password"[^>]*value=', answer.text)
    assert "<title>Error:" in answer.text


def test_changing_the_password_keeps_this_browser_and_signs_out_the_others(app: Flask, browser: Browser) -> None:
    other = Browser(app, "198.51.100.1")
    other.sign_in()
    browser.sign_in()
    browser.get("/account/change")

    wrong = browser.send("/account/change", password="wrong", new_password=NEW, new_password_confirm=NEW)
    answer = browser.send("/account/change", password=PASSWORD, new_password=NEW, new_password_confirm=NEW)

    assert (wrong.status_code, said(wrong)) == (422, ["This is not your present password."])
    assert (answer.status_code, answer.location) == (303, "/account/")
    assert browser.is_signed_in()
    assert not other.is_signed_in()
    assert mail(app).payload["subject"] == "Your password was changed"
    assert acts(app)[-1] == "password_changed"
    with app.app_context():
        assert sum(row.ended_at is None for row in db.session.query(StaffSession)) == 1


def test_the_present_password_is_guessed_slowly_too(browser: Browser) -> None:
    browser.sign_in()
    browser.get("/account/change")

    codes = [
        browser.send("/account/change", password=f"wrong {n}", new_password=NEW, new_password_confirm=NEW).status_code
        for n in range(6)
    ]

    assert codes == [422] * 5 + [429]


def test_an_account_made_without_a_password_gets_one_by_mail(app: Flask, browser: Browser) -> None:
    with app.app_context():
        db.session.execute(db.text("UPDATE account SET password = NULL"))
        db.session.commit()
    assert browser.sign_in().status_code == 422
    ask(browser)
    browser.get(browser.get(link_in(mail(app).payload["text"])).location)
    browser.send("/account/reset/new", password=NEW, password_confirm=NEW)

    assert browser.sign_in(password=NEW).status_code == 303


def test_a_new_password_ends_the_wait_that_somebody_elses_guesses_made(app: Flask, browser: Browser) -> None:
    mallory = Browser(app, "203.0.113.1")
    for number in range(5):
        mallory.sign_in(password=f"wrong password {number}")
    assert browser.sign_in().status_code == 429
    ask(browser)
    browser.get(browser.get(link_in(mail(app).payload["text"])).location)

    browser.send("/account/reset/new", password=NEW, password_confirm=NEW)

    assert browser.sign_in(password=NEW).status_code == 303


def test_a_link_never_takes_its_host_from_the_request(app: Flask, browser: Browser) -> None:
    browser.environ["HTTP_HOST"] = "localhost"
    ask(browser)

    assert mail(app).payload["text"].count("http://127.0.0.1:8000/") == 1
    assert "http://localhost" not in mail(app).payload["text"]


def test_a_hash_of_the_command_line_is_taken_as_it_is(app: Flask, browser: Browser) -> None:
    with app.app_context():
        before = db.session.query(Account.password).one()
        db.session.remove()

    browser.sign_in()

    with app.app_context():
        assert db.session.query(Account.password).one() == before


def test_the_worker_is_told_of_a_mail_for_known_and_for_unknown_addresses(app: Flask, browser: Browser) -> None:
    rung: list[str] = []
    app.extensions["forumreg"].ring = lambda: rung.append("")

    counts = []
    for email in (EMAIL, "nobody@example.org"):
        browser.get("/account/reset")
        browser.send("/account/reset", email=email)
        counts.append(len(rung))

    assert counts == [1, 2]
