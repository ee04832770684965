"""Many clients at once, in threads, and what they found."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Findings:
    """How long each act took that succeeded, in seconds, and the words of those that did not."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Acts that succeeded a second."""
        return len(self.times) / self.seconds

    @property
    def median_ms(self) -> float:
        """What half of them took at most."""
        return statistics.median(self.times) * 1000 if self.times else float("nan")

    @property
    def p95_ms(self) -> float:
        """What 95 of 100 took at most."""
        return percentile(self.times, 95) * 1000


def percentile(times: Sequence[float], percent: int) -> float:
    """The time that so many percent of them stay within."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("nan")


def for_a_while(clients: int, seconds: float, act: Callable[[], object]) -> Findings:
    """Let so many clients act again and again for so long; each act that was begun is finished."""
    findings = Findings()
    until = time.monotonic() + seconds

    def go_on() -> None:
        while time.monotonic() < until:
            timed(findings, act)

    return _together([go_on] * clients, findings)


def so_often(clients: int, count: int, act: Callable[[], object]) -> Findings:
    """Let so many clients act so often altogether."""
    findings = Findings()
    shares = [count // clients + (number < count % clients) for number in range(clients)]

    def repeat(share: int) -> None:
        for _ in range(share):
            timed(findings, act)

    return _together([lambda share=share: repeat(share) for share in shares], findings)  # type: ignore[misc]  # mypy does not infer defaults of lambdas


def timed(findings: Findings, act: Callable[[], object]) -> None:
    """Act once and note how it went."""
    began = time.monotonic()
    try:
        act()
    except Exception as error:  # noqa: BLE001 (a client that fails is a finding)
        findings.failures.append(f"{type(error).__name__}: {error}")
    else:
        findings.times.append(time.monotonic() - began)


def _together(acts: Sequence[Callable[[], object]], findings: Findings) -> Findings:
    threads = [threading.Thread(target=act) for act in acts]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    findings.seconds = time.monotonic() - began
    return findings
