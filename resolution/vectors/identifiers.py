"""Numbers, telephones and addresses of the net compared: the same, different or not known.

Invariant: an identifier that one of the two lacks says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rapidfuzz.distance import OSA

from resolution.columns import Column, Index
from resolution.vectors.similarity import Floats, Found, agreement, similarity

_SLIP = 0.79  # up to two of ten digits differ
_OTHERS = ("upn", "uln", "nino")
_SLIPS = ("phone", "email")
_UNKNOWN = 0.4
_PLAIN = ("local_id", "phone", "email", "sex")


class Identifiers:
    """Identifiers of all records, ready to be compared."""

    def __init__(self, columns: Mapping[str, Column], source: Column) -> None:
        self._columns, self._source = columns, source

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group IDENTIFIERS."""
        number = self._columns["nhs_number"]
        likeness = similarity(
            number, number.codes[left], number.codes[right], OSA.normalized_similarity
        )
        known = ~np.isnan(likeness)
        likeness = np.nan_to_num(likeness)
        found: Found = {
            "nhs_equal": likeness == 1,
            "nhs_near": likeness >= _SLIP,
            "nhs_conflict": known & (likeness < _SLIP),
            "other_number": self._other_number(left, right),
            "same_source": self._source.codes[left] == self._source.codes[right],
        }
        for name in _PLAIN:
            column = self._columns[name]
            found[name] = agreement(column.codes[left], column.codes[right])
        for name in _SLIPS:
            column = self._columns[name]
            a, b = column.codes[left], column.codes[right]
            alike = similarity(column, a, b, OSA.normalized_similarity)
            found[f"{name}_near"] = np.nan_to_num(alike, nan=_UNKNOWN)
        return found

    def _other_number(self, left: Index, right: Index) -> Floats:
        """Agreement of one of the numbers outweighs disagreement of another."""
        columns = [self._columns[name].codes for name in _OTHERS]
        each = [agreement(codes[left], codes[right]) for codes in columns]
        best = np.maximum.reduce(each)
        return np.asarray(np.where(best > 0, best, np.minimum.reduce(each)), dtype=np.float32)
