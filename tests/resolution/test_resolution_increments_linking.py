"""Linking after a change gives what linking everything gives: clusters, links and open pairs."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.judgements import Judgement
from records.snapshot import Snapshot
from resolution.addresses import resolve_addresses
from resolution.blocking import read_blocking
from resolution.increments import match_keys
from resolution.increments.linking import ChangedLinking, Difference, Given
from resolution.increments.match_keys import KEYS
from resolution.increments.seen import Seen, write_seen
from resolution.increments.state import (
    basis_of,
    read_state,
    records_of,
    write_records,
    write_state,
    write_tables,
)
from resolution.linking.settings import read_linking
from resolution.linking.trained import Trained
from resolution.matched import Matching
from resolution.matching import match_records
from resolution.prepare import open_workspace, prepare
from resolution.rules import read_ladder
from resolution.whereabouts import find_whereabouts
from tests.resolution.builders import NOW
from tests.resolution.town_builders import Town, a_day_later, town

SETTINGS = read_linking()
BLOCKING = replace(read_blocking(), block_cap=14)


@dataclass
class Linked:
    """A town linked as a whole."""

    con: duckdb.DuckDBPyConnection
    ids: list[str]
    matching: Matching
    keys: Path


def linked(made: Snapshot, folder: Path, model: Trained | None, judged: list[Judgement]) -> Linked:
    con = open_workspace()
    prepare(con, made, model.statistics if model else None)
    resolve_addresses(con, made, None)
    find_whereabouts(con, made)
    file = folder / "made.parquet"
    matching = match_records(
        con, read_ladder(), judged, settings=SETTINGS, blocking=BLOCKING, model=model,
        keep_keys=file,
    )  # fmt: skip
    ids = [row for (row,) in con.execute("select record_id from person order by rid").fetchall()]
    return Linked(con, ids, matching, file)


def remembered(whole: Linked, folder: Path) -> str:
    trained = whole.matching.trained
    assert trained is not None
    basis = basis_of(trained.version, BLOCKING)
    write_tables(whole.con, folder, records_of(whole.con, whole.matching.candidates.life.spans))
    write_state(folder, basis, whole.matching, [])
    whole.keys.rename(folder / KEYS)
    return basis


def difference(old: Town, new: Town, was: Linked, now: Linked) -> Difference:
    before, after = ({row["record_id"]: row for row in each.records} for each in (old, new))
    told = [_seen(each) for each in (was, now)]
    records = {
        key for key in after
        if any(one.get(key) != other.get(key) for one, other in zip(*told, strict=True))
    }  # fmt: skip
    return Difference(
        changed=frozenset(k for k in before.keys() & after.keys() if before[k] != after[k]),
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        seen=Seen(
            records=records,
            known=_rows(now.con, _KNOWN, records),
            together=_rows(now.con, _TOGETHER, records),
        ),
    )


def _seen(each: Linked) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = []
    for query in (_KNOWN, _TOGETHER):
        by: dict[str, list[str]] = {}
        for row in sorted(each.con.execute(query).fetchall(), key=str):
            by.setdefault(row[0], []).append(str(row))
        found.append(by)
    return found


def _rows(con: duckdb.DuckDBPyConnection, query: str, records: set[str]) -> pa.Table:
    con.register("wanted", pa.table({"record_id": pa.array(sorted(records), pa.string())}))
    return con.sql(f"from ({query}) semi join wanted using (record_id)").to_arrow_table()


_KNOWN = """
select p.record_id, a.mark, k.until, k.since, k.dwelling, k.postcode, k.area, k.home,
  a.number, a.street
from known k join address a using (address_no) join person p using (rid)
"""
_TOGETHER = "select p.record_id, t.x from together t join person p using (rid)"


def told(ids: list[str], made: Matching) -> dict[str, Any]:
    """What linking made, by record ids."""

    def named(*columns: Any) -> list[Any]:
        return sorted(
            (ids[a], ids[b], *(round(v, 9) if isinstance(v, float) else v for v in rest))
            for a, b, *rest in zip(*(column.tolist() for column in columns), strict=True)
        )

    links, weak, scored = made.links, made.unlinked, made.kept.scored
    groups: dict[int, list[str]] = {}
    for record_id, label in zip(ids, made.labels.tolist(), strict=True):
        groups.setdefault(label, []).append(record_id)
    return {
        "scored": named(scored.left, scored.right, scored.probability, made.kept.added),
        "groups": sorted(groups.values()),
        "links": named(links.left, links.right, links.probability, links.rule),
        "open": named(weak.left, weak.right, weak.probability, weak.reason),
        "refused": sorted((ids[a], ids[b], round(p, 9), why) for a, b, p, why in made.lost),
        "rounds": [
            sorted(zip(*(one.tolist() for one in (each.left, each.right)), strict=True))
            for each in made.rounds
        ],
    }


@dataclass(repr=False)  # hypothesis prints what a failing test was given
class Learned:
    """A town that was linked, and what its linking left."""

    town: Town
    linked: Linked
    state: Path


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    folder = tmp_path_factory.mktemp("old")
    made = town(3)
    first = linked(made.snapshot(folder), folder, None, [])
    assert first.matching.trained is not None
    whole = linked(made.snapshot(folder / "again"), folder, first.matching.trained, [])
    remembered(whole, folder / "state")
    return Learned(made, whole, folder / "state")


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 100_000), most_later=st.sampled_from([0.0, 0.2]))
def test_linking_a_change_is_linking_everything(
    learned: Learned, seed: int, most_later: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(match_keys, "_MOST_LATER", most_later)  # the keys' files: one or two
        days_later(learned, seed)


def days_later(learned: Learned, seed: int) -> None:
    chance = random.Random(seed)
    old, was, state = learned.town, learned.linked, learned.state
    trained = was.matching.trained
    assert trained is not None
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for turn in range(2):  # a change upon a change
            new = a_day_later(chance, old)
            made = new.snapshot(folder / f"new{turn}")
            judged = _judged(chance, new)
            now = linked(made, folder, trained, judged)
            basis = basis_of(trained.version, BLOCKING)
            before = read_state(state, basis)
            changed = ChangedLinking(
                open_workspace(),
                Given(
                    snapshot=made,
                    ladder=read_ladder(),
                    blocking=BLOCKING,
                    settings=SETTINGS,
                    model=trained,
                    judgements=judged,
                ),
                before,
                difference(old, new, was, now),
                lambda _words: None,
            )
            found = changed.match()
            ids = changed.numbering.ids.tolist()
            assert ids == now.ids
            expected, got = told(now.ids, now.matching), told(ids, found)
            for name in expected:
                assert got[name] == expected[name], name
            for one, other in zip(found.rounds, now.matching.rounds, strict=True):
                assert np.array_equal(one.rows, other.rows)
            state = folder / f"state{turn}"
            state.mkdir()
            write_seen(changed.con, state)
            write_records(state, changed.write_keys(state))
            write_state(state, basis, found, judged)
            old, was = new, now


def _judged(chance: random.Random, made: Town) -> list[Judgement]:
    ids = sorted(row["record_id"] for row in made.records)
    pairs = [sorted(chance.sample(ids, 2)) for _ in range(3)]
    return [
        Judgement(record_a=a, record_b=b, verdict=chance.choice(["same", "different"]),
                  user_id="u_1", at=NOW)
        for a, b in pairs
    ]  # fmt: skip
