"""Where all records were seen, with whom, and under which names: the tables of linking, renewed.

Invariant: the rows of records that did not change are those of the run before, under new numbers.

Tables made here, of all records by number: `known`, `together`, `called` (the first sound of each
forename) and `namesake` (who bears a name that two generations bear at a dwelling).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from resolution.columns import Index
from resolution.increments.nearby import Nearby
from resolution.increments.numbering import Numbering
from resolution.increments.state import TABLES
from resolution.ladder import write_namesakes

_KNOWN = pa.schema(
    [
        ("record_id", pa.string()),
        ("mark", pa.int64()),
        ("until", pa.date32()),
        ("since", pa.date32()),
        ("dwelling", pa.int64()),
        ("postcode", pa.string()),
        ("area", pa.string()),
        ("home", pa.bool_()),
        ("number", pa.string()),
        ("street", pa.string()),
    ]
)
_TOGETHER = pa.schema([("record_id", pa.string()), ("x", pa.int64())])


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What addresses and contacts make of a change.

    Attributes:
        records: whose rows are told anew, whole; those that are gone need not be named.
        known: their addresses: `record_id`, `mark`, `until`, `since`, `dwelling`, `postcode`,
            `area`, `home`, `number`, `street`.
        together: their contacts: `record_id`, `x`.
    """

    records: Collection[str] = ()
    known: pa.Table = field(default_factory=_KNOWN.empty_table)
    together: pa.Table = field(default_factory=_TOGETHER.empty_table)


def renew(con: duckdb.DuckDBPyConnection, folder: Path, numbering: Numbering, seen: Seen) -> Index:
    """Make the tables from those in the folder of the run before.

    Returns:
        The dwellings at which somebody lives or lived who is told anew or is gone.
    """
    told = numbering.numbers(seen.records)
    given = {
        "renumber": pa.table({"rid": np.arange(len(numbering.new)), "new": numbering.new}),
        "told": pa.table({"rid": told}),
        "person": pa.table({"rid": np.arange(len(numbering.ids)), "record_id": numbering.ids}),
        "more_known": seen.known,
        "more_together": seen.together,
    }
    for name, table in given.items():
        con.register(name, table)
    for name in TABLES:
        con.read_parquet(str(folder / f"{name}.parquet")).create_view("before", replace=True)
        con.execute(_RENEWED[name])
    con.read_parquet(str(folder / "known.parquet")).create_view("before", replace=True)
    left = con.execute(_LEFT).fetchnumpy()["dwelling"]
    con.execute("drop view before")
    for name in given:
        con.unregister(name)
    return np.asarray(left, dtype=np.int64)


def dwellers(con: duckdb.DuckDBPyConnection, records: Index, also: Index) -> tuple[Index, Index]:
    """The dwellings of records and some others, and everybody who lives or lived there."""
    con.register("wanted", pa.table({"rid": records}))
    con.register("more", pa.table({"dwelling": also}))
    con.execute(_DWELLINGS)
    found = con.execute(
        "select distinct rid from known semi join asked_dwelling using (dwelling) where home"
    ).fetchnumpy()["rid"]
    dwellings = con.execute("select dwelling from asked_dwelling").fetchnumpy()["dwelling"]
    con.unregister("wanted")
    con.unregister("more")
    return np.asarray(dwellings, np.int64), np.asarray(found, np.int64)


def renew_names(
    con: duckdb.DuckDBPyConnection, near: Nearby, dirty: Index, dwellings: Index
) -> Index:
    """Bring `called` of some records and `namesake` at some dwellings up to date.

    Args:
        near: has those records and everybody at those dwellings.

    Returns:
        The records of which it changed whether they share a name.
    """
    write_namesakes(near.con)
    con.execute("create or replace temp table shared_before as select distinct rid from namesake")
    given = {
        "dirty": pa.table({"rid": dirty}),
        "at_dwelling": pa.table({"dwelling": dwellings}),
        "new_called": near.table(_CALLED),
        "new_namesake": near.table("select rid, dwelling from namesake"),
    }
    for name, table in given.items():
        con.register(name, table)
    for query in _RENAMED:
        con.execute(query)
    for name in given:
        con.unregister(name)
    found = con.execute(_SHARED_OTHERWISE).fetchnumpy()["rid"]
    return np.asarray(found, dtype=np.int64)


def write_seen(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the tables for the next run."""
    for name in TABLES:
        con.table(name).write_parquet(str(folder / f"{name}.parquet"))


_RENEWED = {
    "known": """
create or replace temp table known as
select n.new rid, b.* exclude (rid) from before b join renumber n using (rid)
where n.new >= 0 and n.new not in (select rid from told)
union all by name
select p.rid, m.* exclude (record_id) from more_known m join person p using (record_id)
""",
    "together": """
create or replace temp table together as
select n.new rid, b.x from before b join renumber n using (rid)
where n.new >= 0 and n.new not in (select rid from told)
union all
select p.rid, m.x from more_together m join person p using (record_id)
""",
    "called": """
create or replace temp table called as
select n.new rid, b.given_sound from before b join renumber n using (rid) where n.new >= 0
""",
    "namesake": """
create or replace temp table namesake as
select n.new rid, b.dwelling from before b join renumber n using (rid) where n.new >= 0
""",
}

_LEFT = """
select distinct b.dwelling from before b join renumber n using (rid)
where b.home and b.dwelling is not null and (n.new < 0 or n.new in (select rid from told))
"""

_DWELLINGS = """
create or replace temp table asked_dwelling as
select distinct dwelling from known semi join wanted using (rid)
where home and dwelling is not null
union select dwelling from more
"""

_CALLED = """
select distinct rid, left(given_sound, 1) given_sound from called where given_sound is not null
"""

_RENAMED = (
    "delete from called where rid in (select rid from dirty)",
    "insert into called select n.* from new_called n semi join dirty using (rid)",
    "delete from namesake where dwelling in (select dwelling from at_dwelling)",
    "insert into namesake select n.* from new_namesake n semi join at_dwelling using (dwelling)",
)

_SHARED_OTHERWISE = """
with shared_now as (select distinct rid from namesake)
select coalesce(a.rid, b.rid) rid from shared_before a full join shared_now b on a.rid = b.rid
where a.rid is null or b.rid is null
"""
