"""The match keys of all records, in two files: those of a run over everything, and later ones.

Invariant: the first file is never changed, and is linked from run to run; a record whose keys
change gets a new lasting number, under which they stand in the second. A lasting number that no
record bears any more is a row to be passed over. When the second file is large both become one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from resolution.columns import Index
from resolution.increments.numbering import Numbering

KEYS, _LATER = "key.parquet", "key-later.parquet"
_MOST_LATER = 0.2  # of the rows of the first file


@dataclass(frozen=True, kw_only=True)
class MatchKeys:
    """The files in a folder (`t`, `h` and `rid`, which is the lasting number).

    Attributes:
        lasting: the lasting number of each record, by its number in that run.
    """

    folder: Path
    lasting: Index

    def show(self, con: duckdb.DuckDBPyConnection, numbering: Numbering) -> None:
        """Make the view `key` (`t`, `h`, `no`) and the table `live` (`no`, `rid`, `new`)."""
        files = ", ".join(f"'{file}'" for file in self._files())
        con.execute(
            "create or replace temp view key as"
            f" select t, h, rid::bigint no from read_parquet([{files}])"
        )
        rid = np.arange(len(self.lasting))
        con.register("made", pa.table({"no": self.lasting, "rid": rid, "new": numbering.new}))
        con.execute("create or replace temp table live as select * from made")
        con.unregister("made")

    def write(
        self,
        con: duckdb.DuckDBPyConnection,
        folder: Path,
        numbering: Numbering,
        dirty: Index,
        changed: pa.Table,
    ) -> Index:
        """Write the keys after a change; the lasting numbers of all records.

        Args:
            con: where `show` was called.
            dirty: whose keys are given anew, new numbers.
            changed: those keys (`t`, `h`, `rid`).
        """
        lasting = np.where(numbering.old >= 0, self.lasting[np.maximum(numbering.old, 0)], -1)
        lasting[dirty] = int(self.lasting.max(initial=-1)) + 1 + np.arange(len(dirty))
        con.register("changed", changed)
        con.register("lasts", pa.table({"rid": np.arange(len(lasting)), "no": lasting}))
        con.register("dirty_new", pa.table({"rid": dirty}))
        rows = [pq.read_metadata(file).num_rows for file in self._files()]
        if sum(rows[1:]) + changed.num_rows > _MOST_LATER * rows[0]:
            _write(con, _ONE, folder / KEYS)
            lasting = np.arange(len(lasting))
        else:
            os.link(self.folder / KEYS, folder / KEYS)
            file = self._files()[-1]
            con.read_parquet(str(file)).create_view("later", replace=True)
            _write(con, _ONLY_NEW if len(rows) == 1 else _WITH_LATER, folder / _LATER)
        for name in ("changed", "lasts", "dirty_new"):
            con.unregister(name)
        return lasting

    def _files(self) -> list[Path]:
        later = self.folder / _LATER
        return [self.folder / KEYS, *([later] if later.exists() else [])]


def _write(con: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    con.sql(query).write_parquet(str(file), compression="uncompressed")


_ONLY_NEW = "select c.t, c.h, n.no::integer rid from changed c join lasts n using (rid)"

_WITH_LATER = f"""
select k.t, k.h, k.rid from later k join live l on l.no = k.rid
where l.new >= 0 and l.new not in (select rid from dirty_new)
union all {_ONLY_NEW}
"""

_ONE = """
select k.t, k.h, l.new::integer rid from key k join live l using (no)
where l.new >= 0 and l.new not in (select rid from dirty_new)
union all select t, h, rid::integer from changed
"""
