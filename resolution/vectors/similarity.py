"""Likeness of values, worked out once per distinct pair of them.

Invariant: symmetric; 1 for equal values, NaN where one is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import process

from resolution.columns import Column, Ints

Floats = npt.NDArray[np.float32]
Found = dict[str, npt.NDArray[Any]]
"""Feature -> its value for each pair."""

_SHARED_WORK = 20_000  # distinct pairs from which a second thread pays
_AT_ONCE = 200_000


def distinct_pairs(left: Ints, right: Ints, size: int) -> tuple[npt.NDArray[np.intp], Ints, Ints]:
    """For each pair the place of its distinct unordered pair, and those pairs' codes."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    places, keys = pd.factorize(low.astype(np.int64) * size + high)
    return places, (keys // size).astype(np.int32), (keys % size).astype(np.int32)


def similarity(column: Column, left: Ints, right: Ints, scorer: Callable[..., Any]) -> Floats:
    """A rapidfuzz score (0 to 1) of a column's values by code; NaN where one is missing."""
    out = np.full(len(left), np.nan, dtype=np.float32)
    known = (left >= 0) & (right >= 0)
    out[known & (left == right)] = 1.0
    todo = np.flatnonzero(known & (left != right))
    if len(todo):
        places, a, b = distinct_pairs(left[todo], right[todo], len(column.values))
        out[todo] = _scores(column.values, a, b, scorer)[places]
    return out


def _scores(
    values: npt.NDArray[np.object_], a: Ints, b: Ints, scorer: Callable[..., Any]
) -> Floats:
    out = np.empty(len(a), dtype=np.float32)
    workers = 2 if len(a) > _SHARED_WORK else 1
    for start in range(0, len(a), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        out[part] = process.cpdist(
            values[a[part]], values[b[part]], scorer=scorer, dtype=np.float32, workers=workers
        )
    return out


def agreement(left: Ints, right: Ints) -> Floats:
    """1 for the same value, -1 for two different ones, 0 where one is missing."""
    known = (left >= 0) & (right >= 0)
    return np.asarray(np.where(known, np.where(left == right, 1, -1), 0), dtype=np.float32)


def uses(column: Column, codes: Ints) -> Floats:
    """How many records bear each value; 0 for a missing one."""
    counts = np.append(column.uses, 0).astype(np.float32)  # a code of -1 takes the last
    return np.asarray(counts[codes], dtype=np.float32)


def rarity(column: Column, codes: Ints) -> Floats:
    """Bits of surprise at each value; 0 for a missing one."""
    total = max(float(column.total), 1.0)
    bits = -np.log2(np.maximum(column.uses, 1) / total)
    return np.asarray(np.append(bits, 0.0)[codes], dtype=np.float32)
