"""The library's forms with our labels, and with the same work for addresses that have no account."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l
from flask_security.forms import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    ResetPasswordForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recoverable import send_reset_password_instructions
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import hash_password

from forumreg.adapters.sign_in.around import around
from forumreg.adapters.sign_in.people import StaffUser, pending
from forumreg.rules.account.credentials import Credentials, pretend_to_keep

_NOBODY = Credentials(
    id=0,
    email="nobody@example.invalid",
    name="",
    language="en",
    active=False,
    password="-" * 97,  # as long as a hash of ours
    fs_uniquifier="0" * 32,
    fs_webauthn_user_handle=None,
    tf_primary_method=None,
    tf_totp_secret=None,
    tf_last_counter=None,
    mf_recovery_codes=(),
)


class Labelled:
    """A form of the library whose labels are ours."""

    labels: ClassVar[dict[str, Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            getattr(self, name).label.text = label


class SignIn(Labelled, LoginForm):
    """Address and password."""

    labels: ClassVar = {"email": _l("Email"), "password": _l("Password")}
    remember = None  # a browser stays signed in as long as its row says, not as long as a cookie does

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = self.next.data or url_for(current_app.config["SECURITY_POST_LOGIN_VIEW"])


class Again(Labelled, VerifyForm):
    """The password once more, before something that matters."""

    labels: ClassVar = {"password": _l("Password")}


class Forgotten(Labelled, ForgotPasswordForm):
    """The address that a link for a new password goes to."""

    labels: ClassVar = {"email": _l("Email")}

    def validate(self, **kwargs: Any) -> bool:
        """Whether the address has an account; takes as long where it has none."""
        is_known = bool(super().validate(**kwargs))
        if is_known:
            hash_password("what the view does for unknown addresses")
        else:
            send_reset_password_instructions(StaffUser(_NOBODY))
            for letter in pending().letters.pop(_NOBODY.id):
                pretend_to_keep(around().session(), letter)
            around().ring()
        return is_known


class NewPassword(Labelled, ResetPasswordForm):
    """A new password, by a link from a mail."""

    labels: ClassVar = {"password": _l("New password"), "password_confirm": _l("New password again")}


class OtherPassword(Labelled, ChangePasswordForm):
    """A new password in place of the present one."""

    labels: ClassVar = {
        "password": _l("Present password"),
        "new_password": _l("New password"),
        "new_password_confirm": _l("New password again"),
    }


class Code(Labelled, TwoFactorVerifyCodeForm):
    """A code from the authenticator app."""

    labels: ClassVar = {"code": _l("Code from your app")}


class RecoveryCode(Labelled, MfRecoveryForm):
    """A code from paper."""

    labels: ClassVar = {"code": _l("Recovery code")}
