"""Staged rows and quarantine on the disk: encrypted with age where there is a key."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyrage
import pytest

from governance.erasures import Gone
from loaders import AtRest, StagingError, rewrite_loads
from loaders.at_rest import encrypt_staged, is_encrypted
from tests.loaders.conftest import PEOPLE_MAPPING, Desk, people_csv

KEY = str(pyrage.x25519.Identity.generate())
OTHER = str(pyrage.x25519.Identity.generate())
ROWS = people_csv(
    "11,Ashdown-Quill,Wilhelmina,03/05/1961,,F,,,1 Alder Road,WS1 1AA",
    "12,Brook,Ann,04/05/1961,,F,,,2 Alder Road,WS1 1AA",
    ",Keyless,Nobody,05/05/1961,,F,,,3 Alder Road,WS1 1AA",
    "13,Carr,Bea,not-a-day,,F,,,,",
)


def with_key(desk: Desk, key: str | None) -> Desk:
    at_rest = AtRest(key=key)
    return dataclasses.replace(desk, context=dataclasses.replace(desk.context, at_rest=at_rest))


@pytest.fixture
def sealed(desk: Desk) -> Desk:
    return with_key(desk, KEY)


def staged(desk: Desk) -> list[Path]:
    return sorted((desk.context.home / "staging").glob("*/*/*/*.parquet"))


def test_what_is_staged_is_encrypted_and_read_as_ever(desk: Desk, sealed: Desk) -> None:
    result = sealed.load_text(ROWS, sealed.mapping(PEOPLE_MAPPING))
    assert result.state == "staged"
    files = staged(sealed)
    assert {file.name for file in files} == {
        "quarantine.parquet",
        "record.parquet",
        "residence.parquet",
    }
    assert all(is_encrypted(file) for file in files)
    assert [row["family_name"] for row in sealed.rows()] == ["Ashdown-Quill", "Brook", "Carr"]
    assert {row[1] for row in sealed.findings(result)} == {"source_key", "record_key", "birth_date"}


def test_a_key_that_came_later_reads_what_was_in_the_clear(desk: Desk, sealed: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    desk.load_text(ROWS, mapping)
    sealed.load_text(ROWS.replace("Brook", "Beck"), mapping)
    assert [row["family_name"] for row in sealed.rows()] == ["Ashdown-Quill", "Beck", "Carr"]
    before = [is_encrypted(file) for file in staged(sealed)]
    assert set(before) == {True, False}
    count = encrypt_staged(sealed.context.home / "staging", sealed.context.at_rest)
    assert count == before.count(False)
    assert all(is_encrypted(file) for file in staged(sealed))
    assert [row["family_name"] for row in sealed.rows()] == ["Ashdown-Quill", "Beck", "Carr"]
    assert encrypt_staged(sealed.context.home / "staging", sealed.context.at_rest) == 0


@pytest.mark.parametrize("key", [None, OTHER], ids=["no key", "another key"])
def test_without_the_key_nothing_is_read_and_nothing_is_lost(key: str | None, sealed: Desk) -> None:
    sealed.load_text(ROWS, sealed.mapping(PEOPLE_MAPPING))
    with pytest.raises(StagingError, match="KITH_STAGING_KEY_FILE"):
        with_key(sealed, key).rows()
    assert len(sealed.rows()) == 3


def test_a_changed_file_is_refused(sealed: Desk) -> None:
    sealed.load_text(ROWS, sealed.mapping(PEOPLE_MAPPING))
    file = next(file for file in staged(sealed) if file.name == "record.parquet")
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    with pytest.raises(StagingError):
        sealed.rows()


def test_the_key_is_read_as_the_tools_write_it() -> None:
    assert AtRest.of(f"# public key: age1...\n{KEY}\n") == AtRest(key=KEY)
    assert AtRest.of(" \n") == AtRest()
    for wrong in ("a pass phrase", f"{KEY}\n{OTHER}", f"{KEY[:-1]}\n"):
        with pytest.raises(StagingError, match="KITH_STAGING_KEY"):
            AtRest.of(wrong)


def test_without_a_key_nothing_can_be_encrypted(desk: Desk) -> None:
    with pytest.raises(StagingError, match="there is no key"):
        encrypt_staged(desk.context.home / "staging", desk.context.at_rest)


def test_the_key_is_in_no_text_of_what_holds_it() -> None:
    assert KEY not in repr(AtRest(key=KEY))


def test_erasure_rewrites_what_is_encrypted_encrypted(sealed: Desk) -> None:
    sealed.load_text(ROWS, sealed.mapping(PEOPLE_MAPPING))
    gone = Gone(record=frozenset({str(sealed.rows()[0]["record_id"])}))
    [told] = rewrite_loads(sealed.context, gone)
    assert told.rows == {"record": 1, "residence": 1}
    assert all(is_encrypted(file) for file in staged(sealed))
    [record] = [file for file in staged(sealed) if file.name == "record.parquet"]
    names = sealed.context.at_rest.read(record, ["family_name"])["family_name"].to_pylist()
    assert names == ["Brook", "Carr"]
