"""The candidate pairs of records that changed, from the match keys of all.

Invariant: with the candidate pairs of records that are not touched they are those of a run over
all records: a record is touched too if a block that it is in passed the bound on either side, or
if a copy of it in a block over the bound changed. Pairs go by new record numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolution.columns import Index
from resolution.distinct import distinct
from resolution.increments.match_keys import MatchKeys
from resolution.increments.numbering import Numbering
from resolution.pairs import Pairs


@dataclass(frozen=True, kw_only=True)
class Touched:
    """Records whose pairs are made again (new numbers), and their candidate pairs."""

    numbers: Index
    pairs: Pairs


class Blocks:
    """The match keys of all records, before and after a change."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, before: MatchKeys, numbering: Numbering, cap: int
    ) -> None:
        self._con, self._before, self._numbering, self._cap = con, before, numbering, cap
        before.show(con, numbering)

    def touch(
        self,
        dirty: Index,
        changed: pa.Table,
        alike: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]],
    ) -> Touched:
        """Find what is touched.

        Args:
            dirty: the records that changed, came or are told otherwise, new numbers.
            changed: their match keys (`t`, `h`, `rid`).
            alike: of all records before and after what copies share.
        """
        con, old = self._con, self._numbering.old
        before = np.concatenate([old[dirty][old[dirty] >= 0], self._numbering.gone])
        odd = distinct(np.concatenate([alike[0][before], alike[1][dirty]]))
        given = {
            "dirty_old": pa.table({"rid": before}),
            "mine": changed,
            "odd": pa.table({"alike": odd}),
            "alike_old": pa.table({"rid": np.arange(len(alike[0])), "alike": alike[0]}),
            "alike_new": pa.table({"rid": np.arange(len(alike[1])), "alike": alike[1]}),
        }
        for name, table in given.items():
            con.register(name, table)
        for query in _TOUCHED:
            con.execute(query, {"cap": self._cap} if "$cap" in query else {})
        more = np.asarray(con.execute("select rid from more").fetchnumpy()["rid"], np.int64)
        numbers = np.union1d(dirty, self._numbering.new[more])
        con.register("again", pa.table({"rid": numbers}))
        pairs = self._pairs()
        for name in (*given, "again"):
            con.unregister(name)
        return Touched(numbers=numbers, pairs=pairs)

    def _pairs(self) -> Pairs:
        for query in _CURRENT:
            self._con.execute(query)
        found = self._con.execute(_PAIRS, {"cap": self._cap}).fetchnumpy()
        return Pairs(
            left=np.asarray(found["i"], np.int64),
            right=np.asarray(found["j"], np.int64),
            mask=np.asarray(found["mask"], np.uint64),
            yields=(),
        )


_TOUCHED = (
    """create or replace temp table dirty_no as
    select no from live semi join dirty_old using (rid)""",
    """create or replace temp table mine_old as
    select k.t, k.h, l.rid
    from (from key semi join dirty_no using (no)) k join live l using (no)""",
    """create or replace temp table touched as
    select distinct t, h from (select t, h from mine_old union all select t, h from mine)""",
    """create or replace temp table row_of as
    select k.t, k.h, l.rid
    from (from key semi join touched using (t, h)) k join live l using (no)""",
    """create or replace temp table sized as
    with counted as (
      select t, h, count(*) was, 0 lost, 0 won from row_of group by all
      union all select t, h, 0, count(*), 0 from mine_old group by all
      union all select t, h, 0, 0, count(*) from mine group by all)
    select t, h, sum(was) was, sum(was) - sum(lost) + sum(won) is_now from counted group by all""",
    """create or replace temp table more as
    select distinct k.rid from row_of k join sized s using (t, h)
    where (s.was <= $cap) <> (s.is_now <= $cap)
    union
    select k.rid from row_of k join sized s using (t, h) join alike_old a on a.rid = k.rid
    semi join odd o on o.alike = a.alike
    where s.was > $cap or s.is_now > $cap
    except select rid from dirty_old""",
    # the other blocks of those
    "create or replace temp table more_no as select no from live semi join more using (rid)",
    """create or replace temp table other as
    select distinct t, h from key semi join more_no using (no) anti join touched using (t, h)""",
    """insert into row_of
    select k.t, k.h, l.rid from (from key semi join other using (t, h)) k join live l using (no)""",
)

_CURRENT = (
    """create or replace temp table now as
    select k.t, k.h, l.new rid from row_of k join live l using (rid)
    anti join dirty_old d using (rid)
    union all select t, h, rid from mine""",
    "create or replace temp table size as select t, h, count(*) n from now group by all",
)

_PAIRS = """
with small as (select k.* from now k join size using (t, h) where n between 2 and $cap),
large as (
  select k.t, k.h, k.rid, a.alike from now k join size using (t, h) join alike_new a using (rid)
  where n > $cap),
copies as (
  select t, lag(rid) over (partition by t, h, alike order by rid) i, rid j from large)
select i, j, bit_or(case when t < 64 then 1::ubigint << t else 0::ubigint end) mask from (
  select least(a.rid, b.rid) i, greatest(a.rid, b.rid) j, a.t
  from (select * from small semi join again using (rid)) a join small b
    on a.t = b.t and a.h = b.h and a.rid <> b.rid
  union all select i, j, t from copies
  where i is not null and (i in (select rid from again) or j in (select rid from again)))
group by i, j order by i, j
"""
