"""Names compared as bags of words, for sources whose names are not forename and surname.

Invariant: titles say nothing; a rare word in common says more than a frequent one.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz
from scipy import sparse

from resolution.columns import Column, Index
from resolution.names import TITLES, sound
from resolution.vectors.similarity import Found, similarity

MANY_WORDS = 3
_MOST, _SOME = 0.5, 0.15  # shares of records
_AT_ONCE = 200_000


def wordy(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether names come as many words, so that words are worth comparing.

    So they do where most have three words or more, or where most sources do not split them and
    many have: then what stands first or last need not be forename or surname.
    """
    many, whole = con.execute(_SHARES, {"words": MANY_WORDS}).fetchall()[0]
    return bool(many >= _MOST or (whole >= _MOST and many >= _SOME))


class Wording:
    """Words of the names of all records, ready to be compared."""

    def __init__(self, texts: pd.Series[str], once: npt.NDArray[np.bool_]) -> None:
        self._names = Column(texts, once)
        bags = [sorted({w for w in name.split() if w not in TITLES}) for name in self._names.values]
        heard = [sorted({sound(word) or word for word in bag}) for bag in bags]
        counts = self._names.uses
        self._words, self._weight = _weighted(bags, counts)
        self._sounds, self._sound_weight = _weighted(heard, counts)

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group WORDS."""
        a, b = self._names.codes[left], self._names.codes[right]
        known = (a >= 0) & (b >= 0)
        shared = _in_common(self._words, a, b)
        heard = _in_common(self._sounds, a, b)
        least = np.maximum(np.minimum(self._weight[a], self._weight[b]), 0.1)
        least_heard = np.maximum(np.minimum(self._sound_weight[a], self._sound_weight[b]), 0.1)
        alike = np.nan_to_num(similarity(self._names, a, b, fuzz.token_sort_ratio)) / 100
        alike[known & (a == b)] = 1.0
        return {
            "words_shared": np.where(known, shared, 0.0),
            "words_contained": np.where(known, shared / least, 0.3),
            "words_alike": np.where(known, alike, 0.3),
            "sounds_shared": np.where(known, heard / least_heard, 0.3),
        }


def _weighted(
    bags: list[list[str]], counts: npt.NDArray[np.int64]
) -> tuple[sparse.csr_matrix, npt.NDArray[np.float64]]:
    """Bags as rows of square roots of their words' bits, and each bag's sum of bits."""
    words, places = [word for bag in bags for word in bag], [len(bag) for bag in bags]
    rows = np.repeat(np.arange(len(bags)), places)
    codes, distinct = pd.factorize(np.array(words, dtype=object))
    frequency = np.bincount(codes, weights=counts[rows], minlength=len(distinct))
    bits = np.log2(max(float(counts.sum()), 2.0) / np.maximum(frequency, 1.0)).clip(0.1)
    matrix = sparse.csr_matrix(
        (np.sqrt(bits[codes]), (rows, codes)), shape=(len(bags) + 1, max(len(distinct), 1))
    )
    weight = np.bincount(rows, weights=bits[codes], minlength=len(bags) + 1)
    return matrix, np.asarray(weight, dtype=np.float64)


def _in_common(
    matrix: sparse.csr_matrix, a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    out = np.empty(len(a))
    for start in range(0, len(a), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        both = matrix[a[part]].multiply(matrix[b[part]])
        out[part] = np.asarray(both.sum(axis=1)).ravel()
    return out


_SHARES = """
select coalesce(avg((len(string_split(v, ' ')) >= $words)::integer), 0),
  coalesce(avg((full_name is not null)::integer), 0)
from (select full_name, nullif(trim(concat_ws(' ', given, middle, family)), '') v from person)
"""
