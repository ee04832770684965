"""Second factors: one-time codes that are taken once, and recovery codes that we keep as keyed hashes."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import segno
from flask_security import MfRecoveryCodesUtil, Totp
from markupsafe import Markup
from passlib.exc import TokenError
from passlib.totp import TOTP, AppWallet

from forumreg.adapters.sign_in.around import around, derived
from forumreg.adapters.sign_in.people import pending
from forumreg.base.references import ALPHABET
from forumreg.rules.account.credentials import use_code, use_recovery_code

RECOVERY_CODES = 8
RECOVERY_SIGNS = 12  # of 30: 58 bits, and guessing is slowed


class OneTimeCodes(Totp):
    """Codes of an authenticator app. Its secrets are encrypted under a key that is derived, never stored."""

    def __init__(self, secrets: Mapping[Any, str], issuer: str) -> None:
        wallet = AppWallet(secrets=dict(secrets), default_tag=next(iter(secrets)))
        self._totp = TOTP.using(issuer=issuer, wallet=wallet)

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """Whether the code is right and was not taken before; then it is taken."""
        digits = "".join(str(token).split())
        if not (digits.isascii() and digits.isdigit()):
            return False
        try:
            match = self._totp.verify(digits, totp_secret, window=window, last_counter=user.tf_last_counter)
        except (TokenError, KeyError):  # wrong or taken; or the secret key it was encrypted under is gone
            return False
        return use_code(around().session(), user.id, match.counter)

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The QR code as SVG that stands in the page, without style."""
        picture = segno.make(self.get_totp_uri(username, totp), error="m", micro=False)
        svg = picture.svg_inline(omitsize=True, svgclass=None, lineclass=None, border=2)
        return Markup(svg)  # noqa: S704 (drawn by us, holds no text)


class RecoveryCodes(MfRecoveryCodesUtil):
    """Codes on paper, shown once. A copy of the database does not tell them."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """New codes in place of all others, for the person's eyes only."""
        codes = [_new_code() for _ in range(RECOVERY_CODES)]
        user.mf_recovery_codes = [_hashes(code)[0] for code in codes]
        pending().people[user.id] = user
        return codes

    def get_recovery_codes(self, user: Any) -> list[str]:  # noqa: ARG002 (the library's signature)
        """None: we do not know them."""
        return []

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether it is one of the person's codes; then it is used up."""
        return use_recovery_code(around().session(), user.id, _hashes(code), now=datetime.now(UTC))

    def delete_recovery_code(self, user: Any, code: str) -> bool:  # noqa: ARG002 (the library's signature)
        """Nothing: checking it used it up."""
        return True


def _new_code() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_SIGNS))
    return "-".join(signs[start : start + 4] for start in range(0, RECOVERY_SIGNS, 4))


def _hashes(code: str) -> list[str]:
    """The code under each of the installation's secrets, the present one first."""
    plain = "".join(sign for sign in code.upper() if sign in ALPHABET)
    return [
        hmac.new(derived(secret, "recovery codes").encode(), plain.encode(), sha256).hexdigest()
        for secret in around().keys.secrets
    ]
