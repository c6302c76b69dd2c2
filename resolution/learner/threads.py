"""Small sums are done fastest by one thread.

Invariant: the number of threads that linear algebra uses is the same before and after.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Keeps linear algebra to one thread: on 400 labels several wait for each other, tenfold."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1)
    return limited


@cache
def _controller() -> Any:
    """What is loaded; made after the learner's libraries are, and once, for it takes a while."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
