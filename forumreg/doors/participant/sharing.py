"""With whom a registrant's details are shared: seen and changed as long as the link opens."""

from __future__ import annotations

from collections.abc import Collection

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.base.errors import Unavailable
from forumreg.doors.participant import floods, forms, problems
from forumreg.doors.participant.floods import Stop
from forumreg.doors.participant.opening import opened, own_blueprint
from forumreg.rules import registration as registrations
from forumreg.rules.registration import RegistrationFacts
from forumreg.web import now, public, session
from forumreg.web.view import event_view

bp = own_blueprint("sharing")


@bp.get("/<token>/sharing")
@public
def show(token: str) -> ResponseReturnValue:
    """With whom the details are shared, and the way to change that."""
    _own, found = opened(token)
    return _page(token, found, found.sharing)


@bp.post("/<token>/sharing")
@public
def share(token: str) -> ResponseReturnValue:
    """Share with exactly the organizations that are ticked, or show the ticks again."""
    own, found = opened(token)
    wanted = set(forms.whole_numbers(request.form.getlist("sharing")))
    if not forms.is_ours():
        return _page(token, found, wanted, floods.expired())
    try:
        registrations.share(session(), own, found.reference, wanted, now=now(), named=forms.sent_terms())
    except Unavailable as busy:
        return _page(token, found, wanted, floods.not_saved(busy))
    flash(_("Saved. It holds from now on."), "success")
    return redirect(url_for("participant.own.show", token=token), 303)


def _page(token: str, found: RegistrationFacts, ticked: Collection[int], stop: Stop | None = None) -> Response:
    said = [("send", stop.sentence)] if stop else []
    body = render_template(
        "participant/sharing/show.html",
        event=event_view(found.event),
        registration=found,
        token=token,
        ticked=[str(each) for each in ticked],
        said=said,
        heading=problems.heading_of(said, _("Not saved")),
    )
    return stop.on(make_response(body, stop.code)) if stop else make_response(body)
