"""The records that questions are about, read from the snapshot.

Invariant: only the rows and columns that questions need are read, once for a run; what is read
here has not been cut to anybody's grants and goes to `sight` alone.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from kith.labelling.comparing import SHOWN
from records.snapshot import Snapshot

Row = dict[str, Any]

_RECORD = ("record_id", "share_key", "agency", "dataset", "source_key", "updated_on", *SHOWN)
_STAY = ("record_id", "address_line", "flat", "postcode", "uprn", "from_date", "to_date")
_THREADS = 2


class Rows:
    """Records and their addresses by record id; those of the pool are at hand."""

    def __init__(self, snapshot: Snapshot, wanted: Collection[str]) -> None:
        self._snapshot = snapshot
        self._wanted = frozenset(wanted)
        self._records, self._stays = self._read(wanted)
        ids = self._records["record_id"].to_pylist()
        self._place = {record_id: place for place, record_id in enumerate(ids)}
        self._stay_places: dict[str, list[int]] = defaultdict(list)
        for place, record_id in enumerate(self._stays["record_id"].to_pylist()):
            self._stay_places[record_id].append(place)

    def record(self, record_id: str) -> Row | None:
        """A record; None if there is none of this id, perhaps no longer."""
        place = self._place.get(record_id)
        if place is None:
            return None
        row: Row = self._records.slice(place, 1).to_pylist()[0]
        return row

    def stays(self, record_id: str) -> list[Row]:
        """A record's addresses, the current and latest first."""
        places = self._stay_places.get(record_id, [])
        rows: list[Row] = self._stays.take(places).to_pylist() if places else []
        return sorted(rows, key=_latest, reverse=True)

    def column(self, name: str) -> dict[str, Any]:
        """One column of all records at hand, by record id."""
        ids = self._records["record_id"].to_pylist()
        return dict(zip(ids, self._records[name].to_pylist(), strict=True))

    def beside(self, wanted: Collection[str]) -> Rows:
        """These rows, or ones that hold other records too if some are not at hand."""
        if self._wanted.issuperset(wanted):
            return self
        return Rows(self._snapshot, wanted)

    def _read(self, wanted: Collection[str]) -> tuple[pa.Table, pa.Table]:
        with duckdb.connect(config={"threads": _THREADS}) as con:
            con.register("wanted", pa.table({"record_id": pa.array(sorted(wanted), pa.string())}))
            return (
                _semi_join(con, self._snapshot.path("record"), _RECORD),
                _semi_join(con, self._snapshot.path("residence"), _STAY),
            )


def _semi_join(con: duckdb.DuckDBPyConnection, file: Path, columns: Collection[str]) -> pa.Table:
    names = ", ".join(f't."{name}"' for name in columns)
    query = f"select {names} from read_parquet(?) t semi join wanted w using (record_id)"
    found: pa.Table = con.sql(query, params=[str(file)]).to_arrow_table()
    return found.combine_chunks()


def _latest(row: Row) -> tuple[bool, dt.date, dt.date]:
    first, last = row["from_date"], row["to_date"]
    return last is None, last or dt.date.max, first or dt.date.min
