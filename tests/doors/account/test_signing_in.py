from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from forumreg.adapters.passwords import hash_password
from forumreg.rules import account as accounts
from forumreg.rules.access import Shell
from forumreg.tables.account import Role, SignInTry, StaffSession
from forumreg.web.site import db
from tests.builders import an_event
from tests.doors.account.browser import EMAIL, PASSWORD, Browser, acts, said

NOBODY = "nobody@example.org"


def _now() -> datetime:
    return datetime.now(UTC)


def test_address_and_password_sign_in(app: Flask, browser: Browser) -> None:
    answer = browser.sign_in()

    assert (answer.status_code, answer.location) == (303, "/account/start")
    assert browser.is_signed_in()
    assert acts(app) == ["account_made", "signed_in"]


def test_an_address_is_typed_in_any_case(browser: Browser) -> None:
    browser.sign_in(" Anna@Example.ORG ")

    assert browser.is_signed_in()


@pytest.mark.parametrize(
    ("role", "organisation", "home"),
    [
        (Role.ORGANIZER, None, "/organize/"),
        (Role.DESK, None, "/account/"),
        (Role.PARTNER, "UCLG", "/partners/"),
        (None, None, "/account/"),
    ],
)
def test_sign_in_leads_to_the_pages_one_works_on(
    app: Flask, browser: Browser, role: Role | None, organisation: str | None, home: str
) -> None:
    with app.app_context():
        forum = an_event(db.session())
        if role:
            accounts.grant(db.session(), Shell(), EMAIL, forum.slug, role, organisation, now=_now())
        db.session.remove()
    browser.sign_in()

    assert browser.get("/account/start").location == home


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("/organize/forum/attendees?page=2", "/organize/forum/attendees?page=2"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("/\\evil.example", "/%5Cevil.example"),
        ("javascript:alert(1)", None),
    ],
)
def test_sign_in_leads_to_the_page_that_was_asked_for_if_it_is_ours(
    browser: Browser, wanted: str, shown: str | None
) -> None:
    answer = browser.sign_in(next=wanted)

    assert (answer.location if answer.status_code == 303 else None) == shown


def test_the_page_asked_for_is_kept_through_the_sign_in_page(browser: Browser) -> None:
    assert browser.get("/account/").location == "/account/login?next=/account/"
    assert 'name="next" value="/account/"' in browser.get("/account/login?next=/account/").text


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(browser: Browser) -> None:
    answers = [
        browser.sign_in(EMAIL, "wrong password"),
        browser.sign_in(NOBODY, "wrong password"),
        browser.sign_in("not an address", "wrong password"),
    ]

    sentence = "This address and this password do not belong together. Check both, or ask for a new password."
    assert [(answer.status_code, said(answer)) for answer in answers] == [(422, [sentence])] * 3
    assert "wrong password" not in answers[0].text


def test_an_unknown_address_costs_the_same_hash(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    context = browser.app.extensions["security"].pwd_context
    work: list[str] = []
    monkeypatch.setattr(type(context), "hash", lambda *_args, **_more: work.append("hash") or "$argon2id$")
    monkeypatch.setattr(type(context), "verify", lambda *_args, **_more: bool(work.append("hash")))

    counts = []
    for email in (EMAIL, NOBODY):
        browser.sign_in(email, "wrong password")
        counts.append(len(work))
        work.clear()

    assert counts == [1, 1]


def test_an_inactive_account_is_answered_like_a_wrong_password(app: Flask, browser: Browser) -> None:
    with app.app_context():
        db.session.execute(db.text("UPDATE account SET active = false"))
        db.session.commit()

    assert said(browser.sign_in()) == said(browser.sign_in(NOBODY))
    assert not browser.is_signed_in()


def test_guesses_are_slowed_and_then_answered_alike(browser: Browser) -> None:
    for email in (EMAIL, NOBODY):
        codes = [browser.sign_in(email, f"wrong password {number}").status_code for number in range(6)]
        assert codes == [422] * 5 + [429]

    refused = [browser.sign_in(EMAIL), browser.sign_in(NOBODY)]

    assert [answer.status_code for answer in refused] == [429, 429]
    assert refused[0].text.count("Wait 1 minute, then try again.") == 1
    assert {int(answer.headers["Retry-After"]) <= 31 for answer in refused} == {True}
    assert not browser.is_signed_in()


def test_the_right_password_after_a_few_wrong_ones_starts_anew(app: Flask, browser: Browser) -> None:
    for number in range(4):
        browser.sign_in(EMAIL, f"wrong password {number}")
    browser.sign_in()

    with app.app_context():
        failures = [row.failures for row in db.session.query(SignInTry)]
    assert browser.is_signed_in()
    assert failures == [4]  # the network's, with the good try taken back


@pytest.mark.usefixtures("browser")
def test_somebody_signed_in_does_not_free_guesses_at_another(app: Flask) -> None:
    other = Browser(app, "198.51.100.1")
    for number in range(5):
        other.sign_in(EMAIL, f"wrong password {number}")
    with app.app_context():
        accounts.create(db.session(), Shell(), "mallory@example.org", password_hash=hash_password(PASSWORD), now=_now())
        db.session.remove()
    mallory = Browser(app, "203.0.113.1")
    mallory.sign_in("mallory@example.org")
    mallory.get("/account/")
    mallory.send("/account/login", email=EMAIL, password="x")

    assert other.sign_in(EMAIL, "wrong password 6").status_code == 429


def test_signing_in_leaves_nothing_of_the_cookie_before(browser: Browser) -> None:
    with browser.client.session_transaction() as cookie:
        cookie["staff"] = "a key that somebody planted"
        cookie["planted"] = "something"

    browser.sign_in()

    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["staff"] != "a key that somebody planted"


def test_signing_out_ends_the_row_and_empties_the_cookie(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    browser.get("/account/")
    with browser.client.session_transaction() as cookie:
        before = dict(cookie)

    answer = browser.send("/account/logout")

    assert (answer.status_code, answer.location) == (303, "/account/login")
    with browser.client.session_transaction() as cookie:
        assert not {"staff", "_user_id"} & set(cookie)
        cookie.update(before)
    assert not browser.is_signed_in()
    assert acts(app) == ["account_made", "signed_in", "signed_out"]


def test_signing_out_is_no_link(browser: Browser) -> None:
    browser.sign_in()

    assert browser.get("/account/logout").status_code == 405
    assert browser.is_signed_in()


def test_a_browser_signed_out_elsewhere_is_out_at_its_next_request(app: Flask, browser: Browser) -> None:
    other = Browser(app, "198.51.100.1")
    browser.sign_in()
    other.sign_in()
    with app.app_context():
        first = min(row.id for row in db.session.query(StaffSession))
    other.get("/account/")
    listed = other.get("/account/").text

    answer = other.send(f"/account/browsers/{first}/end")

    assert listed.count("Firefox, Linux") == 2
    assert listed.count("Sign out there") == 1
    assert "That browser is signed out." in said(other.get(answer.location))
    assert not browser.is_signed_in()
    assert browser.get("/account/change").location.startswith("/account/login")
    assert browser.get("/account/tf-setup").location.startswith("/account/login")
    assert other.is_signed_in()


def test_when_another_browser_was_seen_is_a_sentence_in_french_too(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    other = Browser(app, "192.0.2.2")
    other.sign_in()

    page = other.get("/account/?lang=fr").text

    assert re.search(r"Vu pour la dernière fois il y a \d+\s+seconde", page)


def test_nobody_signs_out_browsers_of_others(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    with app.app_context():
        accounts.create(db.session(), Shell(), "mallory@example.org", password_hash=hash_password(PASSWORD), now=_now())
        theirs = db.session.query(StaffSession).one().id
        db.session.remove()
    mallory = Browser(app)
    mallory.sign_in("mallory@example.org")
    mallory.get("/account/")

    assert mallory.send(f"/account/browsers/{theirs}/end").status_code == 404
    assert browser.is_signed_in()


def test_staff_pages_are_kept_by_no_cache_and_hand_no_address_on(browser: Browser) -> None:
    for address in ("/account/login", "/account/reset", "/account/reset/new"):
        headers = browser.get(address).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_pages_of_the_library_that_we_do_not_use_are_not_there(browser: Browser) -> None:
    assert browser.get("/account/tf-rescue").status_code == 404
    assert browser.get("/account/wan-verify").status_code == 404


def test_a_cookie_that_would_remember_for_a_year_is_never_set(browser: Browser) -> None:
    answer = browser.sign_in(remember="y")

    assert answer.status_code == 303
    assert [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")] == ["forumreg"]


def test_a_form_without_its_key_is_refused(browser: Browser) -> None:
    browser.token = ""

    assert browser.send("/account/login", email=EMAIL, password=PASSWORD).status_code == 400


def test_passkeys_are_not_offered_where_browsers_make_none(browser: Browser) -> None:
    """The tests' base URL is a number."""
    assert "passkey" not in browser.get("/account/login").text
    browser.sign_in()

    assert "asskey" not in browser.get("/account/").text
    assert browser.get("/account/wan-register").status_code == 404
