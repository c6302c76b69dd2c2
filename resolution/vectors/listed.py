"""Identifiers of which a record may have several, each of a kind: passport, driving licence ...

Invariant: only identifiers of one kind are compared; they may be mistyped, so a difference is
evidence and never a proof, and no label is made of them.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA

from resolution.columns import Column, Index
from resolution.vectors.similarity import Found, similarity

_KEPT = 16  # identifiers per record that are compared; more are no person's
_UNKNOWN = 0.4


class Listed:
    """Other identifiers of all records, ready to be compared."""

    def __init__(self, con: duckdb.DuckDBPyConnection, count: int) -> None:
        frame = con.execute("select * from identifier order by rid, kind, value").df()
        frame = frame[frame.groupby("rid").cumcount() < _KEPT]
        self._kinds = pd.factorize(frame["kind"])[0]
        self._values = Column(frame["value"])
        self._count = np.bincount(frame["rid"].to_numpy(np.int64), minlength=count)
        self._start = np.cumsum(self._count) - self._count

    def compare(self, left: Index, right: Index) -> Found:
        """Whether one is shared, and how alike the most alike two of one kind are."""
        pair, a, b = self._crossed(left, right)
        alike = similarity(
            self._values,
            self._values.codes[a],
            self._values.codes[b],
            OSA.normalized_similarity,
        )
        best = np.full(len(left), -1.0, dtype=np.float32)
        np.maximum.at(best, pair, alike)
        return {
            "identifier_equal": np.select([best == 1, best >= 0], [1.0, -1.0], 0.0),
            "identifier_near": np.where(best >= 0, best, _UNKNOWN),
        }

    def _crossed(self, left: Index, right: Index) -> tuple[Index, Index, Index]:
        """Every two identifiers of one kind: the pair's place, the left one and the right one."""
        many = self._count[left] * self._count[right]
        pair = np.repeat(np.arange(len(left)), many)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many)
        width = self._count[right][pair]
        a = self._start[left][pair] + within // np.maximum(width, 1)
        b = self._start[right][pair] + within % np.maximum(width, 1)
        same = self._kinds[a] == self._kinds[b]
        return pair[same], a[same], b[same]
