"""XML and FHIR: entities off, schema faults and broken resources cost their own row alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import loaders
from loaders.errors import DriftError, ReadError
from loaders.readers import fhir, read_rows
from tests.loaders.conftest import FORMATS, SHIPPED, Desk


def _shipped(name: str) -> loaders.Mapping:
    return next(m for m in loaders.read_mappings(SHIPPED) if m.mapping == name)


CENSUS = (FORMATS / "cin_census.xml").read_text(encoding="utf-8")


def _census(desk: Desk, text: str) -> Path:
    return desk.file(text, "census.xml")


BOMB = """<?xml version="1.0"?>
<!DOCTYPE Message [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<Message><Children><Child><ChildIdentifiers><LAchildID>&d;</LAchildID></ChildIdentifiers></Child>
</Children></Message>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE Message [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<Message><Children><Child><ChildIdentifiers><LAchildID>&secret;</LAchildID></ChildIdentifiers>
</Child></Children></Message>"""
REMOTE = '<!DOCTYPE Message SYSTEM "http://127.0.0.1:9/x.dtd"><Message><Children/></Message>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, REMOTE], ids=["bomb", "outside", "remote"])
def test_entities_and_document_types_are_refused(desk: Desk, text: str) -> None:
    with pytest.raises(ReadError, match="document type or entities"):
        read_rows(_census(desk, text), _shipped("children-cin-census"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<Message><Children>", "not well-formed XML"),
        ("plain words", "not well-formed XML"),
        ("<Other/>", "not as cin_census_2020.xsd has it"),
        (CENSUS.replace("<Collection>CIN<", "<Collection>XXX<"), "not as cin_census_2020.xsd"),
    ],
)
def test_what_is_no_census_is_refused(desk: Desk, text: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_rows(_census(desk, text), _shipped("children-cin-census"))


def test_a_child_that_does_not_fit_the_schema_is_quarantined_alone(desk: Desk) -> None:
    broken = CENSUS.replace("<UPN>A141396438491</UPN>", "<UPN>secret value</UPN>")
    result = desk.load(_census(desk, broken), _shipped("children-cin-census"))
    assert (result.entry.rows_in, result.entry.accepted, result.entry.rejected) == (332, 331, 1)
    (finding,) = [found for found in desk.findings(result) if found[4]]
    assert finding[:2] == (2, "ChildIdentifiers/UPN")
    assert "secret value" in str(finding[2])
    assert finding[3] == "not as cin_census_2020.xsd has it"
    assert {row["file_line"] for row in desk.rows()} == {1, *range(3, 333)}


TREE = """
mapping = "test"
version = 1
dataset = "children/lcs"
layout = "tree"
extract = "full"
description = "d"
[source]
format = "xml"
rows = "P"
match = ["Id"]
[limits]
max_rejected_share = 0.9
[[emit]]
table = "record"
[emit.fields]
source_key = "Id"
family_name = "Name/@last"
other_names = "Alias"
[[emit]]
table = "contact"
each = "V"
[emit.fields]
source_key = { template = "{../Id}-{#}" }
category = { column = "Kind", codes = { F = "fall" } }
on_date = { column = "Day", pattern = ["%Y-%m-%d"] }
[[emit]]
table = "involvement"
each = "V"
[emit.fields]
contact_key = { template = "{../Id}-{#}" }
record_key = "../Id"
"""
PEOPLE = """<x:All xmlns:x="urn:x">
<x:P><x:Id>1</x:Id><x:Name last="LEE"/><x:Alias>A B</x:Alias><x:Alias>C D</x:Alias>
<x:V><x:Kind>F</x:Kind></x:V><x:V><x:Kind>?</x:Kind></x:V></x:P>
<x:P><x:Id>2</x:Id><x:V><x:Kind>F</x:Kind><x:Day>2020-01-02</x:Day></x:V></x:P>
<x:P><x:V><x:Kind>F</x:Kind></x:V></x:P></x:All>"""


def test_parts_stand_or_fall_alone_and_go_with_their_row(desk: Desk) -> None:
    result = desk.load(_census(desk, PEOPLE), desk.mapping(TREE))
    assert (result.entry.rows_in, result.entry.accepted, result.entry.rejected) == (3, 2, 1)
    records = desk.rows()
    assert [row["family_name"] for row in records] == ["Lee", None]
    assert records[0]["other_names"] == "A B; C D"
    assert sorted(str(row["source_key"]) for row in desk.rows("contact")) == ["1-1", "2-1"]
    assert sorted(str(row["contact_key"]) for row in desk.rows("involvement")) == ["1-1", "2-1"]
    reasons = {(line, field) for line, field, _, _, rejected in desk.findings(result) if rejected}
    assert reasons >= {(1, "category"), (3, "source_key")}


def test_a_path_that_is_nowhere_is_drift(desk: Desk) -> None:
    with pytest.raises(DriftError, match="'Id' \\(is it 'Ide' now\\?\\) missing"):
        read_rows(_census(desk, "<All><P><Ide>1</Ide></P></All>"), desk.mapping(TREE))


def patient(**fields: Any) -> dict[str, Any]:
    number = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}
    return {"resourceType": "Patient", "id": "9990000018", "identifier": [number], **fields}


def bundle(*resources: Any) -> str:
    entry = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entry})


def load(desk: Desk, text: str, name: str = "nhs-pds-patients") -> loaders.LoadResult:
    return desk.load(desk.file(text, "x.json"), _shipped(name))


def read_one(desk: Desk, **fields: Any) -> dict[str, Any]:
    mapping = _shipped("pds-patient")
    rows = read_rows(desk.file(json.dumps(patient(**fields)), "p.json"), mapping).rows
    return {name: column.to_pylist()[0] for name, column in rows.columns.items()}


def test_the_name_in_use_and_the_others(desk: Desk) -> None:
    names = [
        {"use": "nickname", "given": ["Liz"], "family": "Ward"},
        {"use": "old", "given": ["Beth"], "family": "Early", "period": {"start": "1990-01-01"}},
        {"use": "usual", "family": "Then", "period": {"start": "2000-01-01", "end": "2010-01-01"}},
        {"use": "usual", "given": ["Beth", "Ann"], "family": "Now", "prefix": ["Mrs"]},
        {"use": "maiden", "given": ["Beth"], "family": "Late", "period": {"start": "1999-01-01"}},
    ]
    row = read_one(desk, name=names)
    assert (row["name.given"], row["name.middle"], row["name.family"]) == ("Beth", "Ann", "Now")
    assert row["formerFamily"] == "Late"
    assert row["otherNames"] == "Then; Beth Late; Beth Early; Liz Ward"


def test_addresses_that_are_residences(desk: Desk) -> None:
    line = {"line": ["1 A ST", " ", "WALSALL"], "postalCode": "WS1 1AA"}
    addresses = [
        {**line, "use": "home", "period": {"start": "2020-05"}},
        {"line": ["2 B ST"], "use": "old", "period": {"start": "2010-01-01"}},
        {"line": ["3 C ST"], "use": "temp", "period": {"start": "2021-01-01", "end": "2021-02-01"}},
        {"line": ["4 D ST"], "use": "work"},
        {"line": ["5 E ST"], "use": "billing"},
    ]
    load(desk, bundle(patient(address=addresses)))
    found = {row["address_line"]: row for row in desk.rows("residence")}
    assert set(found) == {"1 A St, Walsall", "2 B St", "3 C St"}
    assert found["1 A St, Walsall"]["to_date"] is None
    assert str(found["2 B St"]["to_date"]) == "2010-01-01"
    assert str(found["3 C St"]["to_date"]) == "2021-02-01"


@pytest.mark.parametrize(
    ("codes", "restricted"),
    [(["U"], False), (["R"], True), (["U", "V"], True), (["REDACTED"], True), ([], None)],
)
def test_sensitive_people_are_restricted(
    desk: Desk, codes: list[str], restricted: bool | None
) -> None:
    labels = [{"system": fhir._CONFIDENTIALITY, "code": code} for code in codes]
    load(desk, json.dumps(patient(meta={"security": labels})), "pds-patient")
    assert [row["restricted"] for row in desk.rows()] == [restricted]


@pytest.mark.parametrize(
    ("fields", "dead", "on"),
    [
        ({"deceasedDateTime": "2024-03-01T00:00:00+00:00"}, True, "2024-03-01"),
        ({"deceasedDateTime": "2024-03"}, True, "2024-03"),
        ({"deceasedBoolean": True}, True, None),
        ({"deceasedBoolean": False}, False, None),
        ({}, None, None),
    ],
)
def test_deaths(desk: Desk, fields: dict[str, Any], dead: bool | None, on: str | None) -> None:
    load(desk, json.dumps(patient(**fields)), "pds-patient")
    assert [(row["dead"], row["death_date"]) for row in desk.rows()] == [(dead, on)]


def test_a_broken_resource_costs_that_resource_alone(desk: Desk) -> None:
    good = [patient(id=str(number), birthDate="1990-02-03") for number in range(40)]
    result = load(
        desk,
        bundle(
            *good,
            patient(id="a", name=[{"given": "Ann"}]),
            None,
            {"resourceType": "OperationOutcome"},
            patient(id="b", birthDate="3 Feb 1990"),
            patient(id="c", unheard_of=[1]),
        ),
    )
    assert (result.entry.rows_in, result.entry.rejected) == (44, 2)
    found = desk.findings(result)
    assert {(line, field) for line, field, _, _, rejected in found if rejected} == {
        (41, "name.0.given"),
        (42, "resource"),
    }
    births = {row["source_key"]: row["birth_date"] for row in desk.rows()}
    assert births["b"] is None  # a wrong value is a finding about it, the person stays
    assert births["39"] == "1990-02-03"
    assert "c" in births


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not JSON, on line 1"),
        (b"[1]", "neither a FHIR Patient nor a Bundle"),
        (b'{"resourceType": "Practitioner"}', "neither a FHIR Patient nor a Bundle"),
        (b'{"resourceType": "Bundle", "entry": {}}', "entry is no list"),
        (b'{"resourceType": "Bundle", "total": NaN}', "a number that is none"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"resourceType": "\xff"}', "must be UTF-8"),
    ],
)
def test_what_is_no_fhir_is_refused(desk: Desk, content: bytes, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_rows(desk.file(content, "x.json"), _shipped("pds-patient"))


def test_an_answer_and_a_bundle_are_told_apart(desk: Desk) -> None:
    with pytest.raises(DriftError, match="this is a Bundle"):
        read_rows(desk.file(bundle(patient()), "x.json"), _shipped("pds-patient"))
