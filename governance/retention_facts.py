"""The statements by which facts of a snapshot fall due: all at once, over its tables.

Invariant: an unknown day is never taken for an early one. A partial date counts as its last day; a
contact without a day, or a state that is not known, makes the day unknown; what has not happened
yet (somebody lives, a contact is open) is not due.

States: 0 the day is known, 1 it has not happened yet, 2 it is not known.
"""

from __future__ import annotations

MACRO = """
create macro last_possible(d) as case length(d)
  when 10 then try_cast(d as date)
  when 7 then last_day(try_cast(d || '-01' as date))
  when 4 then try_cast(d || '-12-31' as date) end
"""

PERSON = """
create table person_fact as
with c as (
  select v.record_id, max(c.on_date) last_on, bool_or(c.on_date is null) no_day,
         bool_or(c.status in ('open', 'ongoing')) is_open, bool_or(c.status is null) no_state
  from involvement v join contact c using (contact_id) group by all),
i as (
  select record_id, max(greatest(valid_from, valid_to)) last_on,
         bool_or(valid_to is null or valid_to > $today) is_open
  from indicator where record_id is not null group by all)
select r.record_id, r.agency, r.dataset, r.load_id,
  greatest(r.updated_on, c.last_on, i.last_on) last_on,
  case when c.no_day or greatest(r.updated_on, c.last_on, i.last_on) is null
    then 2 else 0 end last_state,
  greatest(c.last_on, i.last_on) end_on,
  case when c.is_open or i.is_open then 1
    when c.no_day or c.no_state or greatest(c.last_on, i.last_on) is null
    then 2 else 0 end end_state,
  case when r.birth_date_status in ('placeholder', 'unknown') then null
    else last_possible(r.birth_date) end birth_on,
  last_possible(r.death_date) death_on,
  coalesce(r.dead, false) or r.death_date is not null is_dead
from record r left join c using (record_id) left join i using (record_id)
"""

# A contact is as young as the youngest who has a part in it, and ends with the last of them.
FACT = """
create table fact as
select record_id item_id, 'record' what, agency, dataset, 'person' category, load_id,
  last_on, last_state, end_on, end_state,
  birth_on, if(birth_on is null, 2, 0) birth_state,
  death_on, case when not is_dead then 1 when death_on is null then 2 else 0 end death_state
from person_fact
union all
select c.contact_id, 'contact', c.agency, c.dataset, c.category, c.load_id,
  c.on_date, if(c.on_date is null, 2, 0), c.on_date,
  case when c.status in ('open', 'ongoing') then 1
    when c.status is null or c.on_date is null then 2 else 0 end,
  w.birth_on, coalesce(w.birth_state, 2), w.death_on, coalesce(w.death_state, 2)
from contact c left join (
  select v.contact_id, max(p.birth_on) birth_on, max(if(p.birth_on is null, 2, 0)) birth_state,
    max(p.death_on) death_on,
    max(case when p.is_dead is null then 2 when not p.is_dead then 1
      when p.death_on is null then 2 else 0 end) death_state
  from involvement v left join person_fact p using (record_id) group by all) w using (contact_id)
union all
select i.indicator_id, 'indicator', i.agency, i.dataset, i.kind, i.load_id,
  if(i.valid_to is null, p.last_on, greatest(i.valid_from, i.valid_to)),
  case when i.valid_to is not null then 0 else coalesce(p.last_state, 2) end,
  i.valid_to, case when i.valid_to is null or i.valid_to > $today then 1 else 0 end,
  p.birth_on, if(p.birth_on is null, 2, 0),
  p.death_on, case when p.record_id is null then 2 when not p.is_dead then 1
    when p.death_on is null then 2 else 0 end
from indicator i left join person_fact p using (record_id)
"""

OWN = """
create table own as
with asked as (
  select f.item_id, f.what, f.agency, f.dataset, f.category, a.rule_id, a.event, a.months, a.ends,
    case a.event
      when 'last_contact' then f.last_on
      when 'end_of_involvement' then f.end_on
      when 'birthday_18' then cast(f.birth_on + interval 18 year as date)
      when 'birthday_25' then cast(f.birth_on + interval 25 year as date)
      when 'death' then f.death_on
      when 'loaded' then l.loaded_on end since,
    case a.event
      when 'last_contact' then f.last_state
      when 'end_of_involvement' then f.end_state
      when 'birthday_18' then f.birth_state
      when 'birthday_25' then f.birth_state
      when 'death' then f.death_state
      when 'loaded' then if(l.loaded_on is null, 2, 0) end state
  from fact f left join applies a using (agency, dataset, category)
  left join load l using (load_id)),
dated as (
  select *, if(state = 0, cast(since + to_months(months) as date), null) due_on from asked),
chosen as (
  select item_id, what, agency, dataset, category, bool_or(ends = 'review') review,
    arg_max(
      {'rule_id': rule_id, 'event': event, 'since': since, 'due_on': due_on, 'state': state},
      {'s': state, 'd': coalesce(due_on, date '0001-01-01'), 'r': rule_id}) c
  from dated where rule_id is not null group by all)
select f.item_id, f.what, f.agency, f.dataset, f.category, coalesce(review, true) review,
  c.rule_id rule_id, c.event event, c.since since, c.due_on due_on, coalesce(c.state, 3) state
from fact f left join chosen using (item_id)
"""

# A person's record outlasts what hangs on it: it falls due with the last of it.
ITEM = """
create table item as
with part as (
  select record_id, contact_id item_id from involvement
  union select record_id, indicator_id from indicator where record_id is not null),
last_part as (
  select p.record_id, arg_max(
      {'due_on': o.due_on, 'state': o.state, 'rule_id': o.rule_id, 'event': o.event,
       'since': o.since},
      {'s': o.state, 'd': coalesce(o.due_on, date '0001-01-01'), 'i': o.item_id}) c
  from part p join own o using (item_id) group by all),
judged as (
  select o.*, l.c, coalesce(
    l.c.state > o.state or (o.state = 0 and l.c.state = 0 and l.c.due_on > o.due_on), false) by_part
  from own o left join last_part l on l.record_id = o.item_id)
select item_id, what, agency, dataset, category, review,
  if(by_part, c.state, state) state, if(by_part, c.due_on, due_on) due_on,
  if(by_part, c.rule_id, rule_id) rule_id, if(by_part, c.event, event) event,
  if(by_part, c.since, since) since, by_part
from judged
"""

# What is held: itself, what hangs on a record that is held, and whoever has a part in any of it.
HELD = """
create table held as
with part as (
  select record_id, contact_id item_id from involvement
  union select record_id, indicator_id from indicator where record_id is not null),
direct as (
  select i.item_id, s.hold_id from item i join subject s using (item_id)
  union
  select i.item_id, s.hold_id from item i join scope s
    on (s.agency = '*' or s.agency = i.agency) and (s.dataset = '*' or s.dataset = i.dataset)
    and (s.category = '*' or s.category = i.category)),
below as (
  select item_id, hold_id from direct
  union select p.item_id, d.hold_id from part p join direct d on d.item_id = p.record_id),
whole as (
  select item_id, hold_id from below
  union select p.record_id, b.hold_id from part p join below b using (item_id))
select item_id, min(hold_id) hold_id from whole group by item_id
"""

LISTED = """
create view listed as
select i.*, h.hold_id, r.next_review, r.decided_on,
  case when i.state = 3 then 'no_rule' when i.state = 2 then 'unknown'
    when i.state = 1 then 'waiting' when h.hold_id is not null then 'held'
    when r.outcome = 'keep' and r.next_review > $by then 'kept'
    when r.outcome = 'dispose' and r.decided_on >= i.due_on then 'dispose'
    when i.review or r.outcome = 'keep' then 'review' else 'dispose' end status
from item i left join held h using (item_id) left join review_row r using (item_id)
where i.state <> 0 or i.due_on <= $by
"""

DISPOSABLE = """
with part as (
  select record_id, contact_id item_id from involvement
  union select record_id, indicator_id from indicator where record_id is not null),
chosen as (
  select * from listed
  where status = 'dispose' and ($rule is null or rule_id = $rule)
    and ($any or item_id in (select item_id from wanted))),
waits as (
  select distinct p.record_id item_id
  from part p semi join item using (item_id) anti join chosen using (item_id))
select item_id, what, rule_id, agency, dataset, category, due_on
from chosen anti join waits using (item_id) order by item_id
"""
