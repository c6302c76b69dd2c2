"""Threads of the learner: linear algebra in one, the committee's training in another.

Invariant: what is computed does not depend on how many threads there are or which is first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def one_thread() -> Iterator[None]:
    """Keeps linear algebra to one thread: on 400 labels several wait for each other, tenfold."""
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()


@cache
def beside() -> ThreadPoolExecutor:
    """Where a training runs while a steward reads; one at a time in a process."""
    return ThreadPoolExecutor(1, thread_name_prefix="kith-learner")


class _Limit:
    """The limit holds for the process: the first to ask sets it, the last to leave lifts it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._set: Any = None

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._set = _controller().limit(limits=1)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._set.restore_original_limits()


_LIMIT = _Limit()


@cache
def _controller() -> Any:
    """What is loaded; made after the learner's libraries are, and once, for it takes a while."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
