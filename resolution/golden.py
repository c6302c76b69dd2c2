"""The golden record: for every person one value per field, and the record it came from.

Invariant: every value stands in one of the person's own records; a person is restricted if any
record is. Reads the tables `numbered` (records), `member` (rid -> person_id) and `agency_kind`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from resolution.survivorship import FIELDS, FieldRule, Survivorship

_ORDER_SQL = {
    "known_first": "(birth_date_status in ('placeholder', 'unknown')) is true",
    "most_recent": "updated_on desc nulls last",
    "most_frequent": "uses desc",
    "longest": "length({field}::varchar) desc",
    "true_first": "{field} desc",
}


def write_agency_kinds(con: duckdb.DuckDBPyConnection, kinds: Mapping[str, str]) -> None:
    """The table `agency_kind`; an agency that is not registered counts as `other`."""
    made = pa.table(
        {
            "agency": pa.array(list(kinds), pa.string()),
            "kind": pa.array(list(kinds.values()), pa.string()),
        }
    )
    con.register("made", made)
    con.execute("create or replace temp table agency_kind as select * from made")
    con.unregister("made")


def golden_people(con: duckdb.DuckDBPyConnection, rules: Survivorship) -> None:
    """Make the table `golden`, one row per person."""
    con.execute(_CLAIMS)
    for field in FIELDS:
        con.execute(_survivor(field, rules.fields[field]))
    joins = " ".join(f"left join survivor_{field} using (person_id)" for field in FIELDS)
    provenance = ", ".join(
        f"""case when from_{field} is not null
            then '"{field}":"' || from_{field} || '"' end"""
        for field in (*FIELDS, "restricted")
    )
    con.execute(_GOLDEN.format(joins=joins, provenance=provenance))
    for field in FIELDS:
        con.execute(f"drop table survivor_{field}")


def trust_rank(kind_column: str, trust: Sequence[str]) -> str:
    """SQL for the place of an agency's kind in an order of trust."""
    cases = " ".join(f"when '{kind}' then {place}" for place, kind in enumerate(trust))
    return f"case {kind_column} {cases} else {len(trust)} end"


def _survivor(field: str, rule: FieldRule) -> str:
    order = ", ".join(
        trust_rank("kind", rule.trust)
        if word == "most_trusted"
        else _ORDER_SQL[word].format(field=field)
        for word in rule.order
    )
    return f"""
create or replace temp table survivor_{field} as
select person_id, {field}, record_id as from_{field} from (
  select person_id, {field}, record_id, row_number() over (
      partition by person_id order by {order}, record_id) place
  from (select *, count(*) over (partition by person_id, {field}) uses from claim
        where {field} is not null))
where place = 1
"""


_CLAIMS = """
create or replace temp table claim as
select m.person_id, coalesce(k.kind, 'other') kind, n.*
from numbered n join member m using (rid) left join agency_kind k on k.agency = n.agency
"""

_GOLDEN = """
create or replace temp table golden as
with whole as (
  select person_id, count(*) record_count, coalesce(bool_or(restricted), false) restricted,
    min(record_id) filter (restricted) from_restricted
  from claim group by person_id),
alias as (
  select person_id, string_agg(distinct alias, '; ' order by alias) other_names from (
    select person_id, trim(unnest(string_split(other_names, ';'))) alias from claim
    where other_names is not null)
  where alias <> '' group by person_id)
select person_id, given_name, middle_names, family_name,
  coalesce(nullif(concat_ws(' ', given_name, middle_names, family_name), ''), full_name) full_name,
  former_family_name, other_names, birth_date, birth_date_status, death_date, dead, sex,
  nhs_number, upn, phone, restricted, record_count,
  '{{' || concat_ws(',', {provenance}) || '}}' provenance
from whole left join alias using (person_id) {joins}
"""
