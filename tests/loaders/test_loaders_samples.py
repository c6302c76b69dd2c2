"""The sample files load with the mappings that ship, and their counts are those of the file."""

from __future__ import annotations

import csv
import datetime as dt
import json
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

import loaders
from tests.loaders.conftest import FORMATS, PEOPLE, SHIPPED, Desk


def _load(desk: Desk, path: Path, dataset: str) -> loaders.LoadResult:
    mappings = loaders.read_mappings(SHIPPED)
    return loaders.load_file(path, mappings=mappings, dataset=dataset, context=desk.context)


def _csv_rows(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return [
            {(k or "").strip(): (v or "").strip() for k, v in row.items()}
            for row in csv.DictReader(file)
        ]


def test_cin_census_and_case_management_describe_the_same_children(desk: Desk) -> None:
    census = FORMATS / "cin_census.xml"
    result = _load(desk, census, "children/cin")
    children = ET.parse(census).getroot().findall("Children/Child")
    episodes = [child.findall("CINdetails") for child in children]
    counts = Counter(len(found) for found in episodes)
    assert result.state == "staged"
    assert result.entry.accepted == len(children) == 332
    rows = result.entry.counts["rows"]
    assert rows["record"] == len(children)
    assert rows["contact"] == rows["involvement"] == sum(map(len, episodes)) == 402
    needs = [child.findtext("PrimaryNeedCode") for found in episodes for child in found]
    assert rows["indicator"] == sum(need is not None for need in needs)
    assert counts[2] > 0  # some children have two referrals, so the parts were counted

    extract = FORMATS / "lcs_children.csv"
    given = _csv_rows(extract, "cp1252")
    result = _load(desk, extract, "children/lcs")
    assert result.entry.mapping == "lcs-children"
    assert result.entry.accepted == len(given) == 332
    assert result.entry.counts["rows"] == {
        "record": 332,
        "residence": sum(bool(row["Address"] or row["Postcode"]) for row in given),
        "indicator": sum(bool(row["Plan"]) for row in given),
    }
    records = desk.rows()
    by_system = {
        system: {row["local_id"] for row in records if row["dataset"] == system}
        for system in ("cin", "lcs")
    }
    assert by_system["cin"] == by_system["lcs"] != set()


@pytest.mark.parametrize("file", sorted((FORMATS / "fhir").glob("*.json")), ids=lambda f: f.stem)
def test_every_answer_of_pds_loads(desk: Desk, file: Path) -> None:
    patient = json.loads(file.read_text(encoding="utf-8"))
    result = _load(desk, file, "nhs/pds")
    assert (result.state, result.entry.mapping) == ("staged", "pds-patient")
    (record,) = desk.rows()
    name = (patient.get("name") or [{}])[0]
    assert record["source_key_raw"] == patient["id"]
    assert record["family_name_raw"] == name.get("family")
    assert record["birth_date"] == patient.get("birthDate")
    assert record["restricted"] is (patient["meta"]["security"][0]["code"] != "U")
    assert record["dead"] is (True if "deceasedDateTime" in patient else None)
    places = {(*a["line"], a["postalCode"]) for a in patient.get("address", [])}
    assert len(desk.rows("residence")) == len(places)  # home and temporary may be one place


def test_answers_of_pds_come_one_after_another(desk: Desk) -> None:
    files = sorted((FORMATS / "fhir").glob("*.json"))
    for file in files:
        _load(desk, file, "nhs/pds")
    assert len(desk.rows()) == len(files) == 15


def test_a_bundle_of_all_answers(desk: Desk) -> None:
    files = sorted((FORMATS / "fhir").glob("*.json"))
    patients = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    entry = [{"resource": patient} for patient in patients]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entry}
    result = _load(desk, desk.file(json.dumps(bundle), "bundle.json"), "nhs/pds")
    assert result.entry.mapping == "nhs-pds-patients"
    assert result.entry.accepted == len(patients)


@pytest.mark.parametrize(
    ("sheet", "mapping", "table"),
    [
        ("List 1", "annex-a-contacts", "contact"),
        ("List 7", "annex-a-protection-plans", "indicator"),
    ],
)
def test_annex_a_lists(desk: Desk, sheet: str, mapping: str, table: str) -> None:
    file = FORMATS / "annex_a.xlsx"
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    header, *body = [row for row in book[sheet].iter_rows(values_only=True) if any(row)]
    book.close()
    chosen = [m for m in loaders.read_mappings(SHIPPED) if m.mapping == mapping]
    result = loaders.load_file(file, mappings=chosen, context=desk.context)
    assert result.entry.accepted == len(body)
    assert result.entry.counts["rows"]["record"] == len({row[0] for row in body})
    assert result.entry.counts["rows"][table] == len(body)
    place = header.index("Date of Birth")
    cells = [(row[0], row[place]) for row in body]
    births = {
        str(key): cell.date().isoformat() for key, cell in cells if isinstance(cell, dt.datetime)
    }
    found = {r["source_key"]: r["birth_date"] for r in desk.rows() if r["birth_date"]}
    assert found == births


def test_two_lists_of_one_workbook_must_be_named(desk: Desk) -> None:
    with pytest.raises(loaders.NotRecognisedError, match="several mappings"):
        _load(desk, FORMATS / "annex_a.xlsx", "children/annex_a")


def test_looked_after_children_return(desk: Desk) -> None:
    header = _csv_rows(FORMATS / "ssda903_header.csv")
    episodes = _csv_rows(FORMATS / "ssda903_episodes.csv")
    first = _load(desk, FORMATS / "ssda903_header.csv", "children/ssda903")
    second = _load(desk, FORMATS / "ssda903_episodes.csv", "children/ssda903")
    assert first.entry.counts["rows"] == {"record": len(header)}
    assert second.entry.accepted == len(episodes) == 5050
    keys = {(row["CHILD"], row["DECOM"]) for row in episodes}
    assert second.entry.counts["rows"]["indicator"] == len(keys)
    wrong = second.entry.counts["findings"]["not a valid postcode"]
    with_postcode = sum(bool(row["PL_POST"]) for row in episodes)
    assert second.entry.counts["rows"]["residence"] == with_postcode - wrong


@pytest.mark.parametrize(
    ("name", "dataset", "key"),
    [("fake_1000", "people/fake1000", "unique_id"), ("febrl3", "people/febrl3", "rec_id")],
)
def test_people_alone(desk: Desk, name: str, dataset: str, key: str) -> None:
    given = _csv_rows(PEOPLE / f"{name}.csv")
    truth = _csv_rows(PEOPLE / f"{name}_truth.csv")
    result = _load(desk, PEOPLE / f"{name}.csv", dataset)
    assert result.entry.accepted == len(given)
    staged = {row["source_key"] for row in desk.rows()}
    assert staged == {row[key] for row in given} == {row["source_key"] for row in truth}
    assert {f"{row['agency']}/{row['system']}" for row in truth} == {dataset}
