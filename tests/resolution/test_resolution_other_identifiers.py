"""Other identifiers in resolution: the table, the blocking key and the two features."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from resolution.addresses import resolve_addresses
from resolution.keys import key_select
from resolution.observing import observe
from resolution.prepare import open_workspace, prepare
from resolution.vectors.listed import Listed
from tests.resolution.builders import record, snapshot

GIVEN = [
    "PASSPORT 1234567; SSN 111",
    "PASSPORT 9999999; SSN 111",
    "PASSPORT 1234576",
    "SSN 1234567",
    None,
]


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    rows = [record(str(n), other_identifiers=text) for n, text in enumerate(GIVEN)]
    con = open_workspace()
    prepare(con, snapshot(tmp_path / "s", rows))
    return con


def numbers(con: duckdb.DuckDBPyConnection) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The record number of each of GIVEN."""
    found = con.execute("select rid, other_identifiers from numbered").fetchall()
    by_text = {text: rid for rid, text in found}
    return np.array([by_text[text] for text in GIVEN], dtype=np.int64)


def test_one_row_for_each_identifier(con: duckdb.DuckDBPyConnection) -> None:
    n = numbers(con)
    found = set(con.execute("select rid, kind, value from identifier").fetchall())
    assert found == {
        (n[0], "PASSPORT", "1234567"),
        (n[0], "SSN", "111"),
        (n[1], "PASSPORT", "9999999"),
        (n[1], "SSN", "111"),
        (n[2], "PASSPORT", "1234576"),
        (n[3], "SSN", "1234567"),
    }


def test_records_that_share_one_of_a_kind_are_in_one_block(con: duckdb.DuckDBPyConnection) -> None:
    n = numbers(con)
    query = key_select(["other_identifier"])
    blocks = con.execute(f"select list(rid) from ({query}) group by h").fetchall()
    assert {frozenset(rids) for (rids,) in blocks if len(rids) > 1} == {frozenset((n[0], n[1]))}


def test_only_identifiers_of_one_kind_are_compared(con: duckdb.DuckDBPyConnection) -> None:
    n = numbers(con)
    left, right = n[[0, 0, 0, 2, 0]], n[[1, 2, 3, 3, 4]]
    listed = Listed(con, len(GIVEN))
    found = listed.compare(left, right)
    # shared beside a different one; a slip; only an unlike one of the kind; no kind in common; none
    assert found["identifier_equal"].tolist() == [1, -1, -1, 0, 0]
    near = found["identifier_near"]
    assert near[0] == 1
    assert near[1] == pytest.approx(6 / 7)
    assert near[2] < 0.4
    assert near[3] == near[4] == pytest.approx(0.4)
    turned = listed.compare(right, left)
    assert all(np.array_equal(found[name], turned[name]) for name in found)


def test_nothing_given_is_no_feature(tmp_path: Path) -> None:
    con = open_workspace()
    made = snapshot(tmp_path / "s", [record("a"), record("b")])
    prepare(con, made)
    resolve_addresses(con, made, None)
    assert not observe(con).listed
    nobody = np.zeros(0, np.int64)
    assert len(Listed(con, 2).compare(nobody, nobody)["identifier_equal"]) == 0
