"""The sign-in library's mails, by way of the outbox; and its words about addresses and passwords."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import gettext as _
from flask_security import EmailValidateException, MailUtil, PasswordUtil

from forumreg.adapters.sign_in.around import around
from forumreg.adapters.sign_in.people import pending
from forumreg.base.addresses import is_address
from forumreg.base.folding import fold_address
from forumreg.rules.account.credentials import Letter
from forumreg.rules.account.passwords import LONGEST, SHORTEST, normal, problem_with


class OutboxMail(MailUtil):
    """Mails are noted and written into the outbox with what causes them. Nothing is sent from a request."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],  # noqa: ARG002 (the outbox knows)
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Note a mail for the commit of this request."""
        account_id = kwargs["user"].id
        name = template.rpartition("/")[2]
        letter = Letter(
            key=f"account {account_id}, {name}, {secrets.token_hex(8)}",
            recipient=str(recipient),
            language=around().language(),
            subject=str(subject),
            text=(body or "").strip() + "\n",
            html=html or "",
        )
        pending().letters.setdefault(account_id, []).append(letter)

    def normalize(self, email: str) -> str:
        """The address as accounts are known by."""
        if not is_address(email.strip()):
            raise EmailValidateException(_("Enter an email address such as name@example.org."))
        return str(fold_address(email))

    def validate(self, email: str) -> str:
        """The same: only the mail server knows whether it takes mail."""
        return self.normalize(email)


class Passwords(PasswordUtil):
    """Our rules about passwords, said in words."""

    def normalize(self, password: str) -> str:
        """The password as it is hashed."""
        return normal(password)

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:  # noqa: ARG002 (the library's signature)
        """What is wrong with a new password, and the password as it is hashed."""
        plain = normal(password)
        problem = problem_with(plain, kwargs["user"].email)
        return ([_sentence(problem)] if problem else None), plain


def _sentence(problem: str) -> str:
    return {
        "too_short": _("Use at least %(number)s characters. Three or four words are easy to keep.", number=SHORTEST),
        "too_long": _("Use at most %(number)s characters.", number=LONGEST),
        "is_address": _("Your address is no secret. Choose something else."),
        "too_common": _("This password is among the first that are guessed. Choose another."),
    }[problem]
