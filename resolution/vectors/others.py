"""What else a source may tell of a person: place of birth, occupation.

Invariant: free text is compared as text; a source that gives none costs nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rapidfuzz.distance import JaroWinkler

from resolution.columns import Column, Index
from resolution.statistics import Statistics
from resolution.vectors.similarity import Found, rarity, similarity

FIELDS = ("birth_place", "occupation")
_UNKNOWN = 0.4
_USUAL_BITS = 10.0


class Others:
    """Free-text fields of all records; fields that nobody gives are left out."""

    def __init__(self, frame: pd.DataFrame, known: Statistics) -> None:
        self._columns = {
            name: Column(frame[name], known.counts[name]) for name in known.given_fields
        }

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group OTHERS: likeness, and for equal values more if they are rare."""
        found: Found = {}
        for name, column in self._columns.items():
            a, b = column.codes[left], column.codes[right]
            alike = similarity(column, a, b, JaroWinkler.normalized_similarity)
            equal = (a >= 0) & (a == b)
            likeness = np.nan_to_num(alike, nan=_UNKNOWN)
            found[name] = likeness + np.where(equal, rarity(column, a) / _USUAL_BITS, 0.0)
        return found
