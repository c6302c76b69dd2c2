"""Short lists: loose keys, slips in e-mail and telephone, and questions that reach every pair."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from resolution.addresses import resolve_addresses
from resolution.blocking import read_blocking, suited_keys
from resolution.linking.pools import _draw
from resolution.linking.settings import read_linking
from resolution.observing import observe
from resolution.pairs import candidate_pairs
from resolution.prepare import open_workspace, prepare
from resolution.vectors import Vectors
from resolution.whereabouts import find_whereabouts
from tests.resolution.builders import lives, record, snapshot

BY_NAME = ("email", "phone", "birth")
PEOPLE = {
    "plain": {
        "email": "ada.wren@post.example",
        "phone": "07700900123",
        "birth_date": "1990-05-31",
    },
    "slip": {"email": "ada.wern@post.example", "phone": "07700900132", "birth_date": "1990-06-01"},
    "other": {
        "email": "x.quill@mail.example",
        "phone": "02079460000",
        "birth_date": "1971-11-02",
    },
    "bare": {},
}


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    con = open_workspace()
    rows = [record(key, given_name=f"Name{key}", **told) for key, told in PEOPLE.items()]
    stays = [lives(rows[2], "173 John Lane", None), lives(rows[3], "173 Jahn Lane, Camden", None)]
    made = snapshot(tmp_path / "s", rows, stays)
    prepare(con, made)
    resolve_addresses(con, made, None)
    find_whereabouts(con, made)
    return con


def numbers(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = con.execute("select source_key, rid from numbered").fetchall()
    return {key: int(number) for key, number in rows}


def test_slips_in_what_reaches_somebody_and_days_between_births_are_told(
    con: duckdb.DuckDBPyConnection,
) -> None:
    vectors, n = Vectors(con, observe(con)), numbers(con)
    pairs = [("plain", "plain"), ("plain", "slip"), ("plain", "other"), ("plain", "bare")]
    sides = np.array([[n[a], n[b]] for a, b in pairs]).T
    found = dict(zip(vectors.names, vectors(sides[0], sides[1]).T.tolist(), strict=True))
    for name in ("email_near", "phone_near"):
        same, slip, other, unknown = found[name]
        assert same == 1 > slip > 0.8 > other, name
        assert unknown == pytest.approx(0.4), name
    same, slip, other, unknown = found["birth_days_apart"]
    assert (same, slip) == (0, pytest.approx(np.log(2)))
    assert slip < unknown < other


def test_a_list_of_a_few_is_compared_by_a_house_number_alone(
    con: duckdb.DuckDBPyConnection,
) -> None:
    known, blocking, n = observe(con), read_blocking(), numbers(con)
    keys = suited_keys(con, blocking, known)
    found = candidate_pairs(con, keys, blocking.block_cap)
    pairs = {
        frozenset(pair) for pair in zip(found.left.tolist(), found.right.tolist(), strict=True)
    }
    assert frozenset((n["other"], n["bare"])) in pairs  # a number and no more
    assert frozenset((n["plain"], n["slip"])) in pairs  # the end of an e-mail address


def test_loose_keys_are_for_lists_of_their_length() -> None:
    blocking = read_blocking()
    assert blocking.of_list(blocking.tiny_list).tiny
    longer = blocking.of_list(blocking.tiny_list + 1)
    assert (longer.tiny, longer.small) == ((), blocking.small)
    longest = blocking.of_list(blocking.small_list + 1)
    assert (longest.tiny, longest.small, longest.always) == ((), (), blocking.always)


def test_what_few_sure_pairs_leave_goes_to_the_many_doubtful() -> None:
    odds = np.concatenate([np.full(4, 8.0), np.full(900, 0.1), np.full(6, -8.0)])
    drawn = _draw(odds, np.ones(len(odds)), read_linking(), np.random.default_rng(1))
    assert len(drawn.places) == len(odds)  # fewer than there may be questions
    for degree in (8.0, 0.1, -8.0):
        control = drawn.control[odds[drawn.places] == degree]
        assert 1 <= control.sum() <= max(1, len(control) // 9)
