"""Who did what when; append only."""

from forumreg.rules.journal.entries import Entry, of_registration, write

__all__ = ["Entry", "of_registration", "write"]
