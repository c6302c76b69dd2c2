"""Record numbers of two runs: records keep their order, those that came are put between.

Invariant: numbers follow the order of record ids in both, so a tie that a number breaks is broken
alike in both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.columns import Index


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """Numbers of one run in the other.

    Attributes:
        ids: record ids by new number.
        new: of each old number the new one, -1 for a record that is gone.
        old: of each new number the old one, -1 for a record that came.
    """

    ids: npt.NDArray[np.object_]
    new: Index
    old: Index

    @property
    def gone(self) -> Index:
        """The old numbers of records that are gone."""
        return np.flatnonzero(self.new < 0)

    def numbers(self, ids: Collection[str]) -> Index:
        """The new numbers of records, those that there are, in order."""
        asked = np.array(sorted(ids), dtype=object)
        found = np.minimum(np.searchsorted(self.ids, asked), max(len(self.ids) - 1, 0))
        return found[self.ids[found] == asked] if len(self.ids) else np.zeros(0, np.int64)

    def carried(self, *old: Index) -> tuple[npt.NDArray[np.bool_], list[Index]]:
        """Which rows of old numbers have all their records still, and the new numbers of those."""
        moved = [self.new[column] for column in old]
        there = np.logical_and.reduce([column >= 0 for column in moved])
        return there, [column[there] for column in moved]


def renumber(
    old: npt.NDArray[np.object_], removed: Collection[str], added: Collection[str]
) -> Numbering:
    """The numbering after some records went and others came."""
    stays = np.ones(len(old), dtype=bool)
    for record_id in removed:
        stays[np.searchsorted(old, record_id)] = False
    kept = old[stays]
    more = np.array(sorted(added), dtype=object)
    place = np.searchsorted(kept, more).astype(np.int64)
    ids = np.insert(kept, place, more)
    came = place + np.arange(len(more))
    is_new = np.zeros(len(ids), dtype=bool)
    is_new[came] = True
    new = np.full(len(old), -1, dtype=np.int64)
    new[stays] = np.flatnonzero(~is_new)
    back = np.full(len(ids), -1, dtype=np.int64)
    back[~is_new] = np.flatnonzero(stays)
    return Numbering(ids=ids, new=new, old=back)
