"""How often something may be asked. Counts live in the process: each serving process counts its own share."""

from __future__ import annotations

import threading
import time
from collections import deque
from math import ceil

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# An office of 60 people behind one address may register within a minute, each sending three times.
PER_NETWORK = RateLimitItemPerMinute(180)
# A town hall registers its people with one mailbox; a robot that floods a mailbox is stopped.
PER_ADDRESS = RateLimitItemPerHour(40)
LINKS_PER_NETWORK = RateLimitItemPerMinute(60)
LINKS_PER_ADDRESS = RateLimitItemPerHour(6)

SWEEP_S = 60  # what is over is forgotten so often


class Counts(MemoryStorage):
    """Moving windows in memory.

    The library's own starts a thread with nearly every count, and that thread looks at every window there is: each
    form of a busy hour cost more than the one before (measured, 2026-11).
    """

    def __init__(self) -> None:
        super().__init__()
        self._ends: dict[str, deque[float]] = {}  # when each count falls out of its window, the next first
        self._swept_at = time.monotonic()
        self._alone = threading.Lock()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, unless the window is full."""
        now = time.monotonic()
        with self._alone:
            if now - self._swept_at >= SWEEP_S:
                self._sweep(now)
            ends = self._ends.setdefault(key, deque())
            while ends and ends[0] <= now:
                ends.popleft()
            if len(ends) + amount > limit:
                return False
            ends.extend([now + expiry] * amount)
            return True

    def opens_in_s(self, key: str, limit: int) -> float:
        """Seconds until the window takes one more; 0 where it does now. Counts nothing."""
        now = time.monotonic()
        with self._alone:
            ends = [end for end in self._ends.get(key, ()) if end > now]
        return ends[-limit] - now if len(ends) >= limit else 0

    def reset(self) -> int:
        """Start anew; answers how many windows there were."""
        with self._alone:
            count = len(self._ends)
            self._ends.clear()
            return count

    def _sweep(self, now: float) -> None:
        self._ends = {key: ends for key, ends in self._ends.items() if ends and ends[-1] > now}
        self._swept_at = now


_counts = Counts()
_limiter = MovingWindowRateLimiter(_counts)


def within(limit: RateLimitItem, *what: str) -> bool:
    """Count one more of these and say whether it is still within the limit."""
    return bool(_limiter.hit(limit, *what))


def opens_in_s(limit: RateLimitItem, *what: str) -> int:
    """Whole seconds until one more of these is within the limit; 0 where it is now. Counts nothing."""
    return ceil(_counts.opens_in_s(limit.key_for(*what), limit.amount))


def forget_all() -> None:
    """Start counting anew."""
    _limiter.storage.reset()
