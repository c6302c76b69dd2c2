"""The different whole numbers of an array, and which of them are in another.

Invariant: in order. `numpy.unique` by itself hashes whole numbers since NumPy 2.3, which takes a
hundred times as long as sorting where there are millions of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]


def distinct(values: Index) -> Index:
    """Each value once, in order."""
    if not len(values):
        return values
    ordered = np.sort(values)
    return np.asarray(ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])])


def places_among(known: Index, asked: Index) -> Index:
    """Where each value stands among those known, which are in order; -1 for nowhere."""
    if not len(known):
        return np.full(len(asked), -1, dtype=np.int64)
    found = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[found] == asked, found, -1)


def among(values: Index, known: Index) -> npt.NDArray[np.bool_]:
    """Whether each value is one of those known, in whatever order these are."""
    return np.asarray(places_among(np.sort(known), values) >= 0)


def compact(labels: Index) -> Index:
    """Labels (whole numbers, none below 0) numbered 0 to m - 1, in their order."""
    present = np.zeros(int(labels.max(initial=-1)) + 1, dtype=np.int64)
    present[labels] = 1
    return np.asarray((np.cumsum(present) - 1)[labels])
