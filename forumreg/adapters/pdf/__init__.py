"""Printed pages: our own templates, what people typed only ever as data."""

from forumreg.adapters.pdf.printing import NotPrinted, printed
from forumreg.adapters.pdf.sign_in import SignIn, sign_in_sheets

__all__ = ["NotPrinted", "SignIn", "printed", "sign_in_sheets"]
