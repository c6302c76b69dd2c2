"""Columns of records by code, and lists of codes per record: what comparisons are made on.

Invariant: a distinct value is looked at once, a distinct pair of values is scored once; a code
of -1 is a missing value and equals nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from resolution.statistics import NOT_COUNTED, Counts

Ints = npt.NDArray[np.int32]
Levels = npt.NDArray[np.int8]
Index = npt.NDArray[np.int64]

COMPARED = (
    "given",
    "middle",
    "family",
    "birth",
    "sex",
    "nhs_number",
    "upn",
    "uln",
    "nino",
    "phone",
    "email",
)
_ALSO_READ = ("local_id", "agency", "source", "birth_place", "occupation")
PLACES_KEPT = 4  # addresses per record that are compared, latest first
_NAMES_KEPT = 3


class Column:
    """Values by code: -1 is missing, distinct values are compared once."""

    def __init__(self, values: pd.Series[Any], counts: Counts = NOT_COUNTED) -> None:
        """`counts` says how often the values are used in the whole list."""
        codes, distinct = pd.factorize(values, sort=False)
        self.codes: Ints = codes.astype(np.int32)
        self.values: npt.NDArray[np.object_] = np.asarray(distinct, dtype=object)
        self.uses = counts.on(self.values)
        self.total = counts.total

    def on_pairs(
        self,
        left: Ints,
        right: Ints,
        score: Callable[[npt.NDArray[np.object_], npt.NDArray[np.object_], Ints, Ints], Levels],
        out: Levels,
    ) -> Levels:
        """Fill `out` where two present values differ, scoring each distinct pair once."""
        todo = np.flatnonzero((left >= 0) & (right >= 0) & (left != right))
        if len(todo):
            low = np.minimum(left[todo], right[todo])
            high = np.maximum(left[todo], right[todo])
            keys, distinct = pd.factorize(low.astype(np.int64) * len(self.values) + high)
            first = (distinct // len(self.values)).astype(np.int32)
            second = (distinct % len(self.values)).astype(np.int32)
            scores = score(self.values[first], self.values[second], first, second)
            out[todo] = scores[keys]
        return out


@dataclass(frozen=True)
class Lists:
    """Up to a few codes per record; -1 where there are no more."""

    codes: npt.NDArray[np.int32]
    uses: npt.NDArray[np.int64]  # of each code; one more for none

    def shared(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(left), dtype=bool)
        for a in range(self.codes.shape[1]):
            mine = self.codes[left, a]
            present = mine >= 0
            for b in range(self.codes.shape[1]):
                found |= present & (mine == self.codes[right, b])
        return found

    def present(self, rows: Index) -> npt.NDArray[np.bool_]:
        return np.asarray(self.codes[rows, 0] >= 0)

    def uses_on(self, left: Index, right: Index) -> npt.NDArray[np.float32]:
        """How often the more frequent of two records' first values is used."""
        most = np.maximum(self.uses[self.codes[left, 0]], self.uses[self.codes[right, 0]])
        return np.asarray(most, dtype=np.float32)


def read_columns(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The single-valued columns that are compared, one row per record."""
    names = ", ".join(COMPARED + _ALSO_READ)
    frame: pd.DataFrame = con.execute(f"select {names} from person order by rid").df()
    return frame


def whole_names(frame: pd.DataFrame) -> pd.Series[str]:
    """Forename and surname as one value; missing where either is."""
    names = frame[["given", "family"]].astype("str")  # a column that nobody has is of objects
    whole: pd.Series[str] = names["given"] + "|" + names["family"]
    return whole


def word_codes(*columns: pd.Series[Any]) -> list[Ints]:
    """Words of several columns numbered alike, so that a swap is seen; -1 is missing."""
    codes = pd.factorize(pd.concat(columns), sort=False)[0].astype(np.int32)
    return np.split(codes, len(columns))


def place_lists(
    con: duckdb.DuckDBPyConnection,
    column: str,
    count: int,
    table: str = "lodged",
    counts: Counts = NOT_COUNTED,
) -> Lists:
    """Addresses, postcodes or areas per record, homes first; `table`: lodged or known."""
    return _fill(place_rows(con, column, table), count, PLACES_KEPT, counts)


def place_rows(con: duckdb.DuckDBPyConnection, column: str, table: str = "lodged") -> pd.DataFrame:
    """Each record's values (`rid`, `v`) with their place in its list (`n` from 0)."""
    first = "home desc, " if table == "known" else ""
    query = _PLACE_LISTS.format(
        column=column,
        table=table,
        first=first,
        home=", max(home) home" if first else "",
    )
    return con.execute(query).df()


def names_called(con: duckdb.DuckDBPyConnection, count: int) -> Lists:
    return _fill(con.execute(_CALLED_LISTS).df(), count, _NAMES_KEPT)


def families_called(con: duckdb.DuckDBPyConnection, count: int) -> Lists:
    return _fill(con.execute(_FAMILY_LISTS).df(), count, _NAMES_KEPT)


def _fill(frame: pd.DataFrame, count: int, width: int, counts: Counts = NOT_COUNTED) -> Lists:
    kept = frame[frame["n"] < width]
    codes = np.full((count, int(kept["n"].max()) + 1 if len(kept) else 1), -1, dtype=np.int32)
    values, distinct = pd.factorize(kept["v"])
    codes[kept["rid"], kept["n"]] = values
    return Lists(codes, np.append(counts.on(np.asarray(distinct)), 0))


_PLACE_LISTS = """
select rid, {column} v, row_number() over (
    partition by rid order by {first}until desc, since desc nulls last, {column}) - 1 n
from (select rid, {column}, max(until) until, max(since) since{home} from {table}
      where {column} is not null group by all)
"""

_CALLED_LISTS = """
select rid, given || '|' || family v,
  row_number() over (partition by rid order by given, family) - 1 n
from called where given is not null and family is not null
"""

_FAMILY_LISTS = """
select rid, family v, row_number() over (partition by rid order by family) - 1 n
from (select distinct rid, family from called where family is not null)
"""
