"""Mappings: what ships is sound, and everything wrong with a file is told at once, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

import loaders
from records.schema import TABLES
from tests.loaders.conftest import PEOPLE_MAPPING, SHIPPED

WRONG = """
mapping = "Wrong Name"
version = 0
dataset = "police"
layout = "people"
extract = "partial"
colour = "red"
[source]
format = "csv"
delimiter = ";;"
encodin = "utf-8"
match = []
[limits]
max_rejected_share = 5
[[emit]]
table = "records"
[[emit]]
table = "record"
[emit.fields]
famly_name = "Surname"
birth_date = { column = "DOB", pattern = ["%d/%m/%Q"] }
updated_on = { column = "Updated", pattern = ["%Y"] }
sex = { column = "Sex", codes = { M = "man", F = "female" } }
nhs_number = { column = "NHS", constant = "1" }
title = { column = "Title", codez = {} }
given_name = { template = "plain" }
dead = { constant = "perhaps" }
[[emit]]
table = "indicator"
each = "Plan"
[emit.fields]
source_key = { template = "{A}-{#}" }
kind = { constant = "plan" }
code = { constant = "child_protekt" }
record_key = { column = "Ref", dataset = "children/lcs" }
"""
EXPECTED = [
    "'colour' is not known",
    "'description' is missing",
    "mapping must be lower-case words",
    "version must be a whole number from 1",
    "dataset must be AGENCY/SYSTEM",
    "extract must be 'full' or 'delta'",
    "'encodin' is not known; did you mean 'encoding'?",
    "match must name the columns",
    "delimiter must be one character",
    "max_rejected_share must be a number from 0 to 1",
    "emit 1: no table 'records'; did you mean 'record'?",
    "emit 2 (record): required field 'source_key' is not mapped",
    "no field 'famly_name'; did you mean 'family_name'?",
    "birth_date: pattern '%d/%m/%Q' has %Q",
    "updated_on: pattern '%Y' must give day, month and year here",
    "sex: 'man' is not on code list sex",
    "nhs_number: needs just one of column, columns, kinds, constant, template",
    "title: option codez is not known",
    "given_name: template names no {COLUMN}",
    "dead: codes must be 'true', 'false' or ''",
    "emit 3 (indicator): each is for xml and fhir only",
    "'child_protekt' is not on code list a list of kinds; did you mean 'child_protection'?",
    "record_key: dataset must be another dataset of police",
]


def _faults(tmp_path: Path, text: str, name: str = "wrong") -> list[str]:
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(loaders.MappingError) as caught:
        loaders.read_mappings([tmp_path])
    return caught.value.faults


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    told = "\n".join(_faults(tmp_path, WRONG))
    assert [fault for fault in EXPECTED if fault not in told] == []


def test_faults_of_all_files_are_told_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("mapping = 'one'", encoding="utf-8")
    (tmp_path / "two.toml").write_text("mapping = = 'two'", encoding="utf-8")
    (tmp_path / "three.toml").write_bytes(b"mapping = '\xff'")
    with pytest.raises(loaders.MappingError) as caught:
        loaders.read_mappings([tmp_path, tmp_path / "four.toml"])
    told = "\n".join(caught.value.faults)
    for name in ("one.toml: 'source' is missing", "two.toml: not TOML", "three.toml: not TOML"):
        assert name in told
    assert "four.toml: there is no such file" in told


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('format = "csv"', 'format = "xml"', "rows must be the path"),
        ('format = "csv"', 'format = "xml"\nrows = "A/B"\nxsd = "../x.xsd"', "not beside"),
        ('format = "csv"', 'format = "xml"\nrows = "A[1]/B"', "'A[1]/B' is no path"),
        ('format = "csv"', 'format = "fhir"', "a Patient has no 'Ref'"),
        ('format = "csv"', 'format = "csv"\nsheet = "A"', "[source] of a csv file: 'sheet'"),
        ('mapping = "test"', 'mapping = "other"', "must be named other.toml"),
        ('when = ["Address"]', 'when = "Address"', "when must be a list"),
    ],
)
def test_single_faults(tmp_path: Path, before: str, after: str, fault: str) -> None:
    told = "\n".join(_faults(tmp_path, PEOPLE_MAPPING.replace(before, after, 1), "test"))
    assert fault in told


@pytest.mark.parametrize(
    "junk",
    [
        "emit = 3",
        "[source]\nformat = 3",
        "[[emit]]\ntable = []",
        "[emit]",
        "emit = [1]",
        "limits = 1",
    ],
)
def test_no_toml_however_odd_raises_anything_else(tmp_path: Path, junk: str) -> None:
    assert _faults(tmp_path, junk)


def test_a_home_s_own_mapping_takes_the_place_of_one_that_ships(tmp_path: Path) -> None:
    for folder, version in (("ships", "1"), ("home", "2")):
        (tmp_path / folder).mkdir()
        text = PEOPLE_MAPPING.replace("version = 1", f"version = {version}")
        (tmp_path / folder / "test.toml").write_text(text, encoding="utf-8")
    (mapping,) = loaders.read_mappings([tmp_path / "ships", tmp_path / "home"])
    assert mapping.version == 2


def test_every_mapping_that_ships_is_sound_and_told_in_words() -> None:
    found = loaders.read_mappings(SHIPPED)
    assert len(found) > 20
    for mapping in found:
        told = loaders.describe(mapping)
        for emit in mapping.emits:
            assert emit.table in TABLES
            for rule in emit.rules:
                assert rule.name in told
                assert all(column in told for column in rule.sources() if column != "#")
