from __future__ import annotations

import re

from flask import Flask

from forumreg.tables.account import Account
from forumreg.web.site import db
from tests.doors.account.browser import Browser, acts, code_after, said


def set_up(browser: Browser) -> str:
    """Switch the second factor on; the key that the app holds."""
    browser.sign_in()
    browser.get("/account/tf-setup")
    page = browser.send("/account/tf-setup", setup="authenticator")
    found = re.search(r'<bdi class="key">([A-Z2-7-]+)</bdi>', page.text)
    assert found
    answer = browser.send("/account/tf-validate", code=code_after(found.group(1)))
    assert (answer.status_code, answer.location) == (303, "/account/")
    return found.group(1)


def recovery_codes(browser: Browser) -> list[str]:
    """New codes, as the page shows them once."""
    browser.get("/account/mf-recovery-codes")
    page = browser.send("/account/mf-recovery-codes", generate_new_codes="1")
    return re.findall(r'<bdi class="key">([A-Z0-9-]+)</bdi>', page.text)


def sign_out(browser: Browser) -> None:
    """Press the button."""
    browser.get("/account/")
    browser.send("/account/logout")


def test_from_set_up_to_sign_in_with_a_code(app: Flask, browser: Browser) -> None:
    key = set_up(browser)
    assert "The second factor is on." in said(browser.get("/account/"))[0]
    sign_out(browser)

    answer = browser.sign_in(next="/account/")
    assert answer.location == "/account/tf-validate?next=/account/"
    assert not browser.is_signed_in()
    page = browser.get(answer.location)
    answer = browser.send(
        "/account/tf-validate?next=/account/", code=f" {code_after(key, 1)[:3]} {code_after(key, 1)[3:]}"
    )

    assert 'action="/account/tf-validate?next=/account/"' in page.text
    assert (answer.status_code, answer.location) == (303, "/account/")
    assert browser.is_signed_in()
    assert acts(app) == ["account_made", "signed_in", "second_factor_set", "signed_out", "signed_in"]


def test_the_picture_has_no_style_and_the_key_stands_beside_it(browser: Browser) -> None:
    browser.sign_in()
    browser.get("/account/tf-setup")

    page = browser.send("/account/tf-setup", setup="authenticator").text

    assert page.count("<svg viewBox") >= 1
    assert 'role="img"' in page
    assert "style=" not in page
    assert "<script>" not in page


def test_a_wrong_first_code_switches_nothing_on_and_shows_the_picture_again(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    browser.get("/account/tf-setup")
    key = re.search(r'class="key">([^<]+)<', browser.send("/account/tf-setup", setup="authenticator").text)
    assert key

    page = browser.send("/account/tf-validate", code="000000")

    assert page.status_code == 422
    assert said(page)[-1] == "This code is wrong or was used already. Wait for the next one."
    assert key.group(1) in page.text
    with app.app_context():
        assert db.session.query(Account).one().tf_primary_method is None


def test_a_code_works_once(browser: Browser) -> None:
    key = set_up(browser)
    sign_out(browser)
    browser.sign_in()
    used = code_after(key, 1)
    browser.send("/account/tf-validate", code=used)
    sign_out(browser)
    browser.sign_in()

    assert browser.send("/account/tf-validate", code=used).status_code == 422
    assert not browser.is_signed_in()


def test_codes_are_guessed_slowly(browser: Browser) -> None:
    set_up(browser)
    sign_out(browser)
    browser.sign_in()

    answers = [browser.send("/account/tf-validate", code=f"00000{number}").status_code for number in range(6)]
    recovery = browser.send("/account/mf-recovery", code="ABCD-EFGH-JKMN").status_code

    assert answers == [422] * 5 + [429]
    assert recovery == 429


def test_a_code_page_without_a_password_before_leads_to_sign_in(browser: Browser) -> None:
    browser.get("/account/login")

    assert browser.send("/account/tf-validate", code="123456").location == "/account/login"
    assert browser.send("/account/mf-recovery", code="ABCD-EFGH-JKMN").location == "/account/login"


def test_a_recovery_code_signs_in_once(app: Flask, browser: Browser) -> None:
    set_up(browser)
    codes = recovery_codes(browser)
    with app.app_context():
        kept = db.session.query(Account).one().mf_recovery_codes
    sign_out(browser)
    browser.sign_in()
    browser.get("/account/mf-recovery")
    answer = browser.send("/account/mf-recovery", code=codes[3].lower().replace("-", " "))
    assert (answer.status_code, answer.location) == (303, "/account/start")
    assert browser.is_signed_in()
    sign_out(browser)
    browser.sign_in()

    again = browser.send("/account/mf-recovery", code=codes[3])

    assert again.status_code == 422
    assert said(again) == ["This is none of your recovery codes, or it was used already."]
    assert len(set(codes)) == 8
    assert not set(codes) & set(kept or ())
    assert acts(app)[-4:] == ["signed_out", "recovery_code_used", "signed_in", "signed_out"]


def test_recovery_codes_are_shown_once_and_new_ones_take_their_place(browser: Browser) -> None:
    set_up(browser)
    first = recovery_codes(browser)

    page = browser.get("/account/mf-recovery-codes?show_codes=1")
    second = recovery_codes(browser)

    assert "You have 8 codes left." in page.text
    assert not any(code in page.text for code in first)
    assert not set(first) & set(second)


def test_switching_off_takes_the_recovery_codes_along(app: Flask, browser: Browser) -> None:
    set_up(browser)
    recovery_codes(browser)
    browser.get("/account/tf-setup")

    answer = browser.send("/account/tf-setup", setup="disable")

    assert (answer.status_code, answer.location) == (303, "/account/")
    with app.app_context():
        account = db.session.query(Account).one()
        assert (account.tf_primary_method, account.tf_totp_secret, account.mf_recovery_codes) == (
            None,
            None,
            [],
        )
    sign_out(browser)
    assert browser.sign_in().location == "/account/start"
    assert acts(app)[-3:] == ["second_factor_removed", "signed_out", "signed_in"]


def test_the_secret_is_kept_encrypted(app: Flask, browser: Browser) -> None:
    key = set_up(browser)

    with app.app_context():
        kept = db.session.query(Account).one().tf_totp_secret or ""
    assert key.replace("-", "") not in kept
    assert '"enckey"' in kept


def test_after_a_while_the_password_is_asked_for_once_more(browser: Browser) -> None:
    browser.sign_in()
    with browser.client.session_transaction() as cookie:
        cookie["fs_paa"] -= 3600
        cookie.pop("fs_gexp", None)

    answer = browser.get("/account/tf-setup")
    assert answer.location == "/account/verify?next=/account/tf-setup"
    browser.get(answer.location)
    wrong = browser.send("/account/verify", password="wrong password", next="/account/tf-setup")
    right = browser.send("/account/verify", password="correct horse battery", next="/account/tf-setup")

    assert (wrong.status_code, right.status_code, right.location) == (422, 303, "/account/tf-setup")
    assert browser.get("/account/tf-setup").status_code == 200
