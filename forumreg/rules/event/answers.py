"""What an answer to a question says."""

from __future__ import annotations

Answer = str | bool | float | list[str] | None


def holds(answer: Answer, value: str) -> bool:
    """Whether an answer to a choice names this option."""
    return value in answer if isinstance(answer, list) else answer == value
