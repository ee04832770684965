"""The ways in which a rule says no. Doors turn them into answers; nobody else catches them."""

from __future__ import annotations

from dataclasses import dataclass


class NotFound(Exception):
    """What was asked for does not exist, or the caller may not know that it does."""


class Forbidden(Exception):
    """The actor may not do this."""


class Gone(Exception):
    """What was asked for has ended; ``reason`` is a word that a door explains."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


class Refused(Exception):
    """A decision the reader can act on; ``reason`` is a word, ``facts`` fill in its explanation."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


class Changed(Exception):
    """Somebody else changed the record since the caller read it."""


class Unavailable(Exception):
    """The database cannot answer now; the same request may succeed in ``retry_after_s`` seconds."""

    def __init__(self, retry_after_s: int = 5) -> None:
        super().__init__("unavailable")
        self.retry_after_s = retry_after_s


class Damaged(Unavailable):
    """The database's file is damaged, or is none; it takes an operator and a backup to answer again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input: where (``sessions[12].ends_at`` or a field's name) and what."""

    place: str
    message: str
    facts: tuple[tuple[str, object], ...] = ()


class Invalid(Exception):
    """An input with every problem that was found in it, in the order of the input."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.place}: {problem.message}" for problem in problems))
        self.problems = problems
