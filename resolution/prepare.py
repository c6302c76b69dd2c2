"""The snapshot made comparable: normalised columns in DuckDB, worked out on distinct values.

Invariant: a prepared table is a pure function of the snapshot; records are numbered by their
opaque id, so neither the order of rows nor of loads shows in anything that follows.

Tables made here (`rid` is the record's number, from 0):
    person   one row per record: identifiers, parts of the date of birth, e-mail, phone ...
    called   one row per record and name it goes by (also former surname, aliases)
    identifier  one row per record, kind and value of another identifier: passport ...
    nick     folded forename -> formal names it may stand for
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from records.snapshot import Snapshot
from resolution.names import fold, nickname_groups, sound, split_full_name
from resolution.statistics import Statistics

READ = (
    "record_id", "agency", "dataset", "local_id", "nhs_number", "upn", "uln", "nino", "phone",
    "email", "sex", "given_name", "middle_names", "family_name", "former_family_name", "full_name",
    "other_names", "birth_date", "birth_date_status", "birth_place", "occupation", "death_date",
    "dead", "other_identifiers", "restricted", "updated_on",
)  # fmt: skip
"""The columns of a record that are read here."""

_THREADS = 2
_MEMORY = "800MB"
_ODD_DAY_FACTOR = 2.5  # a day of the year this much more frequent than others is a stand-in
_ODD_DAY_LEAST = 20  # different names on one date, in one source


def open_workspace(temporary: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB of our own for one run, spilling to a folder rather than failing."""
    con = duckdb.connect()
    con.execute(f"set threads={_THREADS}")
    con.execute(f"set memory_limit='{_MEMORY}'")
    con.execute("set preserve_insertion_order=false")
    if temporary is not None:
        con.execute("set temp_directory=?", [str(temporary)])
    return con


def prepare(
    con: duckdb.DuckDBPyConnection, snapshot: Snapshot, known: Statistics | None = None
) -> int:
    """Make the tables `person`, `called`, `identifier` and `nick`; the number of records.

    Args:
        known: counts that say which dates stand in for others; None: these records tell.
    """
    con.read_parquet(str(snapshot.path("record"))).create_view("record_in", replace=True)
    return prepare_rows(con, known)


def prepare_rows(con: duckdb.DuckDBPyConnection, known: Statistics | None) -> int:
    """The same of the records in `record_in`."""
    con.execute(_NUMBERED)
    _dictionary(con, "folded", _NAMES, {"folded": fold})
    _dictionary(con, "whole", _WHOLE_NAMES, _split_columns())
    con.execute(_PERSON)
    con.execute(_CALLED)
    con.execute(_IDENTIFIER)
    _dictionary(con, "sounds", "select distinct unnest([given, family]) v from called", _SOUND)
    con.execute(_CALLED_SOUNDS)
    _nicknames(con)
    if known is None:
        con.execute(_ODD_DAYS.format(least=_ODD_DAY_LEAST, factor=_ODD_DAY_FACTOR))
    else:
        _write_pairs(con, "odd_date", ("source", "birth_date"), known.stand_in_dates)
        _write_pairs(con, "odd_day", ("source", "month_day"), known.stand_in_days)
    con.execute(_BIRTH)
    return int(con.execute("select count(*) from person").fetchall()[0][0])


def _dictionary(
    con: duckdb.DuckDBPyConnection,
    table: str,
    distinct: str,
    columns: dict[str, Callable[[str], str | None]],
) -> None:
    """A table from each distinct value `v` of a query to what Python makes of it."""
    values = [row for (row,) in con.execute(distinct).fetchall() if row]
    arrays: dict[str, Iterable[object]] = {"v": values}
    for name, function in columns.items():
        arrays[name] = [function(value) or None for value in values]
    made = pa.table({name: pa.array(array, pa.string()) for name, array in arrays.items()})
    con.register("made", made)
    con.execute(f"create or replace temp table {table} as select * from made")
    con.unregister("made")


def _write_pairs(
    con: duckdb.DuckDBPyConnection,
    table: str,
    names: tuple[str, str],
    rows: Sequence[tuple[str, str]],
) -> None:
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in (0, 1)]
    con.register("made", pa.table(dict(zip(names, columns, strict=True))))
    con.execute(f"create or replace temp table {table} as select * from made")
    con.unregister("made")


def _split_columns() -> dict[str, Callable[[str], str | None]]:
    return {
        "given": lambda text: split_full_name(text)[0],
        "middle": lambda text: split_full_name(text)[1],
        "family": lambda text: split_full_name(text)[2],
    }


def _nicknames(con: duckdb.DuckDBPyConnection) -> None:
    names = con.execute("select distinct given from called where given is not null").fetchall()
    pairs = [(name, group) for (name,) in names for group in sorted(nickname_groups(name))]
    made = pa.table(
        {
            "given": pa.array([name for name, _ in pairs], pa.string()),
            "formal": pa.array([group for _, group in pairs], pa.string()),
        }
    )
    con.register("made", made)
    con.execute("create or replace temp table nick as select * from made")
    con.unregister("made")


_SOUND: dict[str, Callable[[str], str | None]] = {"sound": sound}

_NUMBERED = """
create or replace temp table numbered as
select (row_number() over (order by record_id) - 1)::integer as rid, * from record_in
"""

_NAMES = """
select distinct unnest([given_name, middle_names, family_name, former_family_name]) v
from numbered
"""

_WHOLE_NAMES = """
select distinct full_name v from numbered where full_name is not null
union
select distinct trim(unnest(string_split(other_names, ';'))) from numbered
where other_names is not null
"""

_PERSON = """
create or replace temp table person as
select n.rid, n.record_id, n.agency, n.dataset, n.agency || '|' || n.dataset as source,
  n.agency || '|' || nullif(trim(n.local_id), '') as local_id,
  n.nhs_number, n.upn, n.uln, n.nino, n.phone, lower(n.email) as email, n.sex,
  coalesce(nullif(split_part(g.folded, ' ', 1), ''), w.given) as given,
  coalesce(nullif(trim(concat_ws(' ',
    nullif(substr(g.folded, len(split_part(g.folded, ' ', 1)) + 2), ''), m.folded)), ''),
    w.middle) as middle,
  coalesce(f.folded, w.family) as family,
  r.folded as former, n.other_names, n.full_name,
  lower(n.birth_place) as birth_place, lower(n.occupation) as occupation,
  n.birth_date, n.birth_date_status, n.death_date, n.dead, n.restricted, n.updated_on
from numbered n
left join folded g on g.v = n.given_name left join folded m on m.v = n.middle_names
left join folded f on f.v = n.family_name left join folded r on r.v = n.former_family_name
left join whole w on w.v = n.full_name
order by n.rid
"""

# As standardised: "KIND value; KIND value", with no blank inside a value.
_IDENTIFIER = """
create or replace temp table identifier as
select distinct rid, split_part(part, ' ', 1) as kind, split_part(part, ' ', 2) as value
from (select rid, unnest(string_split(other_identifiers, '; ')) part from numbered
      where other_identifiers is not null)
order by rid, kind, value
"""

_CALLED = """
create or replace temp table called as
select distinct rid, given, family from (
  select rid, given, family from person
  union all select rid, given, former from person where former is not null
  union all select p.rid, w.given, w.family
    from (select rid, trim(unnest(string_split(other_names, ';'))) alias from person
          where other_names is not null) p
    join whole w on w.v = p.alias where w.family is not null)
where given is not null or family is not null
"""

_CALLED_SOUNDS = """
create or replace temp table called as
select c.rid, c.given, c.family, g.sound as given_sound, f.sound as family_sound
from called c left join sounds g on g.v = c.given left join sounds f on f.v = c.family
order by c.rid, c.given, c.family
"""

# Stand-ins that a source uses when it knows less: a whole date that far too many different
# people of it have, or (1 January of any year) a day of the year.
_ODD_DAYS = """
create or replace temp table odd_date as
select source, birth_date, count(distinct (given, family)) people from person
where len(birth_date) = 10 group by all having people >= {least};
create or replace temp table odd_day as
with days as (
  select source, substr(birth_date, 6) month_day, count(distinct (given, family)) people
  from person where len(birth_date) = 10 group by all)
select source, month_day from days
where people >= {least} and people > {factor} * (
  select sum(people) from days other where other.source = days.source) / 365.0
"""

_BIRTH = """
alter table person add column birth varchar;
alter table person add column birth_day varchar;
update person set birth = case
    when birth_date_status in ('placeholder', 'unknown') then null
    when (source, birth_date) in (select (source, birth_date) from odd_date) then null
    when (source, substr(birth_date, 6)) in (select (source, month_day) from odd_day)
      then left(birth_date, 4)
    else birth_date end;
update person set birth_day = birth where len(birth) = 10;
"""
