"""One mail after the other: claimed, written, handed over outside any transaction, settled."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask

from forumreg.adapters.smtp import Carrier, Draft, ForGood, Later
from forumreg.base.errors import NotFound, Unavailable
from forumreg.doors.worker.rendering import draft_of
from forumreg.rules.mail import Leased, claim, is_due, refuse, settle, try_later
from forumreg.rules.registration.letters import letter_facts
from forumreg.web import session

LATEST_START = timedelta(seconds=25)  # with the 90 s of one mail still below its lease of 120 s
SETTLE_TRIES = 10  # a second apart; then the lease ends and the mail is sent again under the same id
_log = logging.getLogger(__name__)


def mail_is_due(app: Flask) -> bool:
    """Whether a mail waits; also false while the database cannot say."""
    with app.app_context():
        try:
            return is_due(session(), moment=datetime.now(UTC))
        except Unavailable:
            return False


def deliver_one(app: Flask, carrier: Carrier, owner: str) -> bool:
    """Bring the mail that is due longest on its way; false where none is due or the database cannot say."""
    with app.app_context():
        try:
            leased = claim(session(), owner, moment=datetime.now(UTC))
        except Unavailable:
            return False
        if leased is not None:
            _deliver(carrier, leased)
        return leased is not None


def _deliver(carrier: Carrier, leased: Leased) -> None:
    claimed_at = datetime.now(UTC)
    try:
        draft = _written(leased)
    except Unavailable:
        return  # the lease ends by itself
    if draft is None:
        return
    if datetime.now(UTC) - claimed_at > LATEST_START:  # the machine slept; another worker may have it by now
        return
    _hand_over(carrier, leased, draft)


def _written(leased: Leased) -> Draft | None:
    """The mail; ``None`` where it cannot be written, which is noted and holds up nobody."""
    try:
        return draft_of(letter_facts(session(), leased))
    except Unavailable:
        raise
    except NotFound:
        _refuse(leased, "What this mail is about is gone.")
    except Exception as error:  # noqa: BLE001 (one mail's fault must not stop those behind it)
        _log.exception("Mail %s could not be written", leased.id)
        _refuse(leased, f"This mail could not be written: {type(error).__name__}: {error}")
    return None


def _hand_over(carrier: Carrier, leased: Leased, draft: Draft) -> None:
    try:
        carrier.carry(leased.id, leased.key, draft)
    except ForGood as failure:
        _log.warning("Mail %s was refused for good", leased.id)
        _refuse(leased, str(failure))
    except Later as failure:
        _log.warning("Mail %s is tried again later", leased.id)
        reason = str(failure)
        _note(leased, lambda: try_later(session(), leased, reason, moment=datetime.now(UTC)))
    else:
        _note(leased, lambda: settle(session(), leased, moment=datetime.now(UTC)))


def _refuse(leased: Leased, reason: str) -> None:
    _note(leased, lambda: refuse(session(), leased, reason, moment=datetime.now(UTC)))


def _note(leased: Leased, write: Callable[[], bool]) -> None:
    """Write down what became of the mail, patiently: what is not noted is sent again."""
    for _attempt in range(SETTLE_TRIES):
        try:
            if not write():
                _log.warning("Mail %s had passed to another worker", leased.id)
        except Unavailable:
            time.sleep(1)
        else:
            return
    _log.error("What became of mail %s could not be noted", leased.id)
