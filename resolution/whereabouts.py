"""Where and with whom a record is known: homes, and addresses and people of its contacts.

Invariant: every row follows from the snapshot; an address of a contact or an indicator is weaker
evidence than a home and is marked as such.

Tables made here:
    known       record x address: `lodged`, and the addresses of its contacts and indicators
    together    record x contact for contacts of a few records: seen together; `x` is a number
                that follows from the contact's id
"""

from __future__ import annotations

import duckdb

from records.snapshot import Snapshot

MOST_TOGETHER = 8  # records of one contact; more is a crowd, not a family


def find_whereabouts(con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Make the tables `known` and `together`; reads those of `prepare` and `resolve_addresses`."""
    path = str(snapshot.path("involvement"))
    con.read_parquet(path).create_view("involvement_in", replace=True)
    find_among(con)


def find_among(con: duckdb.DuckDBPyConnection) -> None:
    """The same of the rows of `involvement_in`, `contact_in` and `indicator_in`."""
    con.execute(_SEEN)
    con.execute(_KNOWN)
    con.execute(_TOGETHER, {"most": MOST_TOGETHER})
    con.execute("drop table seen")


_SEEN = """
create or replace temp table seen as
with event as (
  select i.record_id, c.address_line, c.flat, c.uprn, c.postcode, c.on_date happened
  from involvement_in i join contact_in c using (contact_id)
  union all select record_id, address_line, flat, uprn, postcode, valid_from from indicator_in
    where record_id is not null)
select n.rid, p.address_no, max(e.happened) happened
from event e join person n using (record_id)
join place p on p.line is not distinct from nullif(trim(e.address_line), '')
  and p.flat is not distinct from nullif(trim(e.flat), '')
  and p.uprn is not distinct from e.uprn and p.postcode is not distinct from e.postcode
where coalesce(p.line, p.uprn) is not null group by all
"""

_KNOWN = """
create or replace temp table known as
select rid, address_no, until, since, dwelling, postcode, area, true home from lodged
union all
select s.rid, s.address_no, s.happened, s.happened,
  case when a.kind = 'dwelling' then a.mark end, replace(a.postcode, ' ', ''),
  coalesce(split_part(a.postcode, ' ', 1), lower(a.town)), false
from seen s join address a using (address_no)
where a.kind <> 'no_fixed_abode'
  and not exists (select 1 from lodged l where l.rid = s.rid and l.address_no = s.address_no)
"""

_TOGETHER = """
create or replace temp table together as
with involved as (
  select distinct n.rid, i.contact_id from involvement_in i join person n using (record_id)),
small as (
  select contact_id, (hash(contact_id) >> 2)::bigint x
  from involved group by contact_id having count(*) between 2 and $most)
select i.rid, s.x from involved i join small s using (contact_id)
"""
