"""How many forms one network and one mailbox may send, and what somebody reads who may not send more."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from flask import Response
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.base.addresses import is_address
from forumreg.base.errors import Unavailable
from forumreg.base.folding import clean_line, fold_address
from forumreg.web import client_network, limits

WHAT = "register"  # changes count with it: each writes to an address that may be somebody else's


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a form is not even looked at: the code of the answer, a sentence, and when to come back."""

    code: int
    sentence: str
    retry_after_s: int | None = None

    def on(self, response: Response) -> Response:
        """The response with the time to come back."""
        if self.retry_after_s is not None:
            response.headers["Retry-After"] = str(self.retry_after_s)
        return response


def stop(address: str, *, is_ours: bool = True) -> Stop | None:
    """Why a form is not even looked at: it is none that we gave, or this network or mailbox has had enough for now."""
    if not is_ours:
        return expired()
    if not limits.within(limits.PER_NETWORK, WHAT, client_network()):
        return Stop(
            429,
            _("Many forms came from where you are. Wait a minute, then press Send again: nothing you typed is lost."),
            limits.PER_NETWORK.get_expiry(),
        )
    mailbox = _mailbox(address)
    wait_s = limits.opens_in_s(limits.PER_ADDRESS, WHAT, mailbox) if mailbox else 0
    return Stop(429, _full_mailbox(ceil(wait_s / 60)), wait_s) if wait_s else None


def many_questions() -> Stop | None:
    """Why no link is mailed now: this network has asked for enough of them. One question more is counted."""
    if limits.within(limits.LINKS_PER_NETWORK, "find", client_network()):
        return None
    return Stop(
        429,
        _("Many people asked for their link from where you are. Wait a minute, then press the button again."),
        limits.LINKS_PER_NETWORK.get_expiry(),
    )


def expired() -> Stop:
    """Why a form is not looked at that is none we gave this browser."""
    return Stop(422, _("The form had expired. Press the button again: nothing you typed is lost."))


def busy(error: Unavailable, sentence: str) -> Stop:
    """Why nothing was taken while the database cannot answer."""
    return Stop(503, sentence, error.retry_after_s)


def not_saved(error: Unavailable) -> Stop:
    """The same for a change of a registration."""
    return busy(error, _("Not saved: we cannot save anything right now. Press the button again in a few seconds."))


def count(address: str) -> None:
    """Count a form that was taken for its mailbox. One that was refused has written to nobody.

    Forms that are looked at in the same moment may all be taken: as many as a process serves at once.
    """
    mailbox = _mailbox(address)
    if mailbox:
        limits.within(limits.PER_ADDRESS, WHAT, mailbox)


def _full_mailbox(minutes: int) -> str:
    return ngettext(
        "Many forms came with this email address. Wait %(num)s minute, then send yours again: "
        "nothing you typed is lost.",
        "Many forms came with this email address. Wait %(num)s minutes, then send yours again: "
        "nothing you typed is lost.",
        minutes,
    )


def _mailbox(address: str) -> str:
    """Whose mailbox it is; what is no address is nobody's and is not counted."""
    line = clean_line(address)
    return fold_address(line) if is_address(line) else ""
