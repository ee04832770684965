"""Around every page of the sign-in library: who is signed in, who guesses, what is stored and answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps

from flask import Response, make_response, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security.utils import is_user_authenticated

from forumreg.adapters.sign_in.agents import agent_of
from forumreg.adapters.sign_in.around import STAFF_KEY, around
from forumreg.adapters.sign_in.people import People
from forumreg.base.errors import Refused
from forumreg.rules.account import end_session, open_session, staff_of
from forumreg.rules.account.credentials import find_credentials
from forumreg.rules.account.guessing import Kind, count_try, forgive

View = Callable[..., ResponseReturnValue]
SIGNED_IN = "_user_id"  # the sign-in library's word in the cookie
KEPT_AT_SIGN_IN = (SIGNED_IN, "_fresh", "_id", "fs_cc", "fs_paa", "_flashes")

# Pages that look at a secret, and which one; the tries of each are counted.
SECRETS: dict[str, Kind] = {
    "security.login": "password",
    "security.verify": "password",
    "security.change_password": "password",
    "security.two_factor_token_validation": "code",
    "security.mf_recovery": "code",
    "security.forgot_password": "reset",
}


@dataclass(frozen=True, slots=True)
class Try:
    """One look at a secret: whose, and from where."""

    kind: Kind
    address: str | None
    network: str


def framed(view: View, people: People, wait_page: Callable[[int], ResponseReturnValue]) -> View:
    """The view between its gates. ``wait_page`` answers who guesses too fast, given the seconds to wait."""

    @wraps(view)
    def inside(**values: object) -> ResponseReturnValue:
        drop_ended()
        guess = _guess()
        try:
            if guess:
                count_try(around().session(), guess.kind, guess.address, guess.network, now=datetime.now(UTC))
        except Refused as refused:
            return wait_page(int(str(refused.facts["seconds"])))
        response = make_response(view(**values))
        people.commit()
        if guess and guess.kind != "reset" and guess.address and response.status_code in {302, 303}:
            forgive(around().session(), guess.kind, guess.address, guess.network, now=datetime.now(UTC))
        _follow()
        return _see_other(response)

    return inside


def drop_ended() -> None:
    """Forget what the cookie says of a browser that was signed out elsewhere, or that ran out of time."""
    key = cookie.get(STAFF_KEY)
    if key is None and SIGNED_IN not in cookie:
        return
    if key is None or staff_of(around().session(), key, now=datetime.now(UTC)) is None:
        _forget()


def _guess() -> Try | None:
    kind = SECRETS.get(request.endpoint or "")
    if kind is None or request.method != "POST":
        return None
    return Try(kind, _address(), around().network())


def _address() -> str | None:
    """Whose secret is tried: of who is signed in or gave a password before, else of the address typed."""
    if is_user_authenticated(current_user):
        return None if request.endpoint == "security.login" else str(current_user.email)
    if request.endpoint in {"security.two_factor_token_validation", "security.mf_recovery"}:
        found = find_credentials(around().session(), fs_uniquifier=cookie.get("tf_user_id", ""))
        return found.email if found and cookie.get("tf_state") == "ready" else None
    return request.form.get("email", "")[:320] or None


def _follow() -> None:
    """Open the row of a browser that the library signed in just now, end that of one it signed out."""
    session, now, key = around().session(), datetime.now(UTC), cookie.get(STAFF_KEY)
    if SIGNED_IN in cookie and key is None:
        found = find_credentials(session, fs_uniquifier=cookie[SIGNED_IN])
        kept = {name: cookie[name] for name in KEPT_AT_SIGN_IN if name in cookie}
        cookie.clear()  # nothing that was in the cookie before is trusted after
        if found:
            cookie.update(kept)
            cookie[STAFF_KEY] = secrets.token_urlsafe(32)
            open_session(session, found.id, cookie[STAFF_KEY], agent_of(request.user_agent.string), now=now)
    elif SIGNED_IN not in cookie and key is not None:
        end_session(session, key, now=now)
        _forget()


def _forget() -> None:
    """Empty the cookie, but for what is still to be said."""
    said = cookie.get("_flashes")
    cookie.clear()
    if said:
        cookie["_flashes"] = said


def _see_other(response: Response) -> Response:
    if request.method == "POST" and response.status_code == 302:
        response.status_code = 303  # RFC 9110, 15.4.4: fetch the next page with GET
    return response
