"""Addresses resolved like people: one row per address, whatever way sources wrote it.

Invariant: every residence, contact and indicator that says anything about a place gets exactly
one address; work is done once per distinct way of writing, never per row.

Tables made here:
    place         distinct way of writing -> `address_no`
    address       one row per address, `address_no` from 0; `mark` is a number that follows from
                  what the address is alone, so that it says the same in every run
    lodged        person record x address, with what match keys need; `dwelling` is null for
                  places that many people share without belonging together, else the `mark`
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from records.snapshot import Snapshot
from resolution.address_index import write_index
from resolution.address_lines import ParsedLine, parse_line, spaced_postcode
from resolution.address_matching import Entity, Place, match_places, members, own_text

_parse = lru_cache(maxsize=500_000)(parse_line)


@dataclass(frozen=True, kw_only=True)
class AddressCount:
    """What the stage found."""

    places: int
    addresses: int


def resolve_addresses(
    con: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    geography: pa.Table | None,
    keep: Path | None = None,
) -> tuple[AddressCount, list[set[str]]]:
    """Make the tables `place`, `address` and `lodged`.

    Args:
        geography: postcode, latitude, longitude, small_area; None: no positions.
        keep: file in which to leave what a run over a change looks up; None: it is not asked.

    Returns:
        The counts, and for each `address_no` the keys that tell the address in a later run.
    """
    for name in WRITTEN_IN:
        con.read_parquet(str(snapshot.path(name))).create_view(f"{name}_in", replace=True)
    con.execute(_PLACES)
    written = con.execute(
        "select line, flat, uprn, postcode, uses, kind, kinds from place_in order by place_no"
    ).fetchall()
    places = [read_place(*row[:5]) for row in written]
    _parse.cache_clear()
    matched = match_places(places)
    numbers = {entity: number for number, entity in enumerate(dict.fromkeys(matched.entities))}
    _write_places(con, [numbers[entity] for entity in matched.entities])
    rows = address_rows(places, [row[5] for row in written], matched.entities)
    write_addresses(con, rows, geography)
    con.execute(LODGED)
    if keep is not None:
        write_index(keep, written, places, matched, rows)
    evidence = members(matched.keys, matched.entities, places)
    return (
        AddressCount(places=len(places), addresses=len(numbers)),
        [evidence[entity] for entity in numbers],
    )


def read_place(
    line: str | None, flat: str | None, uprn: str | None, postcode: str | None, uses: int
) -> Place:
    """One way of writing, taken apart."""
    return Place(parsed=_parse(line, flat, postcode), uprn=uprn, uses=uses)


def _write_places(con: duckdb.DuckDBPyConnection, numbers: list[int]) -> None:
    made = pa.table(
        {
            "place_no": pa.array(range(len(numbers)), pa.int32()),
            "address_no": pa.array(numbers, pa.int32()),
        }
    )
    con.register("made", made)
    con.execute(_PLACE)
    con.unregister("made")


def address_rows(
    places: Sequence[Place], kinds: Sequence[str | None], entities: Sequence[Entity]
) -> pa.Table:
    """One row per address, in the order in which they come first, without positions.

    Args:
        places: in the order of postcode, line, flat and UPRN.
        kinds: the kind of each as most residences state it.
        entities: the address of each.
    """
    grouped: dict[Entity, list[int]] = {}
    for position, entity in enumerate(entities):
        grouped.setdefault(entity, []).append(position)
    rows = []
    for number, (entity, own) in enumerate(grouped.items()):
        group = [places[position] for position in own]
        stated = [(kinds[position], places[position].uses) for position in own]
        numbered = {"address_no": number, "mark": _mark(entity)}
        rows.append(numbered | _address_row(entity, group, stated))
    return pa.Table.from_pylist(rows, schema=_ADDRESS_SCHEMA)


def _mark(entity: Entity) -> int:
    """62 bits of its digest: half as many again as are needed to tell a county's addresses."""
    digest = hashlib.blake2b(own_text(entity).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 2


def _address_row(
    entity: Entity, group: list[Place], stated: list[tuple[str | None, int]]
) -> dict[str, str | None]:
    """One address: each part as most of its places have it, fullest first on a tie."""
    best = max(group, key=lambda place: (_fullness(place.parsed), place.uses)).parsed
    parsed = [(place.parsed, place.uses) for place in group]
    postcode = _most([(part.postcode, uses) for part, uses in parsed])
    town = _most([(part.town, uses) for part, uses in parsed])
    street = best.street if isinstance(entity, str) else entity.street or best.street
    compact = postcode or ""
    row = {
        "flat": best.flat,
        "number": best.number or best.building,
        "street": _shown(street),
        "town": _shown(town),
        "postcode": spaced_postcode(compact) if compact else None,
        "uprn": entity if isinstance(entity, str) else None,
        "kind": _kind(best, parsed, stated, entity),
    }
    shown = _shown_line(best, street, town)
    row["line"] = shown or row["postcode"] or f"UPRN {entity}"
    words = [best.flat and f"flat {best.flat}", best.building, best.number, street, town]
    row["search_text"] = " ".join(
        [word for word in words if word] + ([compact.lower()] if compact else [])
    )
    return row


def _fullness(parsed: ParsedLine) -> int:
    return bool(parsed.street) * 2 + parsed.specific * 2 + bool(parsed.town)


def _most(values: list[tuple[str | None, int]]) -> str | None:
    counts: dict[str, int] = {}
    for value, uses in values:
        if value:
            counts[value] = counts.get(value, 0) + uses
    if len(counts) < 2:
        return next(iter(counts), None)
    return min(counts, key=lambda value: (-counts[value], value))


def _kind(
    best: ParsedLine,
    parsed: list[tuple[ParsedLine, int]],
    stated: list[tuple[str | None, int]],
    entity: Entity,
) -> str:
    """The kind as most sources state it, else as the lines read."""
    stated = [(kind, uses) for kind, uses in stated if kind != "unknown"]
    read = [(part.kind, uses) for part, uses in parsed]
    found = _most(read)
    if found == "no_fixed_abode":
        return found
    found = _most(stated) or found
    if found:
        return found
    return "dwelling" if best.specific or isinstance(entity, str) else "unknown"


@lru_cache(maxsize=100_000)
def _shown(text: str | None) -> str | None:
    if not text:
        return None
    words = [word if word[:1].isdigit() else word.capitalize() for word in text.split()]
    return " ".join("St" if word == "Saint" else word for word in words)


def _shown_line(best: ParsedLine, street: str | None, town: str | None) -> str:
    numbered = " ".join(
        part for part in ((best.number or "").upper().replace("TO", "-"), _shown(street)) if part
    )
    flat = f"Flat {best.flat.upper() if len(best.flat) < 4 else best.flat}" if best.flat else None
    return ", ".join(part for part in (flat, _shown(best.building), numbered, _shown(town)) if part)


def write_addresses(
    con: duckdb.DuckDBPyConnection, table: pa.Table, geography: pa.Table | None
) -> None:
    """Make the table `address` of rows and where their postcodes are."""
    if geography is None:
        geography = _GEOGRAPHY_SCHEMA.empty_table()
    con.register("made", table)
    con.register("geography", geography)
    con.execute(_ADDRESS)
    con.unregister("made")
    con.unregister("geography")


_ADDRESS_SCHEMA = pa.schema(
    [("address_no", pa.int32()), ("mark", pa.int64())]
    + [
        (name, pa.string())
        for name in [
            "line",
            "flat",
            "number",
            "street",
            "town",
            "postcode",
            "uprn",
            "kind",
            "search_text",
        ]
    ]
)
_GEOGRAPHY_SCHEMA = pa.schema(
    [
        ("postcode", pa.string()),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        ("small_area", pa.string()),
    ]
)

WRITTEN_IN = ("residence", "contact", "indicator")
"""The tables of a snapshot whose rows say something about a place."""

_PLACES = """
create or replace temp table place_in as
select (row_number() over (order by postcode, line, flat, uprn) - 1)::integer place_no, *
from (
  select line, flat, uprn, postcode, count(*)::integer uses,
    mode(kind order by kind) filter (kind is not null) kind,
    to_json(histogram(kind) filter (kind is not null))::varchar kinds
  from (
    select nullif(trim(address_line), '') line, nullif(trim(flat), '') flat, uprn, postcode,
      place_kind kind from residence_in
    union all select nullif(trim(address_line), ''), nullif(trim(flat), ''), uprn, postcode, null
      from contact_in
    union all select nullif(trim(address_line), ''), nullif(trim(flat), ''), uprn, postcode, null
      from indicator_in)
  where coalesce(line, flat, uprn, postcode) is not null
  group by all)
"""

_PLACE = """
create or replace temp table place as
select p.place_no, p.line, p.flat, p.uprn, p.postcode, p.uses, m.address_no
from place_in p join made m using (place_no)
"""

_ADDRESS = """
create or replace temp table address as
select m.address_no, m.mark, m.line, m.flat, m.number, m.street, m.town,
  m.postcode, m.uprn, g.latitude, g.longitude, g.small_area, m.kind, m.search_text
from made m
left join (select replace(postcode, ' ', '') code, any_value(latitude) latitude,
    any_value(longitude) longitude, any_value(small_area) small_area
  from geography where code in (select replace(postcode, ' ', '') from made) group by 1) g
  on g.code = replace(m.postcode, ' ', '')
order by m.address_no
"""

# Of `residence_in`, `person`, `place` and `address`.
LODGED = """
create or replace temp table record_place as
select n.rid, p.address_no, r.from_date, r.to_date
from residence_in r join person n using (record_id)
join place p on p.line is not distinct from nullif(trim(r.address_line), '')
  and p.flat is not distinct from nullif(trim(r.flat), '')
  and p.uprn is not distinct from r.uprn and p.postcode is not distinct from r.postcode;
create or replace temp table lodged as
select l.rid, l.address_no, max(coalesce(l.to_date, date '9999-12-31')) until,
  max(l.from_date) since,
  case when any_value(a.kind) = 'dwelling' then any_value(a.mark) end dwelling,
  case when any_value(a.kind) <> 'no_fixed_abode'
    then any_value(replace(a.postcode, ' ', '')) end postcode,
  case when any_value(a.kind) <> 'no_fixed_abode' then any_value(coalesce(
    split_part(a.postcode, ' ', 1), lower(a.town),
    case when a.number is null then lower(a.street) end)) end area
from record_place l join address a using (address_no)
group by l.rid, l.address_no
"""
