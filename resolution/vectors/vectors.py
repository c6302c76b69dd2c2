"""The comparison vector of a pair of records: everything that speaks for or against.

Invariant: one function for learning, scoring and explaining; symmetric in its two records; finite
numbers only. A feature about a field that no record has is left out, so a list of names and dates
gets a vector of names and dates.
"""

from __future__ import annotations

from typing import Protocol

import duckdb
import numpy as np
import numpy.typing as npt

from resolution.columns import Column, Index, read_columns
from resolution.statistics import Statistics
from resolution.vectors.births import Births
from resolution.vectors.features import FEATURES
from resolution.vectors.identifiers import Identifiers
from resolution.vectors.listed import Listed
from resolution.vectors.naming import Naming
from resolution.vectors.others import Others
from resolution.vectors.places import Places
from resolution.vectors.regions import Regions
from resolution.vectors.similarity import Floats, Found
from resolution.vectors.wording import Wording, words_of

_NUMBERS = ("nhs_number", "upn", "uln", "nino", "local_id", "phone", "email", "sex")
_AT_ONCE = 500_000
_ROWS = 4_096


class _Part(Protocol):
    def compare(self, left: Index, right: Index) -> Found: ...


class Vectors:
    """Comparison vectors over the records of one run.

    Attributes:
        names: the features, see `resolution.vectors.features`.
        directions: for each, 1, -1 or 0.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, known: Statistics) -> None:
        """Read the tables of `prepare`, `resolve_addresses` and `find_whereabouts`."""
        frame = read_columns(con)
        self.count = len(frame)
        self._identifiers = Identifiers(
            {name: Column(frame[name]) for name in _NUMBERS}, Column(frame["source"])
        )
        self._parts: list[_Part] = [
            Naming(con, frame, known.counts),
            Births(
                Column(frame["birth"], known.counts["birth"]),
                Column(frame["agency"]),
                known.expected,
            ),
            self._identifiers,
            Places(con, self.count, known.counts),
            Others(frame, known),
        ]
        if known.regions:
            self._parts.append(Regions(con, frame, known.regions))
        if known.wordy:
            self._parts.append(Wording(words_of(frame), known.counts))
        if known.listed:
            self._parts.append(Listed(con, self.count))
        self.names: tuple[str, ...] = tuple(
            name for name in self._all(np.zeros(0, np.int64), np.zeros(0, np.int64))
        )

    @property
    def directions(self) -> npt.NDArray[np.int8]:
        return np.array([FEATURES[name].direction for name in self.names], dtype=np.int8)

    def identifiers(self, left: Index, right: Index) -> Found:
        """The features of group IDENTIFIERS alone."""
        return self._identifiers.compare(left, right)

    def __call__(self, left: Index, right: Index) -> Floats:
        """The vectors of pairs of record numbers, shape (pairs, features)."""
        out = np.empty((len(left), len(self.names)), dtype=np.float32)
        for start in range(0, len(left), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            _write_rows(out[part], self._all(left[part], right[part]), self.names)
        return out

    def _all(self, left: Index, right: Index) -> Found:
        found: Found = {}
        for each in self._parts:
            found |= each.compare(left, right)
        return found | _joined(found)


def _write_rows(out: Floats, found: Found, names: tuple[str, ...]) -> None:
    """Features as columns; some rows at a time, so that these stay in the processor's cache."""
    for start in range(0, len(out), _ROWS):
        rows = slice(start, start + _ROWS)
        block = out[rows]
        for place, name in enumerate(names):
            block[:, place] = found[name][rows]


def _joined(found: Found) -> Found:
    """The features of group TOGETHER: what a sum over features cannot say."""
    given, family = found["given_alike"], found["family_alike"]
    least = np.fmin(given, family)
    return {
        "name_least": least,
        "name_and_birth": given * family * found["birth_written"],
        "name_and_place": least * found["place"],
        "name_and_seen": least * found["seen_place"],
    }
