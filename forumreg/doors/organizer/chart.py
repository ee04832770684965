"""The trend as a drawing: where its line, scale and dates lie. The template prints, the sheet colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from forumreg.rules.report import DayCount

LEFT, RIGHT, TOP, BOTTOM = 44, 1096, 26, 184  # of a view of 1160 by 210, as in the design
LABELS = 6
NEAR = 2.5  # a limit further away than so many times what there is would press the line flat


@dataclass(frozen=True, slots=True)
class Tick:
    """A number of the scale, and how far down it lies."""

    number: int
    y: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A day of the axis, and how far to the right it lies."""

    day: date
    x: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing; ``cap_y`` is the limit's line, where the limit is near enough to show."""

    points: str
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    last_y: int
    cap_y: int | None


def chart(days: Sequence[DayCount], capacity: int | None) -> Chart | None:
    """The line of the totals; ``None`` where there are fewer than two days."""
    if len(days) < 2:
        return None
    highest = max(day.total for day in days) or 1
    cap = capacity if capacity is not None and capacity <= NEAR * highest else None
    step = _step(max(highest, cap or 0))
    top = max(highest, cap or 0)
    top = top if cap == top else -(-top // step) * step

    def x_of(place: int) -> int:
        return round(LEFT + (RIGHT - LEFT) * place / (len(days) - 1))

    def y_of(number: int) -> int:
        return round(BOTTOM - (BOTTOM - TOP) * number / top)

    places = sorted({round((len(days) - 1) * number / (LABELS - 1)) for number in range(LABELS)})
    return Chart(
        points=" ".join(f"{x_of(place)} {y_of(day.total)}" for place, day in enumerate(days)),
        ticks=tuple(Tick(number, y_of(number)) for number in range(0, top + 1, step) if number != cap),
        marks=tuple(Mark(days[place].day, x_of(place)) for place in places),
        last_y=y_of(days[-1].total),
        cap_y=y_of(cap) if cap else None,
    )


def _step(highest: int) -> int:
    """A round number that divides the scale into two to five parts."""
    power: int = 10 ** max(0, len(str(highest)) - 1)
    for part in (power // 5, power // 2, power, power * 2):
        if part and highest / part <= 5:
            return part
    return max(1, power)
