"""The snapshot: the rows in force, one for each key, the same whatever order deltas came in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loaders
from records.schema import TABLES, arrow_schema
from tests.loaders.conftest import (
    PEOPLE_MAPPING,
    Desk,
    make_register,
    open_context,
    people_csv,
)

DELTA = PEOPLE_MAPPING.replace('extract = "full"', 'extract = "delta"')


def names(desk: Desk) -> dict[object, object]:
    return {row["source_key"]: row["given_name"] for row in desk.rows()}


def test_an_empty_home_gives_empty_tables_of_the_right_shape(desk: Desk) -> None:
    snapshot = desk.snapshot()
    for name, table in TABLES.items():
        found = snapshot.read(name)
        assert found.num_rows == 0
        assert found.schema == arrow_schema(table)


def test_tables_have_the_declared_schema(desk: Desk) -> None:
    desk.load_text(people_csv("1,Lee,Ann,1984,,F,,3/4/2020,1 A St,"), desk.mapping(PEOPLE_MAPPING))
    snapshot = desk.snapshot()
    for name, table in TABLES.items():
        assert snapshot.read(name).schema == arrow_schema(table)


def test_a_full_extract_takes_the_place_of_its_layout_alone(desk: Desk) -> None:
    people = desk.mapping(PEOPLE_MAPPING)
    desk.load_text(people_csv("1,Lee,Ann,,,,,,,", "2,Ray,Jo,,,,,,,"), people)
    other = desk.mapping(
        PEOPLE_MAPPING.replace('"people"', '"others"').replace('"test"', '"others"'), "others"
    )
    desk.load(desk.file(people_csv("9,Om,Di,,,,,,,"), "o.csv"), other)
    desk.load_text(people_csv("2,Ray,Joan,,,,,,,"), people)
    assert names(desk) == {"2": "Joan", "9": "Di"}


def test_deltas_are_merged_by_key_and_a_full_extract_ends_them(desk: Desk) -> None:
    full, delta = desk.mapping(PEOPLE_MAPPING), desk.mapping(DELTA)
    desk.load_text(people_csv("1,Lee,Ann,,,,,,,", "2,Ray,Jo,,,,,,,"), full)
    desk.load_text(people_csv("2,Ray,Joe,,,,,,,", "3,Om,Di,,,,,,,"), delta)
    assert names(desk) == {"1": "Ann", "2": "Joe", "3": "Di"}
    desk.load_text(people_csv("1,Lee,Anna,,,,,,,"), full)
    assert names(desk) == {"1": "Anna"}


def test_an_older_row_that_arrives_late_does_not_replace_a_newer_one(desk: Desk) -> None:
    delta = desk.mapping(DELTA)
    desk.load_text(people_csv("1,Lee,New,,,,,05/06/2020,,"), delta)
    desk.load_text(people_csv("1,Lee,Old,,,,,04/06/2020,,"), delta)
    desk.load_text(people_csv("1,Lee,Undated,,,,,,,"), delta)
    assert names(desk) == {"1": "New"}


def test_a_snapshot_is_taken_once_and_the_last_few_are_kept(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    ids = []
    for number in range(5):
        desk.load_text(people_csv(f"{number},Lee,Ann,,,,,,,"), mapping)
        ids.append(desk.snapshot().snapshot_id)
        assert desk.snapshot().snapshot_id == ids[-1]
    assert len(set(ids)) == 5
    assert loaders.open_snapshot(desk.context, ids[-2]).read("record").num_rows == 1
    for gone in (ids[0], "../../etc", "unheardof"):
        with pytest.raises(loaders.StagingError):
            loaders.open_snapshot(desk.context, gone)


def test_what_was_written_ahead_is_what_is_asked_for_and_gives_way_unasked(desk: Desk) -> None:
    mapping, context = desk.mapping(PEOPLE_MAPPING), desk.context
    asked = desk.snapshot().folder

    def ahead(number: int) -> set[str]:
        desk.load_text(people_csv(f"{number},Lee,Ann,,,,,,,"), mapping)
        loaders.take_ahead(context)
        loaders.take_ahead(context)  # nothing came: it stays
        return {entry.name for entry in asked.parent.glob("[!.]*")}

    for number in range(4):
        there = ahead(number)
        assert len(there) == 2
        assert asked.name in there
    inode = (asked.parent / (there - {asked.name}).pop()).stat().st_ino
    taken = desk.snapshot().folder
    assert taken.stat().st_ino == inode  # not written again
    assert {asked.name, taken.name} < ahead(9)


@pytest.mark.parametrize("newer", [0, 1])
def test_a_load_staged_before_a_field_was_there_is_read(desk: Desk, newer: int) -> None:
    full, delta = desk.mapping(PEOPLE_MAPPING), desk.mapping(DELTA)
    desk.load_text(people_csv("1,Lee,Ann,,,,,,,"), full)
    for path in (desk.context.home / "staging").glob("**/record.parquet"):
        table = pq.read_table(path)
        pq.write_table(table.drop(["other_identifiers", "other_identifiers_raw"]), path)
    if newer:
        desk.load_text(people_csv("2,Ray,Jo,,,,,,,"), delta)
    assert names(desk) == {"1": "Ann"} | ({"2": "Jo"} if newer else {})
    assert desk.snapshot().read("record").schema == arrow_schema(TABLES["record"])


def test_staged_files_that_are_gone_are_told(desk: Desk) -> None:
    result = desk.load_text(people_csv("1,Lee,Ann,,,,,,,"), desk.mapping(PEOPLE_MAPPING))
    entry = result.entry
    shutil.rmtree(desk.context.home / "staging" / entry.agency / entry.dataset / entry.load_id)
    with pytest.raises(loaders.StagingError, match=entry.load_id):
        desk.snapshot()


ROW = st.tuples(st.integers(1, 3), st.integers(1, 9), st.sampled_from("abc"))


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_deltas_in_any_order_give_the_same_rows(data: st.DataObject) -> None:
    """Each key's rows have days of their own, as a source that dates its rows sends them."""
    rows = data.draw(st.lists(ROW, min_size=1, max_size=8, unique_by=lambda row: row[:2]))
    order = data.draw(st.permutations(rows))
    assert _loaded(rows) == _loaded(order)


def _loaded(rows: list[tuple[int, int, str]]) -> list[tuple[object, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with make_register(home) as register:
            desk = Desk(context=open_context(home, register), folder=home)
            mapping = desk.mapping(DELTA)
            for key, day, name in rows:
                desk.load_text(people_csv(f"{key},Lee,{name},,,,,0{day}/01/2020,,"), mapping)
            return [(r["source_key"], r["given_name"], r["updated_on"]) for r in desk.rows()]
