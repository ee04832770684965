"""In which language a page speaks: asked for, remembered, preferred, or the event's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import urlencode

from babel import Locale
from babel.numbers import format_decimal
from flask import Flask, Response, g, request, url_for
from flask_babel import Babel, get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from forumreg.base.resources import resource_folder
from forumreg.base.texts import Texts, language_of, read

COOKIE = "lang"
COOKIE_AGE_S = 365 * 24 * 3600
OWN = "en"  # the language of the source


@dataclass(frozen=True, slots=True)
class Choice:
    """A language that the reader may switch to."""

    code: str
    name: str
    url: str


@cache
def installed() -> tuple[str, ...]:
    """The languages of this installation: the source's and every compiled catalogue's."""
    folder = resource_folder("translations")
    found = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.mo")}
    return (OWN, *sorted(found - {OWN}))


def language() -> str:
    """The language of this page, such as ``fr``."""
    locale = get_locale()
    return str(locale.language) if locale else OWN


@lru_cache(maxsize=4096)
def number(reader: str, value: int) -> str:
    """A whole number as the reader's language writes it; fast, for pages with many."""
    return format_decimal(value, locale=reader)


def translated(texts: Texts | None) -> str:
    """An organizer's words in the page's language, else the event's, else any."""
    event = g.get("event")
    return read(texts, language(), event.language if event else OWN)


def spoken(texts: Texts | None) -> str | None:
    """The language that ``translated`` answers in, where it is not the page's own."""
    event = g.get("event")
    found = language_of(texts, language(), event.language if event else OWN)
    return None if found == language() else found


def explain(reason: str) -> str:
    """A refusal in words the reader can act on."""
    sentences = {
        "closed": _("Registration is closed."),
        "not_yet": _("Registration is not open yet."),
        "over": _("This event is over."),
        "full": _("There is no place left."),
        "not_waitlisted": _("This registration is not on the waiting list any more."),
        "not_pending": _("This registration has been decided already."),
        "registered_again": _("This person has registered again since. Decide about the newer registration."),
        "already": _("This registration has that status already."),
        "changed": _("Somebody changed this registration meanwhile. Look at it again, then decide."),
        "reason_missing": _("Write a reason. The registrant reads it."),
    }
    return sentences.get(reason) or _("That is not possible now.")


def choose() -> Locale:
    """What the locale selector answers, once a request."""
    return _locale(_chosen())


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def _chosen() -> str:
    known = installed()
    for wanted in (request.args.get(COOKIE), request.cookies.get(COOKIE)):
        if wanted in known:
            return str(wanted)
    if g.get("spoken") in known:
        return str(g.spoken)  # the language that a registrant chose
    event = g.get("event")
    own = event.language if event and event.language in known else OWN
    return _preferred(request.headers.get("Accept-Language", ""), known) or own


@lru_cache(maxsize=256)
def _preferred(accepted: str, known: Sequence[str]) -> str | None:
    """The first language of the browser's that we speak; ``fr-CI`` is French."""
    for tag, quality in parse_accept_header(accepted, LanguageAccept):
        for code in (tag.lower(), tag.lower().partition("-")[0]):
            if quality and code in known:
                return code
    return None


def choices() -> list[Choice]:
    """The same page in each language. The page's other arguments are kept."""
    if request.method != "GET":
        return []
    # An address that leads nowhere has no name: the link keeps it by naming the question alone.
    here = url_for(request.endpoint, **(request.view_args or {})) if request.endpoint else ""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != COOKIE]
    return [Choice(code, name_of(code), f"{here}?{urlencode([*kept, (COOKIE, code)])}") for code in installed()]


@cache
def name_of(code: str) -> str:
    """A language's own name, with a capital as on a switch."""
    name = Locale.parse(code, sep="-").get_display_name(code) or code
    return name[:1].upper() + name[1:]


def remember(response: Response) -> Response:
    """Keep the language that was asked for."""
    wanted = request.args.get(COOKIE)
    if wanted in installed():
        response.set_cookie(
            COOKIE, str(wanted), max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return response


def init(app: Flask) -> None:
    """Give the application its catalogues and selector."""
    # In the settings, not as an argument: the sign-in library looks for it there, else below the working directory.
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(resource_folder("translations"))
    Babel(app, locale_selector=choose)
    app.after_request(remember)
