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

from governance.judgements import Judgement
from records.leaves import write_leaves
from records.resolved import RESOLVED_ORDERS, RESOLVED_TABLES
from records.schema import arrow_schema
from resolution.explaining import Told
from resolution.matched import Matching
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
        told: who decided each link, and why; and why other pairs were not joined.
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
            "evidence": pa.array(told.apart.tolist(), pa.string()),
        }
    )
    for name, table in (("edge_in", edges), ("pair", pairs), ("same", stewards)):
        con.register("made", table)
        con.execute(f"create or replace temp table {name} as select * from made")
        con.unregister("made")
    con.execute(_EDGES)


def steward_pairs(con: duckdb.DuckDBPyConnection, judged: Sequence[Judgement]) -> pa.Table:
    """`i`, `j` and `user_id` of the pairs of records that a steward judged the same."""
    same = [entry for entry in judged if entry.verdict == "same"]
    table = pa.table(
        {
            "a": pa.array([entry.record_a for entry in same], pa.string()),
            "b": pa.array([entry.record_b for entry in same], pa.string()),
            "user_id": pa.array([entry.user_id for entry in same], pa.string()),
        }
    )
    con.register("judged", table)
    found: pa.Table = con.sql(
        "select least(a.rid, b.rid) i, greatest(a.rid, b.rid) j, user_id from judged"
        " join person a on a.record_id = judged.a join person b on b.record_id = judged.b"
    ).to_arrow_table()
    con.unregister("judged")
    return found


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
    for name in SCHEMAS:
        rows = derived_rows(con, name, decided_on)
        write_leaves(rows, building / name, ORDERS[name][0])
        counts[name] = rows.num_rows
    beside(building)
    building.rename(folder)
    return {name: counts[name] for name in RESOLVED_TABLES}


def derived_rows(con: duckdb.DuckDBPyConnection, name: str, decided_on: dt.date) -> pa.Table:
    """One table, of all that the workspace holds, in its schema and order."""
    query = _SELECTS[name].format(kept=_EVIDENCE_KEPT, decided_on=decided_on.isoformat())
    order = ", ".join(ORDERS[name])
    rows = con.sql(f"select * from ({query}) order by {order}").to_arrow_table()
    return rows.select(SCHEMAS[name].names).cast(SCHEMAS[name])


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


_TEXT, _DAY = pa.string(), pa.date32()

# Beside what others read, what the next run looks up: who is where, from the address's side.
_INNER = {
    "bearer": _schema(person_id=_TEXT, record_id=_TEXT),
    "stay": _schema(
        address_id=_TEXT,
        person_id=_TEXT,
        from_date=_DAY,
        to_date=_DAY,
        current=pa.bool_(),
        seen_first=_DAY,
        seen_until=_DAY,
        share_keys=pa.list_(_TEXT),
    ),
    "lodger": _schema(address_id=_TEXT, record_id=_TEXT),
    "contact_at": _schema(address_id=_TEXT, contact_id=_TEXT),
    "indicator_at": _schema(address_id=_TEXT, indicator_id=_TEXT),
}

SCHEMAS: dict[str, pa.Schema] = {
    **{name: arrow_schema(table) for name, table in RESOLVED_TABLES.items()},
    **_INNER,
}
"""Every table of a run's folder: those of `records.resolved`, then what the next run looks up."""

ORDERS: dict[str, tuple[str, ...]] = {
    **RESOLVED_ORDERS,
    **{name: tuple(schema.names[:2]) for name, schema in _INNER.items()},
}
"""What each table is in the order of; the first column is what its rows are found by."""


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
from member m join person n using (rid) left join told t using (rid)
""",
    "possible_pair": """
select least(a.record_id, b.record_id) record_a, greatest(a.record_id, b.record_id) record_b,
  max(p) probability, arg_max(reason, (p, reason)) reason,
  arg_max(evidence, (p, reason, evidence)) evidence
from pair join person a on a.rid = i join person b on b.rid = j group by 1, 2
""",
    "person": "select * from golden",
    "address": "select * from address",
    "record_address": """
select n.record_id, a.address_id, r.from_date, r.to_date, any_value(n.updated_on) updated_on
from record_place r join person n using (rid) join address a using (address_no)
group by all
""",
    "contact_address": """
select distinct c.contact_id, a.address_id
from contact_in c join place p on p.line is not distinct from nullif(trim(c.address_line), '')
  and p.flat is not distinct from nullif(trim(c.flat), '')
  and p.uprn is not distinct from c.uprn and p.postcode is not distinct from c.postcode
join address a using (address_no)
""",
    "indicator_address": """
select distinct i.indicator_id, a.address_id
from indicator_in i join place p on p.line is not distinct from nullif(trim(i.address_line), '')
  and p.flat is not distinct from nullif(trim(i.flat), '')
  and p.uprn is not distinct from i.uprn and p.postcode is not distinct from i.postcode
join address a using (address_no)
""",
    "lives_at": """
select s.person_id, a.address_id, s.from_date, s.to_date, s.current, s.share_keys
from stay s join address a using (address_no)
""",
    "household": "select * from household",
    "member": "select * from household_member",
    "bearer": "select m.person_id, n.record_id from member m join person n using (rid)",
    "stay": "select a.address_id, s.* from stay s join address a using (address_no)",
    "lodger": """
select distinct a.address_id, n.record_id
from record_place r join person n using (rid) join address a using (address_no)
""",
}
_SELECTS["contact_at"] = _SELECTS["contact_address"]
_SELECTS["indicator_at"] = _SELECTS["indicator_address"]
