"""Some of all records, prepared as a run over all of them would prepare them.

Invariant: what is said of two records is what a run over all would say of them: counts over the
whole list come from the model, where each was seen from the tables of linking. Records go by
their numbers in the whole list; the order of the few is that of the many.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from records.snapshot import Snapshot
from resolution.blocking import Blocking, suited_keys
from resolution.columns import Index, Levels
from resolution.comparisons import Comparer
from resolution.distinct import distinct
from resolution.keys import build_key_table
from resolution.ladder import read_spans
from resolution.lifespans import Lifespans
from resolution.linking.first_pass import Levelled, PairVectors
from resolution.prepare import READ, open_workspace, prepare_rows
from resolution.statistics import Statistics
from resolution.vectors import Vectors
from resolution.vectors.similarity import Floats, Found

Keys = list[tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Where all records are found.

    Attributes:
        con: has the table `known` of linking, by the numbers of all records.
        ids: their record ids, by number.
        ladder_keys: the match keys that rules name; others suit the list.
    """

    con: duckdb.DuckDBPyConnection
    snapshot: Snapshot
    ids: npt.NDArray[np.object_]
    known: Statistics
    blocking: Blocking
    ladder_keys: Keys


class Nearby:
    """A workspace over some records.

    Attributes:
        numbers: of these records, in order.
        con: the workspace; record numbers in it are places in `numbers`.
        keys: the match keys of the run.
    """

    def __init__(self, whole: Whole, numbers: Index) -> None:
        self.numbers = distinct(numbers)
        self._known = whole.known
        self.con = open_workspace()
        ids = whole.ids[self.numbers].tolist()
        rows = whole.snapshot.read_keys("record", "record_id", ids, READ)
        self.con.register("record_in", rows)
        prepare_rows(self.con, whole.known)
        self._place(whole)
        suited = suited_keys(self.con, whole.blocking, whole.known)
        self.keys: Keys = list(dict.fromkeys([*whole.ladder_keys, *suited]))

    def _place(self, whole: Whole) -> None:
        places = np.arange(len(self.numbers))
        whole.con.register("wanted", pa.table({"rid": self.numbers, "place": places}))
        seen = whole.con.sql(_SEEN).to_arrow_table()
        whole.con.unregister("wanted")
        self.con.register("seen", seen)
        for query in _PLACED:
            self.con.execute(query)
        self.con.unregister("seen")

    def at(self, numbers: Index) -> Index:
        """The places of records among these."""
        return np.searchsorted(self.numbers, numbers)

    @cached_property
    def spans(self) -> Lifespans:
        """When each was alive."""
        return read_spans(self.con)

    @cached_property
    def comparer(self) -> Comparer:
        return Comparer(self.con, self._known)

    @cached_property
    def vectors(self) -> Vectors:
        return Vectors(self.con, self._known)

    def write_keys(self) -> pa.Table:
        """The match keys of these records: `t`, `h` and `rid` (the number in the whole list)."""
        build_key_table(self.con, self.keys)
        self.con.register("numbered_as", self._numbered())
        found = self.con.sql(
            "select k.t, k.h, n.number rid from key k join numbered_as n using (rid)"
        ).to_arrow_table()
        self.con.unregister("numbered_as")
        return found

    def table(self, query: str) -> pa.Table:
        """A query's rows, their `rid` the number in the whole list."""
        self.con.register("numbered_as", self._numbered())
        found = self.con.sql(
            f"select q.* replace (n.number as rid) from ({query}) q join numbered_as n using (rid)"
        ).to_arrow_table()
        self.con.unregister("numbered_as")
        return found

    def _numbered(self) -> pa.Table:
        places = pa.array(np.arange(len(self.numbers)), pa.int32())
        return pa.table({"rid": places, "number": self.numbers})

    def close(self) -> None:
        self.con.close()


class NearbyVectors(PairVectors, Levelled):
    """Comparisons of any records by their numbers; those asked of are prepared when asked."""

    def __init__(self, whole: Whole, first: Nearby) -> None:
        """`first` says what the features are, and is used for what it holds."""
        self._whole, self._near = whole, first
        self._alone = threading.Lock()  # others are prepared in the place of these
        self._names, self._directions = first.vectors.names, first.vectors.directions

    @property
    def names(self) -> tuple[str, ...]:
        return self._names

    @property
    def directions(self) -> npt.NDArray[np.int8]:
        return self._directions

    def identifiers(self, left: Index, right: Index) -> Found:
        with self._alone:
            near = self._having(left, right)
            return near.vectors.identifiers(near.at(left), near.at(right))

    def __call__(self, left: Index, right: Index) -> Floats:
        with self._alone:
            near = self._having(left, right)
            return near.vectors(near.at(left), near.at(right))

    def compare(self, left: Index, right: Index) -> dict[str, Levels]:
        with self._alone:
            near = self._having(left, right)
            return near.comparer.compare(near.at(left), near.at(right))

    def chance_odds(self, left: Index, right: Index) -> npt.NDArray[np.float64]:
        with self._alone:
            near = self._having(left, right)
            return near.comparer.chance_odds(near.at(left), near.at(right))

    def _having(self, left: Index, right: Index) -> Nearby:
        asked = distinct(np.concatenate([left, right]))
        if not np.isin(asked, self._near.numbers).all():
            self._near.close()
            self._near = Nearby(self._whole, asked)
        return self._near


_SEEN = "select a.place rid, k.* exclude (rid) from known k join wanted a using (rid)"

_PLACED = (
    """create or replace temp table address as
    select (row_number() over (order by mark) - 1)::integer address_no, mark, number, street
    from (select distinct mark, number, street from seen)""",
    """create or replace temp table known as
    select s.rid::integer rid, a.address_no, s.until, s.since, s.dwelling, s.postcode, s.area,
      s.home from seen s join address a using (mark)""",
    "create or replace temp table lodged as select * exclude (home) from known where home",
)
