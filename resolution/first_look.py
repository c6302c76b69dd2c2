"""Questions before anything was linked: a first look at a sample of what all agencies hold.

Invariant: the pool is a function of the snapshot and the settings. Its pairs touch records drawn
by their opaque id, together with all that share something with those, so that each pair of the
whole file that it could hold was as likely as any other to be in it. No pair of it is a control
pair: what it stands for is known too roughly to estimate from.

While records are drawn a thread imports the half of the learner's libraries that is safe: DuckDB
uses pandas as soon as it is there, half imported or not. It ends before anything else is imported.
"""

from __future__ import annotations

import importlib
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from records.snapshot import Snapshot, TableFolder
from resolution.samples import Sample

if TYPE_CHECKING:
    from resolution.linking.settings import LinkingSettings
    from resolution.questions import Pool

SEEDS = 1_000
"""Records drawn; their candidate pairs are what may be asked about."""

_WHOLE = 8_000  # a list of so many records is looked at whole
_CROWD = 60  # records of one value; more say nothing of anybody
_LOTS = 1_000_000
_OF_RECORDS = ("residence", "involvement", "indicator")
_THREADS = 2
_MEMORY = "800MB"


def first_look(snapshot: Snapshot, settings: LinkingSettings | None = None) -> Pool | None:
    """A pool of pairs of records to ask about; None if no two records are alike in anything."""
    with tempfile.TemporaryDirectory(prefix="kith-look-") as temporary:
        folder = Path(temporary)
        spill = str(folder / "spill")
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": _THREADS,
            "memory_limit": _MEMORY,
            "temp_directory": spill,
        }
        meanwhile = threading.Thread(target=importlib.import_module, args=["scipy.stats"])
        meanwhile.start()
        with duckdb.connect(config=config) as con:
            sample = _draw(con, snapshot, folder)
        meanwhile.join()
        from resolution.first_pairs import pairs_of  # takes a second and more

        return pairs_of(sample, folder, settings)


def _draw(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, folder: Path) -> Sample:
    """Draw records, and take with them whatever shares a value with one of them."""
    con.read_parquet(str(snapshot.path("record"))).create_view("record_in")
    con.read_parquet(str(snapshot.path("residence"))).create_view("residence_in")
    count = int(con.execute("select count(*) from record_in").fetchall()[0][0])
    share = 1.0 if count <= _WHOLE else SEEDS / count
    con.execute(_SEED, {"lots": _LOTS, "below": int(share * _LOTS)})
    con.execute(_SHARED)
    con.execute(_TAKEN, {"crowd": _CROWD})
    sample = Snapshot(folder=folder, snapshot_id=snapshot.snapshot_id)
    for name in ("record", *_OF_RECORDS):
        _copy(con, snapshot, sample, name, "semi join taken using (record_id)")
    con.read_parquet(str(sample.path("involvement"))).create_view("taken_part")
    _copy(con, snapshot, sample, "contact", "semi join taken_part using (contact_id)")
    seeds = frozenset(row for (row,) in con.execute("select record_id from seed").fetchall())
    return Sample(tables=sample, seeds=seeds, share=1.0 - (1.0 - share) ** 2, of=count)


def _copy(
    con: duckdb.DuckDBPyConnection, whole: TableFolder, part: TableFolder, name: str, which: str
) -> None:
    rows = con.sql(f"select t.* from read_parquet($1) t {which}", params=[str(whole.path(name))])
    rows.write_parquet(str(part.folder / f"{name}.parquet"))


_SEED = """
create temp table seed as
select record_id from record_in where hash(record_id) % $lots < $below
"""

# What two records of one person may share, as it was sent: a run looks closer. Of a date of birth
# with how a name begins, letters that may sound alike as one: a date alone is many people's.
_SHARED = """
create temp table shared as
with told as (
  select record_id, unnest([
    'n' || nhs_number, 'u' || upn, 'l' || uln, 'i' || nino, 'p' || phone, 'e' || lower(email),
    'a' || agency || '|' || local_id,
    'w' || lower(coalesce(full_name, given_name || ' ' || family_name)),
    'f' || lower(family_name) || '|' || lower(left(given_name, 1)) || '|' || left(birth_date, 4)
  ]) v from record_in
  union all
  select record_id, unnest(list_transform(
    string_split_regex(strip_accents(lower(
      concat_ws(' ', full_name, given_name, family_name))), '[^\\pL]+'),
    lambda word: 'b' || birth_date || '|' || nullif(
      translate(left(word, 1), 'ckqgjxszpfvwaeiouyh', 'ccccccccffffaaaaaaa'), ''))) v
  from record_in where birth_date is not null
  union all
  select s.record_id, unnest([
    's' || s.postcode || '|' || lower(left(r.given_name, 2)),
    'd' || s.postcode || '|' || r.birth_date]) v
  from residence_in s join record_in r using (record_id))
select record_id, hash(v) h from told where v is not null group by all
"""

_TAKEN = """
create temp table taken as
with near as (
  select h from shared group by h
  having count(*) between 2 and $crowd and bool_or(record_id in (select record_id from seed)))
select record_id from seed
union select record_id from shared semi join near using (h)
"""
