"""Lists of people alone: places of birth and homes by region, names of many words, more rounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from resolution.addresses import resolve_addresses
from resolution.linking.settings import read_linking
from resolution.observing import observe
from resolution.prepare import open_workspace, prepare
from resolution.statistics import Statistics
from resolution.vectors import Vectors
from resolution.whereabouts import find_whereabouts
from tests.resolution.builders import Row, lives, record, snapshot

# name, place of birth, postcode: those of Wells and Frome live in BA, those of Truro in TR
LIVING = (
    *(("sir john adam hale", "wells", "BA5 2AA"),) * 3,
    *(("mary ann frost", "frome", "BA11 1AA"),) * 2,
    *(("lady mary ann quill frost", "truro", "TR1 1AA"),) * 2,
    ("otto karl emil brandt", "nowhere", None),
    ("karl otto brandt", None, "BA5 2AA"),
)


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    con = open_workspace()
    rows: list[Row] = [
        record(f"{n}", full_name=name, birth_place=born) for n, (name, born, _) in enumerate(LIVING)
    ]
    stays = [lives(rows[n], None, code) for n, (_, _, code) in enumerate(LIVING) if code]
    made = snapshot(tmp_path / "s", rows, stays)
    prepare(con, made)
    resolve_addresses(con, made, None)
    find_whereabouts(con, made)
    return con


def compared(con: duckdb.DuckDBPyConnection, *pairs: tuple[int, int]) -> dict[str, list[float]]:
    known = Statistics.from_json(observe(con).to_json())  # as a kept model has it
    vectors = Vectors(con, known)
    keys = con.execute("select source_key, rid from numbered").fetchall()
    number = {int(key): int(rid) for key, rid in keys}
    sides = np.array([[number[a], number[b]] for a, b in pairs]).T
    one, other = vectors(sides[0], sides[1]), vectors(sides[1], sides[0])
    assert np.array_equal(one, other)
    return dict(zip(vectors.names, one.T.tolist(), strict=True))


def test_places_of_birth_go_together_where_their_people_live(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = compared(con, (0, 1), (0, 3), (0, 5), (0, 7), (0, 8), (5, 8), (7, 8))
    assert found["birth_place_near"] == pytest.approx([1, 1, 0, 0, -0.1, -0.1, -0.1])
    assert found["birth_place_home"] == pytest.approx([1, 1, 0, 0, 1, 0, 0])
    assert found["region"] == [1, 1, -1, 0, 1, -1, 0]


def test_words_of_one_name_within_another_and_the_weight_of_their_sounds(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = compared(con, (3, 4), (3, 5), (7, 8), (0, 3))
    same, within, fewer, none = found["words_within"]
    assert same == within == fewer == 1 > none
    same, within, fewer, none = found["sounds_union"]
    assert same == 1 > within > none == 0
    same, within, fewer, none = found["sounds_weight"]
    assert same == within > none == 0
    assert fewer / 2 > same / 3  # seldom heard says more


def test_a_list_without_places_of_birth_has_no_such_feature(tmp_path: Path) -> None:
    con = open_workspace()
    people = [record("a", given_name="Ada"), record("b", given_name="Ben")]
    made = snapshot(tmp_path / "s", people, [lives(people[0], None, "BA5 2AA")])
    prepare(con, made)
    resolve_addresses(con, made, None)
    find_whereabouts(con, made)
    known = observe(con)
    assert known.regions == {}
    assert not {"region", "birth_place_near"} & set(Vectors(con, known).names)


def test_where_only_labels_teach_clusters_are_compared_once_more() -> None:
    shipped = read_linking()
    assert shipped.rounds_of(by_stewards=False) == shipped.rounds
    assert shipped.rounds_of(by_stewards=True) == shipped.rounds + 1
    assert replace(shipped, rounds=0).rounds_of(by_stewards=True) == 0
