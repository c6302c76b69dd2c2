"""Places of birth and homes compared by region: the letters with which a postcode begins.

Invariant: which regions a place of birth belongs to is told by where those born there live, as
counted over a whole list; a place or a region that was not counted says nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from resolution.columns import Column, Index
from resolution.vectors.similarity import Found, agreement

_UNKNOWN = -0.1
_AT_ONCE = 200_000


class Regions:
    """Places of birth and regions of all records, ready to be compared."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        frame: pd.DataFrame,
        counts: dict[str, dict[str, int]],
    ) -> None:
        """Reads the table `lodged`.

        Args:
            counts: by place of birth how many who were born there live in each region.
        """
        self._born = Column(frame["birth_place"])
        self._region = Column(_regions(con, len(frame)))
        self._shares = _shares(self._born.values.tolist(), self._region.values.tolist(), counts)

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group REGIONS."""
        born = self._born.codes[left], self._born.codes[right]
        home = self._region.codes[left], self._region.codes[right]
        near = np.full(len(left), _UNKNOWN, dtype=np.float32)
        known = np.flatnonzero((born[0] >= 0) & (born[1] >= 0))
        for start in range(0, len(known), _AT_ONCE):
            part = known[start : start + _AT_ONCE]
            both = self._shares[born[0][part]].multiply(self._shares[born[1][part]])
            near[part] = np.asarray(both.sum(axis=1)).ravel()
        near[(born[0] >= 0) & (born[0] == born[1])] = 1.0
        crossed = (self._lives(born[0], home[1]), self._lives(born[1], home[0]))
        return {
            "birth_place_near": near,
            "birth_place_home": np.maximum(*crossed),
            "region": agreement(*home),
        }

    def _lives(
        self, born: npt.NDArray[np.int32], home: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.float32]:
        """How many of those born at the one's place live in the other's region, as a share."""
        out = np.zeros(len(born), dtype=np.float32)
        known = np.flatnonzero((born >= 0) & (home >= 0))
        if len(known):
            out[known] = np.asarray(self._shares[born[known], home[known]]).ravel()
        return out


def count_regions(con: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    """By place of birth how many who were born there live in each region; single ones left out."""
    both = pd.DataFrame(
        {"born": frame["birth_place"], "region": _regions(con, len(frame))}
    ).dropna()
    counts = Counter(zip(both["born"].tolist(), both["region"].tolist(), strict=True))
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (born, region), count in sorted(counts.items()):
        if count > 1:
            found[born][region] = count
    return dict(found)


def _regions(con: duckdb.DuckDBPyConnection, count: int) -> pd.Series[str]:
    """Each record's region; of several the first by name."""
    found = con.execute(_REGION).df().set_index("rid")["region"]
    return found.reindex(range(count)).reset_index(drop=True)


def _shares(
    born: list[str], regions: list[str], counts: dict[str, dict[str, int]]
) -> sparse.csr_matrix:
    """Of those born at each place the share that lives in each region."""
    column = {region: place for place, region in enumerate(regions)}
    known = sorted({region for each in counts.values() for region in each} - set(column))
    column |= {region: len(column) + place for place, region in enumerate(known)}
    rows, columns, shares = [], [], []
    for row, place in enumerate(born):
        living = counts.get(place, {})
        for region, count in living.items():
            rows.append(row)
            columns.append(column[region])
            shares.append(count / sum(living.values()))
    return sparse.csr_matrix(
        (np.array(shares, dtype=np.float32), (rows, columns)),
        shape=(max(len(born), 1), max(len(column), 1)),
    )


_REGION = """
select rid, min(regexp_extract(postcode, '^[A-Za-z]+')) region from lodged
where regexp_matches(postcode, '^[A-Za-z]') group by rid
"""
