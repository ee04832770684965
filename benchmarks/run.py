"""Measure everything in one run and print the table.

python -m benchmarks.run            # some ten minutes
python -m benchmarks.run --short    # a quick look
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable

from benchmarks.costs import costs, memory, weight
from benchmarks.figures import HEAD, Figure
from benchmarks.house import DATABASES
from benchmarks.programme import brought_in, pages, seats
from benchmarks.races import races, slow_headers
from benchmarks.speed import speed


def main() -> int:
    """Print each figure as it is found; 1 where one misses its bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="fewer rounds")
    is_short = parser.parse_args().short
    print(HEAD, flush=True)
    found = list(_told(_measurements(is_short)))
    return 0 if all(figure.is_met for figure in found) else 1


def _measurements(is_short: bool) -> Iterable[Callable[[], list[Figure]]]:
    rounds, seconds = (2, 2.0) if is_short else (5, 4.0)
    for kind in DATABASES:
        yield lambda kind=kind: speed(kind, rounds=rounds, seconds=seconds)  # type: ignore[misc]  # mypy does not infer defaults of lambdas
        yield lambda kind=kind: races(kind, rounds=3 if is_short else 20)  # type: ignore[misc]  # as above
        yield lambda kind=kind: slow_headers(kind, seconds=5.0 if is_short else 10.0)  # type: ignore[misc]  # as above
        yield lambda kind=kind: costs(kind, registrations=60 if is_short else 200)  # type: ignore[misc]  # as above
        yield lambda kind=kind: seats(kind, rounds=3 if is_short else 20)  # type: ignore[misc]  # as above
        yield lambda kind=kind: pages(kind)  # type: ignore[misc]  # as above
        yield lambda kind=kind: brought_in(kind)  # type: ignore[misc]  # as above
    yield memory
    yield weight


def _told(measurements: Iterable[Callable[[], list[Figure]]]) -> Iterable[Figure]:
    for measure in measurements:
        for figure in measure():
            print(figure.row(), flush=True)
            yield figure


if __name__ == "__main__":
    sys.exit(main())
