"""Golden records: values survive by the rules, and say where they come from."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from tests.resolution.builders import NHS_NUMBERS, Row, record, rows, snapshot
from tests.resolution.conftest import Resolve


def test_values_and_their_provenance(resolve: Resolve, tmp_path: Path) -> None:
    shared = {"nhs_number": NHS_NUMBERS[0], "family_name": "Shaw", "birth_date": "1984-03-09"}
    health = record("1", "nhs/pds", given_name="Ada", **shared)
    police = record(
        "2",
        given_name="A",
        phone="+447700900001",
        updated_on=dt.date(2026, 5, 1),
        other_names="Ada Green; Addie",
        **shared,
    )
    housing = record(
        "3",
        "housing/northgate",
        given_name="Ada",
        middle_names="May",
        phone="+447700900002",
        updated_on=dt.date(2026, 9, 1),
        **shared,
    )
    (person,) = rows(resolve(snapshot(tmp_path / "s", [health, police, housing])), "person")
    assert person["given_name"] == "Ada"
    assert person["full_name"] == "Ada May Shaw"
    assert person["phone"] == "+447700900002"
    assert person["other_names"] == "Ada Green; Addie"
    assert person["record_count"] == 3
    source = json.loads(person["provenance"])
    assert source["phone"] == source["middle_names"] == housing["record_id"]
    assert source["nhs_number"] == health["record_id"]
    assert "death_date" not in source


def test_death_spreads_from_health_and_police_cannot_undo_it(
    resolve: Resolve, tmp_path: Path
) -> None:
    shared = {"given_name": "Ada", "family_name": "Shaw", "birth_date": "1934-03-09"}
    health = record("1", "nhs/pds", dead=True, death_date="2026-01-05", **shared)
    police = record("2", dead=False, updated_on=dt.date(2026, 9, 1), **shared)
    (person,) = rows(resolve(snapshot(tmp_path / "s", [health, police])), "person")
    assert (person["dead"], person["death_date"]) == (True, "2026-01-05")
    assert json.loads(person["provenance"])["dead"] == health["record_id"]


def test_a_person_is_restricted_if_any_record_is(resolve: Resolve, tmp_path: Path) -> None:
    shared = {"given_name": "Ada", "family_name": "Shaw", "birth_date": "1984-03-09"}
    open_, hidden = record("1", **shared), record("2", "nhs/pds", restricted=True, **shared)
    (person,) = rows(resolve(snapshot(tmp_path / "s", [open_, hidden])), "person")
    assert person["restricted"] is True
    assert json.loads(person["provenance"])["restricted"] == hidden["record_id"]


def test_a_placeholder_date_never_survives_a_known_one(resolve: Resolve, tmp_path: Path) -> None:
    shared = {"nhs_number": NHS_NUMBERS[0], "given_name": "Ada", "family_name": "Shaw"}
    stand_in = record(
        "1", "nhs/pds", birth_date="1900-01-01", birth_date_status="placeholder", **shared
    )
    again: Row = record("2", birth_date="1900-01-01", birth_date_status="placeholder", **shared)
    known = record("3", "housing/northgate", birth_date="1984-03", **shared)
    (person,) = rows(resolve(snapshot(tmp_path / "s", [stand_in, again, known])), "person")
    assert person["birth_date"] == "1984-03"
