"""Households, first form: the people whose stays at one dwelling overlap in time.

Invariant: only dwellings make households: no institution, hostel, pseudo-postcode or place
without a number does, nor a dwelling with more people at once than a household has. A person
alone at a dwelling is a household of one *as far as is recorded*.

Tables made here: `household` and `household_member`.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from records.keys import KeyMaker
from resolution.survivorship import Survivorship


def derive_households(con: duckdb.DuckDBPyConnection, rules: Survivorship, keys: KeyMaker) -> None:
    """Make the tables. Reads `stay` and `address` (with its `address_id`)."""
    con.execute(_ISLANDS, {"largest": rules.largest_household})
    rows = con.execute(
        "select island_no, address_id, first_member from island order by island_no"
    ).fetchall()
    made = pa.table(
        {
            "island_no": pa.array([row[0] for row in rows], pa.int64()),
            "household_id": pa.array(
                [keys.derived_id("h", address, member) for _, address, member in rows],
                pa.string(),
            ),
        }
    )
    con.register("made", made)
    con.execute(_HOUSEHOLDS)
    con.unregister("made")


_ISLANDS = """
create or replace temp table dweller as
with at_dwelling as (
  select s.*, a.address_id, coalesce(s.seen_first, date '0001-01-01') begins,
    s.seen_until as ends
  from stay s join address a using (address_no) where a.kind = 'dwelling'),
marked as (
  select *, coalesce(begins >= max(ends) over (partition by address_id
      order by begins, person_id rows between unbounded preceding and 1 preceding), true) opens
  from at_dwelling)
select *, sum(opens::int) over (partition by address_id order by begins, person_id) part
from marked;
create or replace temp table island as
select (row_number() over (order by address_id, part) - 1)::bigint island_no, *
from (
  select address_id, part, arg_min(person_id, (begins, person_id)) first_member,
    min(from_date) from_date, max(to_date) to_date, bool_or(current) current
  from dweller group by address_id, part
  having count(*) filter (current) <= $largest)
"""

_HOUSEHOLDS = """
create or replace temp table household as
select m.household_id, i.address_id, i.from_date,
  case when not i.current then i.to_date end to_date, i.current
from island i join made m using (island_no);
create or replace temp table household_member as
select m.household_id, d.person_id, d.from_date, d.to_date, d.share_keys
from dweller d join island i using (address_id, part) join made m using (island_no)
"""
