"""Other identifiers: columns of several kinds into one field, and their canonical form."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import loaders
from loaders import words
from loaders.emitting import raw_text
from loaders.mapping import FieldRule
from loaders.readers.rows import Rows
from loaders.standardise import standardise

MAPPING = """
mapping = "test"
version = 1
dataset = "people/list"
layout = "people"
extract = "full"
description = "A list"
[source]
format = "csv"
match = ["Ref"]
[[emit]]
table = "record"
[emit.fields]
source_key = "Ref"
other_identifiers = { kinds = { Passport = "PASSPORT", Licence = "DRIVING_LICENCE" } }
"""


def rule() -> FieldRule:
    return FieldRule(
        name="other_identifiers",
        form="identifiers",
        code_list=None,
        required=False,
        columns=("passport", "licence"),
        kinds=("PASSPORT", "DRIVING_LICENCE"),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("passport 12-34 a", ("PASSPORT 1234A", True)),
        ("PASSPORT 1;PASSPORT 1 ; SSN 2;", ("PASSPORT 1; SSN 2", True)),
        ("PASSPORT １２３", ("PASSPORT 123", True)),
        ("PASSPORT ---; SSN 2", ("SSN 2", False)),
        ("1234", (None, False)),
        ("PASS-PORT 12", (None, False)),
        (" ; ", (None, True)),
    ],
)
def test_canonical_form(given: str, expected: tuple[str | None, bool]) -> None:
    assert words.identifiers(given) == expected


def test_columns_are_joined_each_with_its_kind() -> None:
    rows = Rows(
        columns={
            "passport": pa.array(["12 3", None, "  ", "4; 5 ;", "?"]),
            "licence": pa.array(["AB-1", "cd2", None, None, "x9"]),
        },
        lines=pa.array(range(5)),
    )
    raw = raw_text(rule(), rows)
    made = standardise(rule(), raw, 2026)
    assert made.values.to_pylist() == [
        "PASSPORT 123; DRIVING_LICENCE AB1",
        "DRIVING_LICENCE CD2",
        None,
        "PASSPORT 4; PASSPORT 5",
        "DRIVING_LICENCE X9",
    ]
    assert raw.to_pylist()[0] == "PASSPORT 12 3; DRIVING_LICENCE AB-1"
    assert [reason is None for reason in made.reasons.to_pylist()] == [True] * 3 + [True, False]


def test_a_mapping_says_them_in_words(tmp_path: Path) -> None:
    (tmp_path / "test.toml").write_text(MAPPING)
    (mapping,) = loaders.read_mappings([tmp_path])
    assert "Passport as PASSPORT + Licence as DRIVING_LICENCE" in loaders.mapping.describe(mapping)
    assert mapping.columns() == ("Ref", "Passport", "Licence")


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('"PASSPORT"', '"pass port"', "a kind must be one word in capitals"),
        ('"PASSPORT"', "3", "a kind must be one word in capitals"),
        ("other_identifiers", "occupation", "kinds is for other identifiers only"),
        ('{ Passport = "PASSPORT", Licence = "DRIVING_LICENCE" }', "[]", "must give a kind"),
    ],
)
def test_faults_of_kinds(tmp_path: Path, before: str, after: str, fault: str) -> None:
    (tmp_path / "test.toml").write_text(MAPPING.replace(before, after))
    with pytest.raises(loaders.MappingError) as caught:
        loaders.read_mappings([tmp_path])
    assert fault in "\n".join(caught.value.faults)
