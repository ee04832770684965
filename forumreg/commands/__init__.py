"""Commands that need the whole application: they start, migrate, copy and examine it."""
