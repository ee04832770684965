"""A small supervisor: forks the processes of one service, restarts what dies, ends them all together.

Fork before any thread is started and any connection opened: a child takes neither over in a usable state.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
SETTLED_S = 60.0  # a process that lived so long starts with the first pause again
GRACE_S = 15.0  # longer than a serving process drains
ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
_fork = multiprocessing.get_context("fork")
log = logging.getLogger("forumreg.server")


@dataclass(frozen=True, slots=True)
class Child:
    """One process: what it is called in the logs and what it runs until SIGTERM."""

    name: str
    run: Callable[[], None]


@dataclass(slots=True)
class _Post:
    """A child's place: the process that fills it, and when the next may."""

    child: Child
    process: ForkProcess | None = None
    started_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S  # before the next start
    due_at: float = 0.0


@dataclass(slots=True)
class _Signals:
    """The signals that came, and a socket that becomes readable with each."""

    came: list[int] = field(default_factory=list)
    woken: socket.socket | None = None


def supervise(children: Sequence[Child], *, ready: Callable[[], None] | None = None) -> None:
    """Run the children until SIGTERM or SIGINT; ``ready`` is called once when all are forked.

    A child that ends by itself is started again after a pause that doubles up to 30 s. At the end each
    gets SIGTERM and 15 s, then SIGKILL; a second signal does not wait. A child also ends when this process
    is gone.
    """
    posts = [_Post(child) for child in children]
    gc.collect()
    gc.freeze()  # what is loaded by now stays in pages that all processes share
    with _signals() as signals:
        try:
            for post in posts:
                _start(post)
            if ready is not None:
                ready()
            while not signals.came:
                _watch(posts, signals)
        finally:
            _end(posts, signals)


@contextmanager
def _signals() -> Iterator[_Signals]:
    """Note SIGTERM and SIGINT while the block runs, instead of dying of them."""
    readable, writable = socket.socketpair()
    readable.settimeout(0)
    writable.settimeout(0)
    signals = _Signals(woken=readable)
    before = {number: signal.signal(number, lambda it, _frame: signals.came.append(it)) for number in ENDING}
    wakeup = signal.set_wakeup_fd(writable.fileno(), warn_on_full_buffer=False)
    try:
        yield signals
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        readable.close()
        writable.close()


def _start(post: _Post) -> None:
    post.process = _fork.Process(target=_begin, args=(post.child,), name=post.child.name)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # until the child has its own handlers
    try:
        post.process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    post.started_at = time.monotonic()


def _begin(child: Child) -> None:
    """The child's first steps: its own signals, an eye on the parent, then its work."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent passes it on
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    threading.Thread(target=_follow_parent, name="parent", daemon=True).start()
    child.run()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _watch(posts: Sequence[_Post], signals: _Signals) -> None:
    """Wait for the next thing to happen and deal with it."""
    now = time.monotonic()
    waiting = [post.due_at - now for post in posts if post.process is None]
    sentinels = [post.process.sentinel for post in posts if post.process is not None]
    wait([*sentinels, *([signals.woken] if signals.woken else [])], timeout=min(waiting, default=None))
    if signals.came:
        return
    for post in posts:
        if post.process is not None and not post.process.is_alive():
            _bury(post)
        elif post.process is None and post.due_at <= time.monotonic():
            _start(post)


def _bury(post: _Post) -> None:
    assert post.process is not None  # noqa: S101 (the caller looked)
    lived_s = time.monotonic() - post.started_at
    pause_s = FIRST_PAUSE_S if lived_s >= SETTLED_S else post.pause_s
    post.pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
    post.due_at = time.monotonic() + pause_s
    log.error(
        "process ended and is started again",
        extra={"key": post.child.name, "status": post.process.exitcode, "detail": f"in {pause_s:.0f} s"},
    )
    post.process.close()
    post.process = None


def _end(posts: Sequence[_Post], signals: _Signals) -> None:
    alive = [post.process for post in posts if post.process is not None]
    for process in alive:
        process.terminate()
    deadline, heard = time.monotonic() + GRACE_S, len(signals.came)
    while any(process.is_alive() for process in alive):
        if time.monotonic() > deadline or len(signals.came) > heard:
            for process in alive:
                process.kill()
        wait([process.sentinel for process in alive if process.is_alive()], timeout=0.2)
    for process in alive:
        process.join()
