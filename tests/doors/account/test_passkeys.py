from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from forumreg.adapters.passwords import hash_password
from forumreg.adapters.sign_in.passkeys import are_possible, host_of, origin_of
from forumreg.app import create_app
from forumreg.rules import account as accounts
from forumreg.rules.access import Shell
from forumreg.tables.account import Account, Passkey
from forumreg.web import limits
from forumreg.web.site import db
from tests.conftest import settings_for
from tests.doors.account.authenticator import ORIGIN, Device, Question, other
from tests.doors.account.browser import EMAIL, PASSWORD, Browser, acts, code_after, mail, mails
from tests.doors.account.browser import said as all_said
from tests.doors.account.test_second_factor import recovery_codes, set_up, sign_out

REFUSED = "The passkey’s answer does not fit our question. Try again."
MALLORY = "mallory@example.org"


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application under a name for which browsers make passkeys."""
    limits.forget_all()
    settings = settings_for(sqlite_url, tmp_path)
    made = create_app(type(settings)(**{**vars(settings), "base_url": ORIGIN}))
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser of somebody who has an account."""
    return somebody(app, EMAIL)


def somebody(app: Flask, email: str) -> Browser:
    """Make an account, open a browser."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
        accounts.create(db.session(), Shell(), email, password_hash=hashed, now=datetime.now(UTC))
        db.session.remove()
    return Browser(app)


def asked_for_new(browser: Browser, name: str = "My phone") -> Question:
    """Start to add a passkey; what the browser is asked."""
    browser.get("/account/wan-register")
    return Question.on(browser.send("/account/wan-register", name=name, usage="first").text)


def said(response: TestResponse) -> list[str]:
    """The sentences of a page, without what stands there for browsers without scripts."""
    return [each for each in all_said(response) if not each.startswith("Passkeys need JavaScript")]


def add(browser: Browser, name: str = "My phone") -> Device:
    """Add a passkey."""
    device, question = Device(), asked_for_new(browser, name)
    answer = browser.send(question.url, credential=device.create(question))
    assert (answer.status_code, answer.location) == (303, "/account/")
    return device


def with_passkey(browser: Browser) -> Device:
    """Add a passkey, sign out."""
    browser.sign_in()
    device = add(browser)
    sign_out(browser)
    return device


def asked(browser: Browser) -> Question:
    """Press "Sign in with a passkey"; what the browser is asked."""
    browser.get("/account/login")
    return Question.on(browser.send("/account/wan-signin").text)


def test_from_adding_to_signing_in_to_removing(app: Flask, browser: Browser) -> None:
    device = with_passkey(browser)
    question = asked(browser)
    answer = browser.send(question.url, credential=device.sign(question))
    assert (answer.status_code, answer.location) == (303, "/account/start")
    page = browser.get("/account/").text
    assert "My phone" in page
    assert "Not used yet" not in page

    answer = browser.send("/account/wan-delete", name="My phone")

    assert (answer.status_code, answer.location) == (303, "/account/")
    assert "The passkey is removed. You may delete it on your device too." in said(browser.get("/account/"))
    assert browser.is_signed_in()
    assert mails(app) == 2
    assert (mail(app, 0).recipient, mail(app, 1).recipient) == (EMAIL, EMAIL)
    assert "“My phone” was added to your account at http://localhost:8000" in mail(app, 0).payload["text"]
    assert "“My phone” was removed" in mail(app, 1).payload["text"]
    assert acts(app) == [
        "account_made", "signed_in", "passkey_added", "signed_out", "signed_in", "passkey_removed"
    ]  # fmt: skip


def test_the_device_is_asked_under_the_base_url_s_name_and_looks_who_holds_it(browser: Browser) -> None:
    browser.sign_in()
    new = asked_for_new(browser).options
    sign_out(browser)
    present = asked(browser).options

    assert new["rp"] == {"name": "forumreg localhost:8000", "id": "localhost"}
    assert new["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (present["rpId"], present["userVerification"], present["allowCredentials"]) == ("localhost", "required", [])


def test_after_the_password_the_passkey_is_asked_for(browser: Browser) -> None:
    device = with_passkey(browser)

    answer = browser.sign_in(next="/account/")
    assert answer.location == "/account/wan-signin?next=/account/"
    assert not browser.is_signed_in()
    page = browser.get(answer.location)
    question = Question.on(browser.send("/account/wan-signin?next=/account/", next="/account/").text)
    assert [each["id"] for each in question.options["allowCredentials"]]  # type: ignore[attr-defined]
    answer = browser.send(question.url, credential=device.sign(question), next="/account/")

    assert "Your password is right. Now show your passkey." in page.text
    assert (answer.status_code, answer.location) == (303, "/account/")
    assert browser.is_signed_in()


def test_who_has_an_app_and_a_passkey_chooses(browser: Browser) -> None:
    key = set_up(browser)
    device = add(browser)
    sign_out(browser)
    assert browser.sign_in().location.startswith("/account/tf-select")
    browser.get("/account/tf-select")
    assert browser.send("/account/tf-select", which="webauthn").location.startswith("/account/wan-signin")
    assert 'href="/account/tf-select"' in browser.get("/account/wan-signin").text
    assert browser.send("/account/tf-select", which="authenticator").location.startswith("/account/tf-validate")
    browser.send("/account/tf-validate", code=code_after(key, 1))
    assert browser.is_signed_in()
    sign_out(browser)

    question = asked(browser)
    browser.send(question.url, credential=device.sign(question))

    assert browser.is_signed_in()


def test_a_recovery_code_stands_in_for_the_passkey(browser: Browser) -> None:
    browser.sign_in()
    add(browser)
    codes = recovery_codes(browser)
    sign_out(browser)
    browser.sign_in()
    browser.get("/account/mf-recovery")

    browser.send("/account/mf-recovery", code=codes[0])

    assert browser.is_signed_in()


def _wrong_challenge(device: Device, question: Question) -> str:
    return device.sign(question, challenge=other(question.options["challenge"]))


def _other_origin(device: Device, question: Question) -> str:
    device.origin = "http://localhost.evil.example:8000"
    return device.sign(question)


def _other_name(device: Device, question: Question) -> str:
    device.host = "evil.example"
    return device.sign(question)


def _nobody_looked(device: Device, question: Question) -> str:
    device.verifies = False
    return device.sign(question)


def _other_key(device: Device, question: Question) -> str:
    return Device(id=device.id, handle=device.handle).sign(question)


@pytest.mark.parametrize("lie", [_wrong_challenge, _other_origin, _other_name, _nobody_looked, _other_key])
def test_an_answer_that_does_not_fit_signs_nobody_in(browser: Browser, lie: Callable[[Device, Question], str]) -> None:
    device = with_passkey(browser)
    question = asked(browser)

    answer = browser.send(question.url, credential=lie(device, question))

    assert answer.location == "/account/wan-signin"
    assert said(browser.get(answer.location)) == [REFUSED]
    assert not browser.is_signed_in()


def test_an_answer_is_taken_once_even_of_a_device_that_does_not_count(app: Flask, browser: Browser) -> None:
    device = with_passkey(browser)
    question = asked(browser)
    credential = device.sign(question)
    browser.send(question.url, credential=credential)
    assert browser.is_signed_in()
    thief = Browser(app)
    thief.get("/account/login")

    answer = thief.send(question.url, credential=credential)

    assert said(thief.get(answer.location)) == ["This answer of the passkey was used already. Try again."]
    assert not thief.is_signed_in()


def test_a_device_whose_count_goes_back_was_copied(app: Flask, browser: Browser) -> None:
    device = with_passkey(browser)
    device.count = 7
    question = asked(browser)
    browser.send(question.url, credential=device.sign(question))
    sign_out(browser)
    device.count = 7
    question = asked(browser)

    answer = browser.send(question.url, credential=device.sign(question))

    assert said(browser.get(answer.location)) == [REFUSED]
    with app.app_context():
        assert db.session.query(Passkey).one().sign_count == 7


def test_a_passkey_that_was_removed_signs_nobody_in(browser: Browser) -> None:
    browser.sign_in()
    device = add(browser)
    browser.get("/account/")
    browser.send("/account/wan-delete", name="My phone")
    sign_out(browser)
    question = asked(browser)

    answer = browser.send(question.url, credential=device.sign(question))

    assert said(browser.get(answer.location)) == ["We do not know this passkey. Use another one, or your password."]
    assert browser.sign_in().location == "/account/start"


def test_an_inactive_account_has_no_passkeys(app: Flask, browser: Browser) -> None:
    device = with_passkey(browser)
    with app.app_context():
        db.session.execute(db.text("UPDATE account SET active = false"))
        db.session.commit()
    question = asked(browser)

    answer = browser.send(question.url, credential=device.sign(question))

    assert said(browser.get(answer.location)) == ["We do not know this passkey. Use another one, or your password."]
    assert not browser.is_signed_in()


def test_a_password_and_the_passkey_of_somebody_else_are_not_two_factors(app: Flask, browser: Browser) -> None:
    with_passkey(browser)
    mallory = somebody(app, MALLORY)
    mallory.sign_in(MALLORY)
    theirs = add(mallory)
    sign_out(mallory)
    mallory.sign_in(EMAIL)
    mallory.get("/account/wan-signin")
    question = Question.on(mallory.send("/account/wan-signin").text)

    answer = mallory.send(question.url, credential=theirs.sign(question))

    assert said(mallory.get(answer.location)) == ["This passkey belongs to another account."]
    assert not mallory.is_signed_in()


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "7", '{"id": "x"', '{"id":1,"rawId":"A","type":[]}'])
def test_nonsense_is_refused(browser: Browser, credential: str) -> None:
    browser.sign_in()
    new = asked_for_new(browser)
    first = browser.send(new.url, credential=credential)
    sign_out(browser)
    question = asked(browser)

    second = browser.send(question.url, credential=credential)

    assert (first.location, second.location) == ("/account/wan-register", "/account/wan-signin")
    assert said(browser.get("/account/wan-signin")) == ["We could not read that. Try again."]


def test_a_question_that_we_did_not_ask_is_not_answered(browser: Browser) -> None:
    device = with_passkey(browser)
    question = asked(browser)

    answer = browser.send("/account/wan-signin/made-up", credential=device.sign(question))

    assert answer.location == "/account/wan-signin"
    assert not browser.is_signed_in()


def test_a_new_passkey_answers_the_question_it_was_asked(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    question = asked_for_new(browser)
    liars = [Device(origin="http://evil.example"), Device(host="evil.example"), Device(verifies=False)]
    for liar in liars:
        browser.send(question.url, credential=liar.create(question))
    browser.send(question.url, credential=Device().create(question, other(question.options["challenge"])))

    with app.app_context():
        assert db.session.query(Passkey).count() == 0
    assert mails(app) == 0


def test_a_passkey_needs_a_name_of_its_own(browser: Browser) -> None:
    browser.sign_in()
    add(browser, "Anna’s \u202ephone")
    browser.get("/account/wan-register")

    again = browser.send("/account/wan-register", name=" Anna’s phone", usage="first")
    empty = browser.send("/account/wan-register", name=" \u200b ", usage="first")
    long = browser.send("/account/wan-register", name="x" * 65, usage="first")

    assert [page.status_code for page in (again, empty, long)] == [422, 422, 422]
    assert said(again) == ["You have a passkey of this name. Choose another name."]


def test_adding_and_removing_ask_for_the_password_after_a_while(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    add(browser)
    with browser.client.session_transaction() as cookie:
        cookie["fs_paa"] -= 3600
        cookie.pop("fs_gexp", None)

    assert browser.get("/account/wan-register").location == "/account/verify?next=/account/wan-register"
    answer = browser.send("/account/wan-delete", name="My phone")
    assert answer.location.startswith("/account/verify")
    browser.get(answer.location)
    assert browser.send("/account/verify", password=PASSWORD).location == "/account/"
    with app.app_context():
        assert db.session.query(Passkey).count() == 1


def test_nobody_removes_passkeys_of_others(app: Flask, browser: Browser) -> None:
    with_passkey(browser)
    mallory = somebody(app, MALLORY)
    mallory.sign_in(MALLORY)
    mallory.get("/account/")

    mallory.send("/account/wan-delete", name="My phone")

    with app.app_context():
        assert db.session.query(Passkey).count() == 1


def test_switching_the_app_off_leaves_passkeys_their_recovery_codes(app: Flask, browser: Browser) -> None:
    set_up(browser)
    recovery_codes(browser)
    add(browser)
    browser.get("/account/tf-setup")

    browser.send("/account/tf-setup", setup="disable")

    with app.app_context():
        account = db.session.query(Account).one()
        assert (account.tf_totp_secret, len(account.mf_recovery_codes or ())) == (None, 8)


def test_the_second_factor_that_is_reset_takes_passkeys_along(app: Flask, browser: Browser) -> None:
    with_passkey(browser)
    with app.app_context():
        accounts.remove_second_factor(db.session(), Shell(), EMAIL, now=datetime.now(UTC))
        assert db.session.query(Passkey).count() == 0
        db.session.remove()

    assert browser.sign_in().location == "/account/start"


def test_pages_say_what_to_do_without_a_script(browser: Browser) -> None:
    with_passkey(browser)
    browser.get("/account/login")
    alone = browser.send("/account/wan-signin").text
    browser.sign_in()
    after_password = browser.get("/account/wan-signin").text

    assert '<a href="/account/login">Sign in with your password</a></p>' in alone.partition("<noscript>")[2]
    assert '<a href="/account/mf-recovery">I do not have my passkey</a>' in after_password.partition("<noscript>")[2]


@pytest.mark.parametrize(
    ("base_url", "possible"),
    [
        ("https://forum.example.org", True),
        ("https://forum.example.org:8443/sub", True),
        ("http://forum.example.org", False),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1", False),
        ("https://[2001:db8::1]", False),
    ],
)
def test_passkeys_need_a_name_and_tls(base_url: str, possible: bool) -> None:
    assert are_possible(base_url) is possible


def test_our_name_and_origin_come_from_the_base_url() -> None:
    assert host_of("https://forum.example.org:8443/sub") == "forum.example.org"
    assert origin_of("https://forum.example.org:8443/sub") == "https://forum.example.org:8443"
