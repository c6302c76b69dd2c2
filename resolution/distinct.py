"""The different whole numbers of an array.

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


def compact(labels: Index) -> Index:
    """Labels (whole numbers, none below 0) numbered 0 to m - 1, in their order."""
    present = np.zeros(int(labels.max(initial=-1)) + 1, dtype=np.int64)
    present[labels] = 1
    return np.asarray((np.cumsum(present) - 1)[labels])
