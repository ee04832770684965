"""The made-up installation: events that took place, people who do not exist."""
