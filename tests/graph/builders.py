"""A small invented area as a snapshot and its resolution, written by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from governance.registration import Agency
from governance.viewer import Grant, Level, Viewer
from records.resolved import RESOLVED_TABLES
from records.schema import TABLES, arrow_schema
from records.snapshot import Resolved, Snapshot

TODAY = dt.date(2026, 11, 23)
AGENCIES = [
    Agency(agency_id="police", label="Police", kind="police", ring="Control 01632 960101"),
    Agency(agency_id="children", label="Children", kind="children", ring="Hub 01632 960202"),
    Agency(agency_id="nhs", label="Health", kind="health", ring="Nurse 01632 960303"),
    Agency(agency_id="housing", label="Housing", kind="housing", ring="Tenancy 01632 960404"),
    Agency(agency_id="adults", label="Adults", kind="adults", ring="Desk 01632 960505"),
]
SYSTEMS = {
    "police": "niche",
    "children": "lcs",
    "nhs": "pds",
    "housing": "northgate",
    "adults": "mosaic",
}
CATEGORIES = ("person", "domestic_abuse", "noise", "child_concern", "warning", "plan")

Row = dict[str, Any]


class World:
    """Rows of every table, added one by one; keys are short and told by what they are."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in (*TABLES, *RESOLVED_TABLES)}
        self._number = itertools.count(1)

    def address(self, address_id: str, line: str, **fields: Any) -> str:
        number, _, rest = line.partition(" ")
        street = rest.split(",")[0]
        row = {
            "address_id": address_id,
            "line": line,
            "number": number,
            "street": street,
            "town": "Walsall",
            "postcode": "WS1 1AA",
            "kind": "dwelling",
            **fields,
        }
        row["search_text"] = f"{line} {row['postcode'] or ''}".lower()
        self.rows["address"].append(row)
        return address_id

    def person(self, person_id: str, *, restricted: bool = False) -> str:
        self.rows["person"].append(
            {
                "person_id": person_id,
                "restricted": restricted,
                "record_count": 1,
                "full_name": f"Golden {person_id}",
                "provenance": "{}",
            }
        )
        return person_id

    def record(self, agency: str, person_id: str, name: str = "Mia Carter", **fields: Any) -> str:
        """A record, and the link to its person, who is made if need be."""
        key = fields.pop("record_id", None) or f"r_{_letters(next(self._number))}"
        if not any(row["person_id"] == person_id for row in self.rows["person"]):
            self.person(person_id, restricted=bool(fields.get("restricted")))
        given, _, family = name.partition(" ")
        link = {
            "probability": fields.pop("probability", 1.0),
            "decided_by": fields.pop("decided_by", "alone"),
            "evidence": fields.pop("evidence", "[]"),
        }
        self.rows["record"].append(
            {
                **self._sent(agency, "person"),
                "record_id": key,
                "given_name": given,
                "family_name": family,
                "updated_on": dt.date(2026, 1, 5),
                **fields,
            }
        )
        self.rows["link"].append(
            {"record_id": key, "person_id": person_id, "decided_on": TODAY, **link}
        )
        return key

    def lives(
        self,
        record_id: str,
        address_id: str,
        since: dt.date | None = None,
        until: dt.date | None = None,
    ) -> None:
        record = self._find("record", record_id)
        self.rows["record_address"].append(
            {
                "record_id": record_id,
                "address_id": address_id,
                "from_date": since,
                "to_date": until,
                "updated_on": record["updated_on"],
            }
        )

    def contact(
        self,
        agency: str,
        category: str,
        *,
        at: str | None = None,
        people: dict[str, str] | None = None,
        **fields: Any,
    ) -> str:
        """A contact; `people` maps records to their roles."""
        key = fields.pop("contact_id", None) or f"c_{_letters(next(self._number))}"
        sent = self._sent(agency, category)
        self.rows["contact"].append(
            {**sent, "contact_id": key, "category": category, "status": "closed", **fields}
        )
        if at:
            self.rows["contact_address"].append({"contact_id": key, "address_id": at})
        for record_id, role in (people or {}).items():
            self.rows["involvement"].append(
                {
                    **sent,
                    "contact_id": key,
                    "record_id": record_id,
                    "role": role,
                    "contact_key": key,
                    "record_key": record_id,
                }
            )
        return key

    def indicator(
        self,
        agency: str,
        kind: str,
        code: str,
        *,
        record_id: str | None = None,
        at: str | None = None,
        **fields: Any,
    ) -> str:
        key = fields.pop("indicator_id", None) or f"i_{_letters(next(self._number))}"
        self.rows["indicator"].append(
            {
                **self._sent(agency, kind),
                "indicator_id": key,
                "record_id": record_id,
                "kind": kind,
                "code": code,
                **fields,
            }
        )
        if at:
            self.rows["indicator_address"].append({"indicator_id": key, "address_id": at})
        return key

    def states(self, agency: str, record_id: str, relation: str, other_id: str) -> None:
        self.rows["statement"].append(
            {
                **self._sent(agency, "person"),
                "record_id": record_id,
                "other_id": other_id,
                "record_key": record_id,
                "other_key": other_id,
                "relation": relation,
            }
        )

    def write(self, folder: Path, name: str = "first") -> tuple[Snapshot, Resolved]:
        """Both folders, complete."""
        snapshot, resolved = folder / f"snapshot-{name}", folder / f"resolved-{name}"
        for kind, place in ((TABLES, snapshot), (RESOLVED_TABLES, resolved)):
            place.mkdir(parents=True)
            for table, made in kind.items():
                schema = arrow_schema(made)
                rows = [{key: row.get(key) for key in schema.names} for row in self.rows[table]]
                pq.write_table(
                    pa.Table.from_pylist(rows, schema=schema), place / f"{table}.parquet"
                )
        return (
            Snapshot(folder=snapshot, snapshot_id=f"s_{name}"),
            Resolved(folder=resolved, run_id=f"x_{name}", snapshot_id=f"s_{name}"),
        )

    def _sent(self, agency: str, category: str) -> Row:
        number = next(self._number)
        return {
            "agency": agency,
            "dataset": SYSTEMS[agency],
            "share_key": f"{agency}|{SYSTEMS[agency]}|{category}",
            "source_key": f"K{number}",
            "load_id": "l_a",
            "file_line": number,
        }

    def _find(self, table: str, key: str) -> Row:
        return next(row for row in self.rows[table] if row[f"{table}_id"] == key)


def alder_road() -> World:
    """A family at 12 Alder Road, and one who left and still matters."""
    world = World()
    world.address("a_alder", "12 Alder Road, Walsall", uprn="100071")
    world.address("a_beech", "14 Beech Lane, Walsall", postcode="WS1 2BB")
    mia_police = world.record("police", "p_mia", "Mia Carter", birth_date="1992-03-01")
    mia_nhs = world.record(
        "nhs", "p_mia", "Mia Carter", birth_date="1992-03-01", nhs_number="9990000018"
    )
    jay = world.record("nhs", "p_jay", "Jay Carter", birth_date="2020-05-06")
    jay_children = world.record("children", "p_jay", "Jay Carter", birth_date="2020-05-06")
    dean = world.record("police", "p_dean", "Dean Moss", birth_date="1985-01-01")
    dean_nhs = world.record("nhs", "p_dean", "Dean Moss", birth_date="1985-01-01")
    world.lives(mia_police, "a_alder", dt.date(2025, 3, 1))
    world.lives(mia_nhs, "a_alder", dt.date(2025, 2, 1))
    world.lives(jay, "a_alder", dt.date(2025, 2, 1))
    world.lives(dean, "a_alder", dt.date(2023, 1, 1), dt.date(2025, 1, 5))
    world.lives(dean_nhs, "a_beech", dt.date(2025, 1, 10))
    world.contact(
        "police",
        "domestic_abuse",
        at="a_alder",
        people={mia_police: "victim", dean: "suspect"},
        on_date=dt.date(2024, 6, 1),
        severity="high",
        summary="He pushed her.",
        reference="DA/1",
    )
    world.contact(
        "children",
        "child_concern",
        at="a_alder",
        people={jay_children: "subject"},
        on_date=dt.date(2026, 10, 12),
        status="open",
        ring="J. Hale 01632 960299",
    )
    for day in (1, 2, 3):
        world.contact(
            "housing", "noise", at="a_alder", on_date=dt.date(2026, 6, day), status="open"
        )
    world.indicator("police", "warning", "violent", at="a_alder", valid_from=dt.date(2026, 3, 3))
    world.indicator(
        "children", "plan", "child_protection", record_id=jay_children, valid_from=TODAY
    )
    world.states("children", jay_children, "child", jay_children)
    world.record("adults", "p_mia", "Mia Carter")
    return world


def keys(world: World) -> set[str]:
    """Every share key of a world."""
    tables = ("record", "contact", "indicator")
    return {row["share_key"] for table in tables for row in world.rows[table]}


def viewer(grants: dict[str, Grant], *, restricted: bool = False, on: dt.date = TODAY) -> Viewer:
    return Viewer(
        user_id="u_a",
        agency="police",
        role="practitioner",
        purpose="visit",
        reference="VISIT-1",
        on=on,
        restricted_allowed=restricted,
        grants=grants,
    )


def seeing_all(world: World, *, restricted: bool = False) -> Viewer:
    grant = Grant(level=Level.DETAIL, restricted_allowed=restricted)
    found = viewer(dict.fromkeys(keys(world), grant), restricted=restricted)
    return dataclasses.replace(found, records=frozenset(k for k in keys(world) if "|person" in k))


def without(seen: Viewer, *share_keys: str, **changes: Any) -> Viewer:
    """A viewer with some grants taken away, or changed if `changes` are given."""
    grants = dict(seen.grants)
    for key in share_keys:
        grant = grants.pop(key)
        if changes:
            grants[key] = dataclasses.replace(grant, **changes)
    return dataclasses.replace(seen, grants=grants)


def _letters(number: int) -> str:
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    letters = ""
    while number:
        number, rest = divmod(number, 26)
        letters = alphabet[rest] + letters
    return letters
