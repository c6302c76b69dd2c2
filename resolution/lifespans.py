"""When records, and groups of them, were alive: for the guard on death before birth.

Invariant: days stand as whole numbers that only their order means; of a group the latest birth and
the earliest death are kept, and with those two it is told of every pair of records at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_NEVER = np.iinfo(np.int64).max
_ALWAYS = -1


@dataclass(frozen=True, kw_only=True)
class Lifespans:
    """Of each record or group the latest birth and the earliest death."""

    born: Index
    died: Index

    @classmethod
    def unknown(cls, count: int) -> Lifespans:
        """Nothing is known of so many."""
        return cls(born=np.full(count, _ALWAYS), died=np.full(count, _NEVER))

    def of(self, group: Index, count: int) -> Lifespans:
        """Those of groups numbered below `count`, from the group of each."""
        found = Lifespans.unknown(count)
        np.maximum.at(found.born, group, self.born)
        np.minimum.at(found.died, group, self.died)
        return found

    def torn(self) -> Flags:
        """Groups in which somebody died before somebody was born."""
        return np.asarray(self.died <= self.born)

    def apart(self, left: Index, right: Index) -> Flags:
        """Where somebody of the one died before somebody of the other was born."""
        return np.asarray(
            (self.died[left] <= self.born[right]) | (self.died[right] <= self.born[left])
        )
