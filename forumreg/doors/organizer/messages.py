"""The mails of an event: what was written to whom, what became of it, and trying again."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters.smtp import KeptMail, read_kept
from forumreg.base.errors import NotFound, Refused
from forumreg.doors.organizer.frame import page
from forumreg.doors.organizer.words import MAIL_STATES, mail_state, mails_are_kept, message_word
from forumreg.rules import mail as rules
from forumreg.rules.access import Action
from forumreg.web import actor, current_event, explain, needs, now, row_id, session, settings, site
from forumreg.web.headers import POLICY

bp = Blueprint("messages", __name__, url_prefix="/<slug:slug>/messages")
# A kept mail is somebody else's HTML: no script, no form, no link that leads anywhere, nothing loaded.
FRAMED = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
FRAMING = f"{POLICY}; frame-src 'self'"


@bp.get("")
@needs(Action.READ_MAIL)
def index(slug: str) -> ResponseReturnValue:
    """Show one page of the event's mails, latest first."""
    status = request.args.get("status", "")
    before = request.args.get("before", type=row_id)
    event = current_event(slug)
    found = rules.mails_of_event(session(), actor(), event.id, status=status, before=before)
    return page(
        "messages/index.html",
        slug,
        tab="messages",
        found=found,
        status=status,
        is_first=before is None,
        rows=[(row, message_word(row.message), mail_state(row.status, row.error)) for row in found.rows],
        states=[(state, mail_state(state), found.counts.get(state, 0)) for state in MAIL_STATES],
        total=sum(found.counts.values()),
        is_kept=mails_are_kept(),
    )


@bp.get("/<int(max=2147483647):mail_id>")
@needs(Action.READ_MAIL)
def show(slug: str, mail_id: int) -> ResponseReturnValue:
    """Show a mail: its facts, and its words where they were kept."""
    found = rules.mail(session(), actor(), current_event(slug).id, mail_id)
    kept = read_kept(settings(), mail_id)
    response = make_response(
        page(
            "messages/show.html",
            slug,
            tab="messages",
            mail=found,
            what=message_word(found.message),
            state=mail_state(found.status, found.error),
            kept=kept,
            files=[part for part in kept.attachments if not part.cid] if kept else [],
            is_kept=mails_are_kept(),
        )
    )
    response.headers["Content-Security-Policy"] = FRAMING
    return response


@bp.get("/<int(max=2147483647):mail_id>/html")
@needs(Action.READ_MAIL)
def html(slug: str, mail_id: int) -> ResponseReturnValue:
    """Send the HTML of a kept mail, for a frame that lets it do nothing."""
    rules.mail(session(), actor(), current_event(slug).id, mail_id)
    kept = read_kept(settings(), mail_id)
    if kept is None:
        raise NotFound("kept mail")
    response = Response(_with_pictures(kept), mimetype="text/html")
    response.headers["Content-Security-Policy"] = FRAMED
    return response


@bp.post("/<int(max=2147483647):mail_id>/retry")
@needs(Action.READ_MAIL)
def retry(slug: str, mail_id: int) -> ResponseReturnValue:
    """Put a refused mail into the queue again."""
    event = current_event(slug)
    try:
        rules.retry(session(), actor(), event.id, mail_id, now=now(), moment=datetime.now(UTC))
    except Refused as refused:
        flash(explain(refused.reason), "warning")
    else:
        flash(_("The mail is in the queue again. It leaves within a minute."), "success")
        site().ring()
    return redirect(url_for(".show", slug=slug, mail_id=mail_id), 303)


def _with_pictures(kept: KeptMail) -> str:
    """The HTML with its own pictures put in, as a mail program does."""
    text = kept.html
    for part in kept.attachments:
        if part.cid and part.content_type.startswith("image/"):
            packed = base64.b64encode(part.content).decode()
            text = text.replace(f"cid:{part.cid}", f"data:{part.content_type};base64,{packed}")
    return text
