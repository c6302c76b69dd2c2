"""Two partitions of the same records: which groups are the same in both.

Invariant: a group is the same only if it has exactly the records that it had.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]


def same_groups(labels: Index, before: Index, dirty: npt.NDArray[np.bool_] | None = None) -> Index:
    """Of each record's group the label before, if it has the same records, none dirty; else -1.

    Args:
        labels: the lowest number of each record's group.
        before: the label of each record's group before, -1 for a record that came; of a group
            that lost a record no label may be given.
    """
    sizes = np.bincount(labels, minlength=len(labels))
    known = before >= 0
    earlier = np.bincount(before[known], minlength=1)
    out = (before != before[labels]) | ~known
    broken = np.zeros(len(labels), dtype=bool)
    broken[labels[out if dirty is None else out | dirty]] = True
    first = before[labels]
    same = ~broken[labels] & (first >= 0)
    same[same] = earlier[first[same]] == sizes[labels[same]]
    return np.where(same, first, -1)
