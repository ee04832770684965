"""Signing in: Flask-Security behind our storage, pages and mails. Imported by the account door alone."""

from forumreg.adapters.sign_in.around import STAFF_KEY, Around
from forumreg.adapters.sign_in.library import install

__all__ = ["STAFF_KEY", "Around", "install"]
