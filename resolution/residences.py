"""Who lived where and when, from the residences of all of a person's records.

Invariant: only what a source says ends a residence; not being in an extract says nothing. A
residence ends when a source says so and nobody confirmed it after that day. An open one is not
*current* any more once a trusted source puts the person elsewhere from a later day than anybody
last confirmed this one, or the person died. An address that lacks its flat or postcode means the
complete one, if the person is recorded at just one that agrees in all else.

Tables made here:
    stay       person x address: `from_date`, `to_date` as the sources have them, `seen_first` and
               `seen_until` (the days that the evidence covers, for overlaps), `current`
"""

from __future__ import annotations

import datetime as dt

import duckdb

from resolution.survivorship import Survivorship


def derive_residences(con: duckdb.DuckDBPyConnection, rules: Survivorship, today: dt.date) -> None:
    """Make the table `stay`. Reads `record_place`, `member`, `claim`, `golden`, `address`."""
    con.execute(_SPELLS)
    con.execute(_COMPLETED)
    con.execute(_STAYS, {"trusted": list(rules.residence_trusted), "today": today})


# A record's open residence is confirmed on the day its source last touched the record, closed
# ones speak for the days they cover.
_SPELLS = """
create or replace temp table spell as
select c.person_id, r.address_no, r.from_date, r.to_date, c.kind, c.share_key,
  coalesce(r.from_date, c.updated_on, r.to_date) started,
  coalesce(r.to_date, greatest(r.from_date, c.updated_on)) confirmed
from record_place r join claim c using (rid)
"""

_COMPLETED = """
create or replace temp table completed as
with lived as (
  select distinct s.person_id, a.address_no, a.flat, a.number, a.street, a.postcode
  from spell s join address a using (address_no))
select v.person_id, v.address_no, any_value(w.address_no) meant
from lived v join lived w on w.person_id = v.person_id and w.address_no <> v.address_no
  and w.number = v.number and w.street = v.street and w.postcode is not null
  and (v.flat is null or v.flat = w.flat) and (v.postcode is null or v.postcode = w.postcode)
  and (v.flat is distinct from w.flat or v.postcode is null)
group by v.person_id, v.address_no having count(*) = 1;
create or replace temp table spell as
select s.* replace (coalesce(c.meant, s.address_no) as address_no)
from spell s left join completed c using (person_id, address_no)
"""

_STAYS = """
create or replace temp table stay as
with merged as (
  select person_id, address_no, min(from_date) from_date,
    case when max(to_date) filter (to_date <= $today) >= coalesce(
        max(confirmed) filter (to_date is null or to_date > $today), date '0001-01-01')
      then max(to_date) filter (to_date <= $today) end to_date,
    min(started) seen_first, max(confirmed) seen_until,
    max(started) filter (kind in (select unnest($trusted::varchar[]))) trusted_start,
    list_sort(list(distinct share_key)) share_keys
  from spell group by person_id, address_no),
moved as (
  select a.person_id, a.address_no, min(b.trusted_start) moved_on
  from merged a join merged b on b.person_id = a.person_id and b.address_no <> a.address_no
    and b.to_date is null and b.trusted_start > a.seen_until
  where a.to_date is null group by all),
died as (
  select person_id, try_cast(death_date as date) died_on,
    dead is true or death_date is not null gone
  from golden)
select m.person_id, m.address_no, m.from_date,
  case when d.gone and m.to_date is null then d.died_on else m.to_date end to_date,
  m.to_date is null and v.moved_on is null and not coalesce(d.gone, false) as current,
  m.seen_first,
  coalesce(m.to_date, case when d.gone then coalesce(d.died_on, m.seen_until) end,
    v.moved_on, date '9999-12-31') seen_until,
  m.share_keys
from merged m left join moved v using (person_id, address_no) left join died d using (person_id)
"""
