"""A measured number and the bound it is held to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    where: str  # the database, or nothing
    what: str
    value: float
    at_least: float | None = None
    at_most: float | None = None
    digits: int = 0

    @property
    def is_met(self) -> bool:
        """Whether it lies within its bound; one without a bound always does."""
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return low and high

    def row(self) -> str:
        """The line as Markdown."""
        bound, verdict = "", ""
        if self.at_least is not None:
            bound = f"at least {self.at_least:g}"
        if self.at_most is not None:
            bound = f"{bound}, at most {self.at_most:g}".removeprefix(", ")
        if bound:
            verdict = "yes" if self.is_met else "**no**"
        return f"| {self.where} | {self.what} | {self.value:.{self.digits}f} | {bound} | {verdict} |"


HEAD = "| database | what | measured | bound | met |\n| --- | --- | ---: | --- | --- |"
