"""Two kinds of failure: one that may pass, and one that will not."""

from __future__ import annotations

import smtplib
import ssl

_UNAVAILABLE = 421  # RFC 5321, 4.2.3: the server closes the connection
_FOR_GOOD = 500  # RFC 5321, 4.2.1: a reply from here on is not to be tried again as it is


class Later(Exception):
    """The mail was not taken now; the same mail may be taken later."""


class ForGood(Exception):
    """The mail will never be taken; the message says why."""


def sorted_out(error: Exception) -> Later | ForGood:
    """Answer the failure as the outbox takes it.

    Only what a server says of this recipient or of this mail is final. What it says of us (a password, a
    sender, a greeting) is for the operator to mend, so it is tried again.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _by_code(code, "recipient", words)
    if isinstance(error, smtplib.SMTPDataError):
        return _by_code(error.smtp_code, "message", error.smtp_error)
    if isinstance(error, smtplib.SMTPResponseException):
        return Later(f"The mail server said {error.smtp_code}: {_said(error.smtp_error)}")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Later(f"The mail server's certificate was not accepted: {error.verify_message}")
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return Later("The mail server did not answer in time.")
    return Later(f"The mail server could not be reached: {_said(str(error)) or type(error).__name__}")


def _by_code(code: int, what: str, words: bytes | str) -> Later | ForGood:
    sentence = f"The mail server did not take the {what}: {code} {_said(words)}"
    return ForGood(sentence) if code >= _FOR_GOOD else Later(sentence)


def _said(words: bytes | str) -> str:
    """A server's words on one line, cut to what a page can show."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:300]
