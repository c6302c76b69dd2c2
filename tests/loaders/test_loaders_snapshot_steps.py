"""A snapshot made from the one before is as made at once, and shares what did not change."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import records.leaves
from records.schema import TABLES
from records.snapshot import Snapshot
from resolution.increments.changes import find_changes
from tests.loaders.conftest import PEOPLE_MAPPING, Desk, make_register, open_context, people_csv

DELTA = PEOPLE_MAPPING.replace('extract = "full"', 'extract = "delta"')
LOAD = st.tuples(
    st.sampled_from(["full", "delta"]),
    st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from("abc"), st.integers(1, 28), st.integers(1, 3)),
        min_size=1,
        max_size=4,
        unique_by=lambda row: row[0],
    ),
)


Load = tuple[str, list[tuple[int, str, int, int]]]
NAMES = ("record_id", "source_key")


def whole(snapshot: Snapshot) -> dict[str, list[dict[str, object]]]:
    return {name: snapshot.read(name).to_pylist() for name in TABLES}


def load(desk: Desk, extract: str, rows: list[tuple[int, str, int, int]]) -> None:
    lines = [
        f"{key},Lee,{name},,,,,{day:02}/06/2020,{at} A St,WS1 1AA" for key, name, day, at in rows
    ]
    text = PEOPLE_MAPPING if extract == "full" else DELTA
    desk.load_text(people_csv(*lines), desk.mapping(text))


@settings(max_examples=4, deadline=None)
@given(st.lists(LOAD, min_size=2, max_size=4))
def test_step_by_step_gives_the_same_rows_as_at_once(loads: list[Load]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        make_register(Path(folder)) as register,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(records.leaves, "LEAF_ROWS", 2)
        patch.setattr(records.leaves, "_LARGEST", 3)
        home = Path(folder)
        desk = Desk(context=open_context(home, register), folder=home)
        for extract, rows in loads:
            load(desk, extract, rows)
            stepwise = desk.snapshot()
        found = whole(stepwise)
        shutil.rmtree(home / "snapshots")
        assert whole(desk.snapshot()) == found


def test_what_did_not_change_is_the_same_file_and_what_did_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records.leaves, "LEAF_ROWS", 2)
    load(desk, "full", [(key, "a", 1, 1) for key in range(12)])
    before = desk.snapshot()
    load(desk, "delta", [(3, "b", 2, 1), (40, "c", 2, 2)])
    after = desk.snapshot()
    shared = {file.stat().st_ino for file in before.files("record")} & {
        file.stat().st_ino for file in after.files("record")
    }
    assert len(shared) >= len(before.files("record")) - 2
    keys = dict(zip(*(after.read("record")[c].to_pylist() for c in NAMES), strict=True))
    found = find_changes(before, after)
    assert {keys[key] for key in found["record"].changed} == {"3"}
    assert {keys[key] for key in found["record"].added} == {"40"}
    assert found["record"].removed == frozenset()
    assert found["residence"].added == found["record"].added
    assert find_changes(after, after).count() == 0


def test_the_same_rows_in_a_new_full_extract_are_no_change(desk: Desk) -> None:
    rows = [(key, "a", 1, 1) for key in range(5)]
    load(desk, "full", rows)
    before = desk.snapshot()
    load(desk, "full", rows[::-1])
    after = desk.snapshot()
    assert before.snapshot_id != after.snapshot_id
    assert not find_changes(before, after)
    load(desk, "full", rows[1:])
    found = find_changes(after, desk.snapshot())
    assert (len(found["record"].removed), found.count()) == (1, 2)
