"""Pairs that no comparison tells apart, taken together.

Invariant: what is computed of a pattern, times how many pairs it stands for, is what would be
computed of each pair by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from resolution.unsupervised.levels import Compared

Odds = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """Distinct comparisons of pairs.

    Attributes:
        compared: every comparison, one row for each pattern.
        count: how many pairs a pattern stands for.
        of_pair: the pattern of each pair.
    """

    compared: Mapping[str, Compared]
    count: Odds
    of_pair: Index

    def total(self, values: Odds, which: slice) -> Odds:
        """Per pattern the sum of what is known of each pair, told from some of the pairs."""
        known = np.bincount(self.of_pair[which], weights=values, minlength=len(self.count))
        return np.asarray(known * (len(self.of_pair) / max(len(values), 1)))


def patterns(found: Mapping[str, Compared], pairs: int) -> Patterns:
    """The patterns of so many pairs, in the order in which they first occur."""
    code = np.zeros(pairs, dtype=np.int64)
    for each in found.values():
        code = _codes(code * each.size + each.levels)
        if each.bits is not None:
            rarity, values = pd.factorize(_telling(each))
            code = _codes(code * len(values) + rarity)
    _, first = np.unique(code, return_index=True)
    return Patterns(
        compared={name: _at(each, first) for name, each in found.items()},
        count=np.bincount(code).astype(np.float64),
        of_pair=code,
    )


def _codes(values: Index) -> Index:
    """The same as numbers from 0 on, in the order in which they first occur."""
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def _telling(each: Compared) -> npt.NDArray[np.float32]:
    """How surprising a value is, where it is the same; elsewhere it tells nothing."""
    assert each.bits is not None
    return np.where(np.isin(each.levels, each.equal), each.bits, 0.0).astype(np.float32)


def _at(each: Compared, places: npt.NDArray[np.intp]) -> Compared:
    return replace(
        each,
        levels=each.levels[places],
        bits=None if each.bits is None else _telling(each)[places],
    )
