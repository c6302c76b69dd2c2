"""Columns of equal length, and randomness that does not depend on the order of the work.

Invariant: each part of the maker draws from its own stream, named for it, so that a change in
one part leaves the bytes of the others alone.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Columns = dict[str, Array]

NEVER = 1_000_000
"""A day number beyond every date: has not ended, has not died."""

EPOCH = dt.date(1970, 1, 1)


def stream(seed: int, label: str) -> np.random.Generator:
    """The random stream of one part of the maker."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(label.encode())]))


def day(date: dt.date) -> int:
    """A date as a day number."""
    return (date - EPOCH).days


def size(columns: Columns) -> int:
    """How many rows there are."""
    return len(next(iter(columns.values()))) if columns else 0


def take(columns: Columns, index: Array) -> Columns:
    """The rows of an index or a mask."""
    return {key: values[index] for key, values in columns.items()}


def stack(parts: Sequence[Columns]) -> Columns:
    """One under another; every part has the same columns."""
    if not parts:
        return {}
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def texts(values: Sequence[object] | Array) -> Array:
    """An array of Python strings."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def date_texts(days: Array, pattern: str = "%Y-%m-%d") -> Array:
    """Day numbers as text in a `strftime` pattern; NEVER gives the empty text."""
    distinct, inverse = np.unique(days, return_inverse=True)
    written = [
        "" if number >= NEVER else (EPOCH + dt.timedelta(days=int(number))).strftime(pattern)
        for number in distinct
    ]
    return texts(written)[inverse]


def years(days: Array) -> Ints:
    """The calendar year of day numbers."""
    year: Ints = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    return year + 1970


def weighted(rng: np.random.Generator, count: int, weights: Sequence[float] | Array) -> Ints:
    """`count` draws of an index by weight, faster than Generator.choice for long lists."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    drawn: Ints = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    return drawn.astype(np.int64)


def pick(rng: np.random.Generator, count: int, table: dict[str, float]) -> Array:
    """`count` draws of a key by its weight."""
    return texts(list(table))[weighted(rng, count, list(table.values()))]
