"""Candidate pairs: records that share a value of some key.

Invariant: a pair stands once, lower record number first, with the set of keys it shares as a
mask; a key value shared by more records than the cap makes no pairs but those of records alike
in everything (a default date must not link a county, yet copies of a row must be found).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from resolution.keys import build_key_table


@dataclass(frozen=True, kw_only=True)
class KeyYield:
    """What one key gave: blocks, records in them, and what the cap skipped."""

    keys: tuple[str, ...]
    blocks: int
    records: int
    skipped_blocks: int
    skipped_records: int


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Candidate pairs in order of their record numbers; the mask tells of the first 64 keys."""

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    mask: npt.NDArray[np.uint64]
    yields: tuple[KeyYield, ...]

    def __len__(self) -> int:
        return len(self.left)

    def sharing(self, key: int) -> npt.NDArray[np.bool_]:
        """Which pairs share the key at a place in the list of keys."""
        return np.asarray((self.mask >> np.uint64(key)) & np.uint64(1), dtype=bool)


def candidate_pairs(
    con: duckdb.DuckDBPyConnection,
    keys: Sequence[tuple[str, ...]],
    cap: int,
    keep: Path | None = None,
) -> Pairs:
    """Join the records on every key, blocks over the cap left out.

    Args:
        keep: a Parquet file that is made of the table `key`.
    """
    build_key_table(con, keys)
    if keep is not None:
        con.table("key").write_parquet(str(keep), compression="uncompressed")
    con.execute(_BLOCKS)
    con.execute(_CANDIDATES, {"cap": cap})
    found = con.execute("select i, j, mask from candidate order by i, j").fetchnumpy()
    yields = _yields(con, keys, cap)
    con.execute("drop table candidate; drop table key; drop table block")
    return Pairs(
        left=np.asarray(found["i"]).astype(np.int64),
        right=np.asarray(found["j"]).astype(np.int64),
        mask=np.asarray(found["mask"]).astype(np.uint64),
        yields=yields,
    )


def _yields(
    con: duckdb.DuckDBPyConnection, keys: Sequence[tuple[str, ...]], cap: int
) -> tuple[KeyYield, ...]:
    rows = {row[0]: row[1:] for row in con.execute(_YIELDS, {"cap": cap}).fetchall()}
    return tuple(
        KeyYield(
            keys=tuple(names),
            blocks=int(counts[0]),
            records=int(counts[1]),
            skipped_blocks=int(counts[2]),
            skipped_records=int(counts[3]),
        )
        for names, counts in (
            (names, rows.get(place, (0, 0, 0, 0))) for place, names in enumerate(keys)
        )
    )


_BLOCKS = """
create or replace temp table block as
select t, h, count(*) size from key group by t, h having count(*) > 1
"""

ALIKE = """
hash(p.given, p.middle, p.family, p.birth, p.sex, p.nhs_number, p.upn, p.uln, p.nino, p.phone,
  p.email)
"""
"""Of `person p`: the same for records that are alike in everything."""

_CANDIDATES = f"""
create or replace temp table candidate as
with small as (
  select k.t, k.h, k.rid from key k join block b using (t, h) where b.size <= $cap),
large as (
  select k.t, k.h, k.rid, {ALIKE} alike
  from key k join block b using (t, h) join person p using (rid) where b.size > $cap),
copies as (
  select t, lag(rid) over (partition by t, h, alike order by rid) i, rid j from large)
select i, j, bit_or(case when t < 64 then 1::ubigint << t else 0::ubigint end) mask from (
  select a.rid i, b.rid j, a.t from small a join small b
    on a.t = b.t and a.h = b.h and a.rid < b.rid
  union all select i, j, t from copies where i is not null)
group by i, j
"""

_YIELDS = """
select t, count(*) filter (size <= $cap), coalesce(sum(size) filter (size <= $cap), 0),
  count(*) filter (size > $cap), coalesce(sum(size) filter (size > $cap), 0)
from block group by t
"""
