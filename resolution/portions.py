"""Work over many pairs, some at a time, on both cores.

Invariant: what comes out is in the order of what went in, whichever is ready first. The work is
such that several threads may do it at once: it reads what it shares and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Done = TypeVar("Done")

_THREADS = 2
_AT_ONCE = 250_000
_LEAST = 25_000  # pairs that are worth a thread of their own


def by_portions(count: int, work: Callable[[slice], Done]) -> Iterator[Done]:
    """What `work` gives for each portion of so many pairs; of none, for one without any."""
    size = min(_AT_ONCE, max(_LEAST, -(-count // _THREADS)))
    starts = range(0, max(count, 1), size)
    yield from in_order(work, [slice(start, min(start + size, count)) for start in starts])


def in_order(work: Callable[[Part], Done], parts: Sequence[Part]) -> Iterator[Done]:
    """What `work` gives for each part."""
    if len(parts) < _THREADS:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="kith-pairs") as threads:
        yield from threads.map(work, parts)
