"""The tables of `records.resolved`, written as Parquet.

Invariant: every table is there, in its declared schema and in a fixed order, so that the same
input gives the same rows; the folder appears whole, by rename, or not at all.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from records.resolved import RESOLVED_TABLES
from records.schema import arrow_schema
from resolution.explaining import Told
from resolution.matching import Matching
from resolution.rules import Ladder

_EVIDENCE_KEPT = 3  # links named per record, best first


def write_members(con: duckdb.DuckDBPyConnection, person_ids: Sequence[str]) -> None:
    """The table `member`: the person of each record, by record number."""
    made = pa.table(
        {
            "rid": pa.array(range(len(person_ids)), pa.int32()),
            "person_id": pa.array(person_ids, pa.string()),
        }
    )
    con.register("made", made)
    con.execute("create or replace temp table member as select * from made")
    con.unregister("made")


def write_address_ids(con: duckdb.DuckDBPyConnection, address_ids: Sequence[str]) -> None:
    """Give the table `address` its lasting ids, in order of `address_no`."""
    made = pa.table(
        {
            "address_no": pa.array(range(len(address_ids)), pa.int32()),
            "address_id": pa.array(address_ids, pa.string()),
        }
    )
    con.register("made", made)
    con.execute(
        "create or replace temp table address as select * from address join made using (address_no)"
    )
    con.unregister("made")


def write_links(
    con: duckdb.DuckDBPyConnection,
    matching: Matching,
    ladder: Ladder,
    told: Told,
    stewards: pa.Table,
) -> None:
    """The tables `edge` (links inside clusters, steward's ones too) and `pair`.

    Args:
        told: who decided each link, and why, in words.
        stewards: `i`, `j`, `user_id` of the pairs that a steward judged the same.
    """
    links, weak = matching.links, matching.unlinked
    by_model = links.rule < 0
    edges = pa.table(
        {
            "i": links.left,
            "j": links.right,
            "p": links.probability,
            "decided_by": pa.array(told.decided_by.tolist(), pa.string()),
            "words": pa.array(told.words.tolist(), pa.string()),
            "reasons": pa.array(told.reasons.tolist(), pa.string()),
            "place": np.where(by_model, len(ladder.rules), links.rule).astype(np.int32),
        }
    )
    pairs = pa.table(
        {
            "i": weak.left,
            "j": weak.right,
            "p": weak.probability,
            "reason": pa.array(weak.reason.tolist(), pa.string()),
        }
    )
    for name, table in (("edge_in", edges), ("pair", pairs), ("same", stewards)):
        con.register("made", table)
        con.execute(f"create or replace temp table {name} as select * from made")
        con.unregister("made")
    con.execute(_EDGES)


def write_folder(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    decided_on: dt.date,
    beside: Callable[[Path], None],
) -> dict[str, int]:
    """Write every table beside `folder` and rename it into place; rows per table.

    Args:
        beside: writes what else belongs into the folder.
    """
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    counts = {}
    for name, table_class in RESOLVED_TABLES.items():
        query = _SELECTS[name].format(kept=_EVIDENCE_KEPT, decided_on=decided_on.isoformat())
        schema = arrow_schema(table_class)
        rows = con.sql(query).to_arrow_table().select(schema.names).cast(schema)
        pq.write_table(rows, building / f"{name}.parquet", compression="zstd")
        counts[name] = rows.num_rows
    beside(building)
    building.rename(folder)
    return counts


_EDGES = """
create or replace temp table edge as
with named as (
  select i, j, p, decided_by, words, reasons, place from edge_in
  union all
  select i, j, 1.0, 'steward:' || user_id,
    '"A steward judged the records to be one person"', 'null', -1
  from same)
select n.* from named n join member a on a.rid = n.i join member b on b.rid = n.j
where a.person_id = b.person_id
"""

_SELECTS = {
    "link": """
with joined as (
  select i rid, j other, p, decided_by, words, reasons, place from edge
  union all select j, i, p, decided_by, words, reasons, place from edge),
ranked as (
  select b.*, o.record_id, row_number() over (
      partition by b.rid order by place, p desc, o.record_id) n
  from joined b join person o on o.rid = b.other),
told as (
  select rid, arg_min(p, n) p, arg_min(decided_by, n) decided_by,
    '[' || string_agg('{{"by":"' || decided_by || '","record":"' || record_id || '","probability":'
      || p || ',"words":' || words || ',"reasons":' || reasons || '}}', ',' order by n)
      || ']' evidence
  from ranked where n <= {kept} group by rid)
select n.record_id, m.person_id, coalesce(t.p, 1.0)::double probability,
  coalesce(t.decided_by, 'alone') decided_by, date '{decided_on}' decided_on,
  coalesce(t.evidence, '[]') evidence
from member m join person n using (rid) left join told t using (rid) order by record_id
""",
    "possible_pair": """
select least(a.record_id, b.record_id) record_a, greatest(a.record_id, b.record_id) record_b,
  max(p) probability, arg_max(reason, (p, reason)) reason
from pair join person a on a.rid = i join person b on b.rid = j group by 1, 2 order by 1, 2
""",
    "person": "select * from golden order by person_id",
    "address": "select * from address order by address_id",
    "record_address": """
select n.record_id, a.address_id, r.from_date, r.to_date, any_value(n.updated_on) updated_on
from record_place r join person n using (rid) join address a using (address_no)
group by all order by all
""",
    "contact_address": """
select distinct c.contact_id, a.address_id
from contact_in c join place p on p.line is not distinct from nullif(trim(c.address_line), '')
  and p.flat is not distinct from nullif(trim(c.flat), '')
  and p.uprn is not distinct from c.uprn and p.postcode is not distinct from c.postcode
join address a using (address_no) order by all
""",
    "indicator_address": """
select distinct i.indicator_id, a.address_id
from indicator_in i join place p on p.line is not distinct from nullif(trim(i.address_line), '')
  and p.flat is not distinct from nullif(trim(i.flat), '')
  and p.uprn is not distinct from i.uprn and p.postcode is not distinct from i.postcode
join address a using (address_no) order by all
""",
    "lives_at": """
select s.person_id, a.address_id, s.from_date, s.to_date, s.current, s.share_keys
from stay s join address a using (address_no) order by s.person_id, a.address_id
""",
    "household": "select * from household order by household_id",
    "member": "select * from household_member order by household_id, person_id",
}
