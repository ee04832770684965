"""Setting up Flask-Security: it proves who somebody is. Pages, mails, storage and sessions are ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, abort, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue, ResponseValue
from flask_login import current_user
from flask_security import Security
from flask_security.views import reset_password
from flask_security.webauthn import webauthn_delete

from forumreg.adapters.passwords import MEMORY_KIB, PARALLELISM, TIME_COST
from forumreg.adapters.sign_in import forms, passkeys
from forumreg.adapters.sign_in.around import NAME, Around, derived, tag_of
from forumreg.adapters.sign_in.codes import OneTimeCodes, RecoveryCodes
from forumreg.adapters.sign_in.gate import View, framed
from forumreg.adapters.sign_in.mails import OutboxMail, Passwords
from forumreg.adapters.sign_in.people import People
from forumreg.adapters.sign_in.words import MESSAGES, SUBJECTS

LINK_LIVES = timedelta(hours=1)
FRESH = timedelta(minutes=20)  # after a password, the second factor may be changed without asking again
CEREMONY = timedelta(minutes=5)  # from the page that asks to the passkey's answer
RESET_TOKEN = "reset_token"  # noqa: S105 (where the cookie keeps it, so that no address shows it twice)
UNUSED = ("two_factor_setup_validate", "two_factor_rescue")
PASSKEYS = ("wan_register", "wan_register_response", "wan_signin", "wan_signin_response", "wan_delete")
Mark = Callable[[View], View]


def install(app: Flask, around: Around, *, mark: Mark, home: str, wait_page: Callable[[int], Any]) -> None:
    """Add the sign-in pages below /account to the application.

    Args:
        app: has its catalogues and its protection of forms already.
        around: the database, the network, the language and the secrets.
        mark: declares a view public; the library itself asks who is signed in.
        home: the endpoint that is shown after sign-in where no page was asked for.
        wait_page: the answer to guesses that come too fast, given the seconds to wait.
    """
    app.extensions[NAME] = around
    app.config.update(_settings(app, around, home))
    people = People()
    security = Security(
        app,
        people,
        login_form=forms.SignIn,
        verify_form=forms.Again,
        forgot_password_form=forms.Forgotten,
        reset_password_form=forms.NewPassword,
        change_password_form=forms.OtherPassword,
        two_factor_verify_code_form=forms.Code,
        mf_recovery_form=forms.RecoveryCode,
        wan_register_form=passkeys.PasskeyName,
        wan_register_response_form=passkeys.NewPasskeyAnswer,
        wan_signin_response_form=passkeys.PasskeyAnswer,
        webauthn_util_cls=passkeys.Ceremonies,
        mail_util_cls=OutboxMail,
        password_util_cls=Passwords,
        totp_cls=OneTimeCodes,
        mf_recovery_codes_util_cls=RecoveryCodes,
        render_template=_render,
    )
    security.want_json(lambda _request: False)
    security.unauthn_handler(_to_sign_in)
    security.mail_context_processor(lambda: {"base_url": around.base_url})
    security.tf_token_validation_context_processor(lambda: _picture_again(security))
    security.mf_recovery_codes_context_processor(lambda: {"left": len(current_user.mf_recovery_codes)})
    _stay_out_of_other_pages(app, security)
    _frame(app, people, mark, wait_page, with_passkeys=passkeys.are_possible(around.base_url))


def _settings(app: Flask, around: Around, home: str) -> dict[str, Any]:
    present = around.keys.secrets[0]
    name = f"forumreg {around.base_url.partition('://')[2]}"
    catalogues = str(app.config.get("BABEL_TRANSLATION_DIRECTORIES", "translations"))
    texts = {f"MSG_{name}": words for name, words in MESSAGES.items()}
    subjects = {f"EMAIL_SUBJECT_{name}": words for name, words in SUBJECTS.items()}
    salts = {f"{name}_SALT": derived(present, name) for name in ("RESET", "REMEMBER", "LOGIN", "CHANGE", "WAN")}
    ours = {**_SETTINGS, **texts, **subjects, **salts} | {
        "I18N_DIRNAME": catalogues.split(";"),
        "POST_LOGIN_VIEW": home,
        "POST_CHANGE_VIEW": "account.overview",
        "POST_VERIFY_VIEW": "account.overview",
        "TWO_FACTOR_POST_SETUP_VIEW": "account.overview",
        "TOTP_ISSUER": name.replace(":", " "),
        "WAN_RP_NAME": name,
        "WAN_POST_REGISTER_VIEW": "account.overview",
        "TOTP_SECRETS": {tag_of(secret): derived(secret, "one-time codes") for secret in around.keys.secrets},
    }
    return {f"SECURITY_{name}": value for name, value in ours.items()}


_SETTINGS: dict[str, Any] = {
    "URL_PREFIX": "/account",
    "STATIC_FOLDER": None,
    "CACHE_CONTROL": None,  # ours is on every page
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "I18N_DOMAIN": "messages",
    "RETURN_GENERIC_RESPONSES": True,
    "API_ENABLED_METHODS": ["session"],
    "LOGOUT_METHODS": ["POST"],
    "POST_LOGOUT_VIEW": ".login",
    "RECOVERABLE": True,
    "RESET_PASSWORD_WITHIN": LINK_LIVES,
    "CHANGEABLE": True,
    "FRESHNESS": FRESH,
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=5),
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": ["argon2"],
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__type": "ID",
        "argon2__time_cost": TIME_COST,
        "argon2__memory_cost": MEMORY_KIB,
        "argon2__parallelism": PARALLELISM,
    },
    # Only fingerprints an argon2 hash inside the reset token. The library's slow default would tell by
    # its time that an address has an account.
    "HASHING_SCHEMES": ["hex_sha256"],
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # one step to either side; RFC 6238, 5.2
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "WEBAUTHN": True,
    "WAN_CHALLENGE_BYTES": 32,
    "WAN_ALLOW_AS_FIRST_FACTOR": True,
    "WAN_ALLOW_AS_MULTI_FACTOR": True,  # we take no answer of a passkey that did not look who holds it
    "WAN_ALLOW_USER_HINTS": False,  # so that no page tells which addresses have passkeys
    "WAN_ALLOW_AS_VERIFY": [],
    "WAN_REGISTER_WITHIN": CEREMONY,
    "WAN_SIGNIN_WITHIN": CEREMONY,
    "WAN_REGISTER_TEMPLATE": "account/passkey_new.html",
    "WAN_SIGNIN_TEMPLATE": "account/passkey.html",
    "TWO_FACTOR_SELECT_TEMPLATE": "account/choose.html",
    "LOGIN_USER_TEMPLATE": "account/login.html",
    "VERIFY_TEMPLATE": "account/again.html",
    "FORGOT_PASSWORD_TEMPLATE": "account/forgotten.html",
    "RESET_PASSWORD_TEMPLATE": "account/new_password.html",
    "CHANGE_PASSWORD_TEMPLATE": "account/password.html",
    "TWO_FACTOR_SETUP_TEMPLATE": "account/second_factor.html",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "account/code.html",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "account/recovery.html",
    "MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "account/recovery_codes.html",
    "EMAIL_TEMPLATE_PASSWORD_RESET": "account/mail/reset",
    "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "account/mail/was_reset",
    "EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "account/mail/was_changed",
}


def _render(template: str, **context: Any) -> Any:
    """A page, 422 where its form has errors; or a mail."""
    if request.method != "POST" or "/mail/" in template:
        return render_template(template, **context)
    if template == "account/forgotten.html" and not _has_errors(context["forgot_password_form"]):
        return redirect(url_for("security.forgot_password"), 303)  # the flashed sentence is shown there
    return make_response(render_template(template, **context), 422 if any(map(_has_errors, context.values())) else 200)


def _has_errors(value: object) -> bool:
    return bool(getattr(value, "errors", None) or getattr(value, "form_errors", None))


def _to_sign_in(_mechanisms: list[str], headers: dict[str, str] | None = None) -> ResponseValue:  # noqa: ARG001 (the library's signature)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("security.login", next=wanted), 303)


def _picture_again(security: Security) -> dict[str, Any]:
    """The QR code of a second factor that is being set up, for the page that refuses a wrong first code."""
    secret = cookie.get("tf_totp_secret")
    if not secret or not current_user.is_authenticated:
        return {}
    return {"setting_up": security.totp_factory.fetch_setup_values(secret, current_user)}


def _stay_out_of_other_pages(app: Flask, security: Security) -> None:
    """Unhook what the library would do on every page: load an account, refresh a cookie that we never set."""
    everywhere: list[list[Any]] = [app.before_request_funcs[None], app.after_request_funcs[None]]
    for hooks in everywhere:
        hooks[:] = [
            hook
            for hook in hooks
            if getattr(hook, "__self__", None) not in (security.principal, security.login_manager)
        ]


def _frame(app: Flask, people: People, mark: Mark, wait_page: Callable[[int], Any], *, with_passkeys: bool) -> None:
    """Put every page of the library between our gates, and take away those we do not use."""
    app.view_functions["security.reset_password"] = _keep_token
    app.add_url_rule("/account/reset/new", "security.new_password", _new_password, methods=["GET", "POST"])
    app.view_functions["security.wan_delete"] = _remove_passkey
    app.jinja_env.globals["passkeys_are_possible"] = with_passkeys
    for name in UNUSED if with_passkeys else UNUSED + PASSKEYS:
        app.view_functions[f"security.{name}"] = _not_used
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("security."):
            app.view_functions[endpoint] = mark(framed(cast("View", view), people, wait_page))


def _not_used(**_values: object) -> ResponseReturnValue:
    abort(404)


def _remove_passkey() -> ResponseReturnValue:
    """Remove a passkey, if the password was given lately, and go back to the account's page."""
    answer: ResponseReturnValue = webauthn_delete()
    if isinstance(answer, Response) and answer.location == url_for("security.wan_register"):
        return redirect(url_for("account.overview"), 303)
    return answer


def _keep_token(token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address, before a page could hand the address on."""
    cookie[RESET_TOKEN] = token
    return redirect(url_for("security.new_password"), 303)


def _new_password() -> ResponseReturnValue:
    """The library's page for a new password, with the token that the cookie keeps."""
    answer: ResponseReturnValue = reset_password(cookie.get(RESET_TOKEN, ""))
    if isinstance(answer, Response) and answer.status_code == 302:  # done, or the token is not good
        cookie.pop(RESET_TOKEN, None)
    return answer
