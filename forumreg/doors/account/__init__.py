"""The door of staff accounts: signing in, second factor, password, signed-in browsers."""

from __future__ import annotations

from flask import Flask

from forumreg.adapters import sign_in
from forumreg.doors.account.pages import bp, wait_page
from forumreg.web import client_network, language, public, session, site


def init_sign_in(app: Flask) -> None:
    """Add the pages below /account; call it after catalogues and form protection are in place."""
    with app.app_context():
        keys, base_url = site().keys, site().settings.base_url
    around = sign_in.Around(session, client_network, language, keys, base_url, lambda: site().ring())
    sign_in.install(app, around, mark=public, home="account.start", wait_page=wait_page)
    app.register_blueprint(bp)


__all__ = ["init_sign_in"]
