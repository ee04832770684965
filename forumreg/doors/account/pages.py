"""The account's own pages: where to go after sign-in, what is set, which browsers are signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from typing import cast

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_timedelta
from flask_babel import gettext as _

from forumreg.adapters.sign_in import STAFF_KEY
from forumreg.base.texts import read
from forumreg.rules.access import Action, Staff
from forumreg.rules.account import end_other_session, find, home_of, open_sessions, parts_of
from forumreg.rules.account.passkeys import passkeys_of
from forumreg.web import actor, language, needs, session

bp = Blueprint("account", __name__, url_prefix="/account")
HOMES = {"organizer": "/organize/", "partner": "/partners/", "account": "/account/"}


@bp.get("/start")
@needs(Action.VISIT_STAFF)
def start() -> ResponseReturnValue:
    """Go on to the pages that this person works on."""
    return redirect(request.script_root + HOMES[home_of(_staff())], 303)


@bp.get("/")
@needs(Action.VISIT_STAFF)
def overview() -> ResponseReturnValue:
    """Show the account, what protects it and where it is signed in."""
    staff, moment = _staff(), datetime.now(UTC)
    browsers = open_sessions(session(), staff, cookie[STAFF_KEY], now=moment)
    return render_template(
        "account/overview.html",
        account=find(session(), account_id=staff.account_id),
        is_admin=staff.is_admin,
        parts=[(each, read(each.title, language(), each.language)) for each in parts_of(session(), staff)],
        passkeys=[
            (each, format_date(each.created_at), each.used_at and format_date(each.used_at))
            for each in passkeys_of(session(), staff.account_id)
        ],
        browsers=[(each, format_timedelta(each.seen_at - moment, add_direction=True)) for each in browsers],
    )


@bp.post("/browsers/<int(max=2147483647):session_id>/end")
@needs(Action.VISIT_STAFF)
def end_browser(session_id: int) -> ResponseReturnValue:
    """Sign this person out in another browser."""
    end_other_session(session(), _staff(), session_id, now=datetime.now(UTC))
    flash(_("That browser is signed out."), "success")
    return redirect(url_for(".overview"), 303)


def wait_page(seconds: int) -> ResponseReturnValue:
    """Say how long to wait before the next try; the same words whether an account exists or not."""
    response = make_response(render_template("account/wait.html", minutes=ceil(seconds / 60)), 429)
    response.headers["Retry-After"] = str(seconds)
    return response


@bp.app_context_processor
def _frame() -> dict[str, str]:
    """Who is signed in and where their work is, on the pages below /account."""
    if not request.path.startswith("/account/") or not isinstance(actor(), Staff):
        return {}
    account = find(session(), account_id=_staff().account_id)
    name = (account.name or account.email) if account else ""
    return {"staff_name": name, "staff_home": request.script_root + HOMES[home_of(_staff())]}


def _staff() -> Staff:
    return cast("Staff", actor())  # `needs` lets nobody else in
