"""Names compared as bags of words, for sources whose names are not forename and surname.

Invariant: titles say nothing; a rare word in common says more than a frequent one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz
from scipy import sparse

from resolution.columns import Column, Index
from resolution.names import TITLES, sound
from resolution.statistics import Counts
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

    def __init__(self, texts: pd.Series[str], counts: Mapping[str, Counts]) -> None:
        self._names = Column(texts)
        bags, heard = _bags(self._names)
        self._words, self._weight = _weighted(bags, counts["word"])
        self._sounds, self._sound_weight = _weighted(heard, counts["sound"])

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group WORDS."""
        a, b = self._names.codes[left], self._names.codes[right]
        known = (a >= 0) & (b >= 0)
        shared = _in_common(self._words, a, b)
        heard = _in_common(self._sounds, a, b)
        least = np.maximum(np.minimum(self._weight[a], self._weight[b]), 0.1)
        least_heard = np.maximum(np.minimum(self._sound_weight[a], self._sound_weight[b]), 0.1)
        most_heard = np.maximum(np.maximum(self._sound_weight[a], self._sound_weight[b]), 0.1)
        alike = np.nan_to_num(similarity(self._names, a, b, fuzz.token_sort_ratio)) / 100
        within = np.nan_to_num(similarity(self._names, a, b, fuzz.token_set_ratio)) / 100
        alike[known & (a == b)] = within[known & (a == b)] = 1.0
        return {
            "words_shared": np.where(known, shared, 0.0),
            "words_contained": np.where(known, shared / least, 0.3),
            "words_alike": np.where(known, alike, 0.3),
            "sounds_shared": np.where(known, heard / least_heard, 0.3),
            "sounds_weight": np.where(known, heard, 0.0),
            "sounds_union": np.where(known, heard / most_heard, 0.3),
            "words_within": np.where(known, within, 0.3),
        }


def words_of(frame: pd.DataFrame) -> pd.Series[str]:
    """Every record's names as words one space apart; missing where it has none."""
    filled = [frame[name].fillna("") for name in ("given", "middle", "family")]
    words = (filled[0] + " " + filled[1] + " " + filled[2]).str.replace("  ", " ").str.strip()
    return words.where(words != "")


def count_words(names: Column) -> dict[str, Counts]:
    """How often each word, and each sound of one, is in a name; for the counts of `Wording`."""
    found = {}
    for kind, bags in zip(("word", "sound"), _bags(names), strict=True):
        words, rows = _flat(bags)
        codes, distinct = pd.factorize(np.array(words, dtype=object))
        uses = np.bincount(codes, weights=names.uses[rows], minlength=len(distinct))
        counts = Counts.of(distinct.tolist(), uses.astype(np.int64))
        found[kind] = replace(counts, total=int(names.uses.sum()))
    return found


def _bags(names: Column) -> tuple[list[list[str]], list[list[str]]]:
    """Of each distinct name its words, titles left out, and how they sound."""
    bags = [sorted({w for w in name.split() if w not in TITLES}) for name in names.values]
    return bags, [sorted({sound(word) or word for word in bag}) for bag in bags]


def _flat(bags: list[list[str]]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """All words, and the place of each one's bag."""
    words = [word for bag in bags for word in bag]
    return words, np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])


def _weighted(
    bags: list[list[str]], counts: Counts
) -> tuple[sparse.csr_matrix, npt.NDArray[np.float64]]:
    """Bags as rows of square roots of their words' bits, and each bag's sum of bits."""
    words, rows = _flat(bags)
    codes, distinct = pd.factorize(np.array(words, dtype=object))
    bits = np.log2(max(float(counts.total), 2.0) / counts.on(distinct)).clip(0.1)
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
