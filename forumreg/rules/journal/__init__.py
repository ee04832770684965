"""Who did what when; append only."""

from forumreg.rules.journal.entries import Entry, of_registration, row_of, write

__all__ = ["Entry", "of_registration", "row_of", "write"]
