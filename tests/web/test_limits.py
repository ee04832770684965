"""How often something may be asked."""

from __future__ import annotations

import threading
import time

import pytest
from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from forumreg.web.limits import SWEEP_S, Counts

THRICE = RateLimitItemPerMinute(3)


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def test_a_window_moves_with_each_count(moment: Time) -> None:
    limiter = MovingWindowRateLimiter(Counts())
    found = []
    for seconds in (0, 20, 30, 5, 5, 0, 19, 1):
        moment.at += seconds
        found.append(limiter.hit(THRICE, "form", "127.0.0.1"))

    # At 60 the first has left the window, at 80 the second.
    assert found == [True, True, True, False, True, False, False, True]


def test_each_key_has_a_window_of_its_own() -> None:
    limiter = MovingWindowRateLimiter(Counts())

    assert [limiter.hit(THRICE, "form", who) for who in "aaaabaaab"] == [True] * 3 + [False, True] + [False] * 3 + [
        True
    ]


def test_it_is_known_when_one_more_is_within(moment: Time) -> None:
    counts = Counts()
    found = []
    for seconds in (0, 20, 30, 5, 5, 0):
        moment.at += seconds
        found.append(counts.opens_in_s("form", 3))
        counts.acquire_entry("form", 3, 60)

    assert found == [0, 0, 0, 5, 0, 20]


def test_what_is_over_is_forgotten(moment: Time) -> None:
    counts = Counts()
    for number in range(500):
        counts.acquire_entry(f"mailbox {number}", 3, 60)
    moment.at += 60 + SWEEP_S

    counts.acquire_entry("another", 3, 60)

    assert counts.reset() == 1


def test_counting_starts_no_thread() -> None:
    counts = Counts()
    counts.timer.join()  # the library's own, once
    before = threading.active_count()

    for number in range(100):
        counts.acquire_entry(f"mailbox {number}", 3, 60)

    assert threading.active_count() == before
