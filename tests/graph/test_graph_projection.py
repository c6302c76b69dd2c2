"""The projection: exact differences, in batches that a kill cannot break."""

from __future__ import annotations

import datetime as dt
import functools
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from graph import (
    GraphBusyError,
    GraphError,
    GraphStore,
    check_address,
    project,
    projection_changes,
    projection_state,
)
from graph import projection as projection_module
from graph.embedded_store import EmbeddedStore
from graph.model import LINKS, NODE_OF, NODES
from graph.projection import ProjectionReport
from graph.projection_tables import build_tables
from graph.store import Work
from tests.graph.builders import AGENCIES, World, alder_road, seeing_all


def bring(store: GraphStore, world: World, folder: Path, name: str) -> ProjectionReport:
    snapshot, resolved = world.write(folder / "worlds", name)
    return project(store, snapshot, resolved, folder=folder / "projection", agencies=AGENCIES)


def content(store: GraphStore) -> tuple[Counter[str], Counter[str]]:
    """Everything in the graph, nodes and relationships, but the watermark."""
    nodes: Counter[str] = Counter()
    links: Counter[str] = Counter()
    for node in NODES:
        listed = ", ".join(f"n.{name} AS {name}" for name in _columns()[node.table])
        for row in store.run(f"MATCH (n:{node.label}) RETURN {listed}"):
            nodes[f"{node.label} {sorted(row.items())!r}"] += 1
    for link in LINKS:
        begin, end = NODE_OF[link.begin], NODE_OF[link.end]
        query = (
            f"MATCH (a:{begin.label})-[x:{link.relation}]->(b:{end.label}) "
            f"RETURN a.{begin.key} AS a, b.{end.key} AS b, x.link_key AS k, "
            "x.from_date AS f, x.to_date AS t, x.role AS r, x.probability AS p"
        )
        for row in store.run(query):
            links[f"{link.relation} {sorted(row.items())!r}"] += 1
    return nodes, links


def changed_world() -> World:
    """Alder Road, with somebody gone, somebody new, and a record that moved to another person."""
    world = alder_road()
    world.rows["contact"].pop(0)
    gone = world.rows["record"].pop(0)["record_id"]
    world.rows["record"][0]["family_name"] = "Carter-Moss"
    world.rows["record"][0]["nhs_number"] = None
    world.person("p_new")
    world.rows["link"][3]["person_id"] = "p_new"
    world.record("housing", "p_zoe", "Zoë O'Brien")
    for table in ("link", "record_address"):
        world.rows[table] = [row for row in world.rows[table] if row["record_id"] != gone]
    world.rows["record_address"][0]["to_date"] = dt.date(2026, 9, 1)
    return world


def test_a_projection_repeated_changes_nothing(store: EmbeddedStore, tmp_path: Path) -> None:
    first = bring(store, alder_road(), tmp_path, "a")
    before = content(store)
    again = bring(store, alder_road(), tmp_path, "b")
    assert first.changes > 0
    assert again.changes == 0
    assert again.batches == 0
    assert content(store) == before


def test_the_difference_gives_what_a_full_build_gives(store: EmbeddedStore, tmp_path: Path) -> None:
    bring(store, alder_road(), tmp_path, "a")
    report = bring(store, changed_world(), tmp_path, "b")
    other = EmbeddedStore(tmp_path / "other")
    full = bring(other, changed_world(), tmp_path / "second", "c")
    assert content(store) == content(other)
    assert 0 < report.changes < full.changes
    other.close()


def test_dangling_references_are_skipped_and_counted(store: EmbeddedStore, tmp_path: Path) -> None:
    world = alder_road()
    world.contact("police", "noise", people={"r_nobody": "caller"})
    world.states("nhs", "r_nobody", "parent", "r_noone")
    report = bring(store, world, tmp_path, "a")
    assert report.dangling == {"involved_in": 1, "stated": 1}


def test_two_stays_at_one_address_are_two(store: EmbeddedStore, tmp_path: Path) -> None:
    world = World()
    world.address("a_one", "1 Oak Way")
    record = world.record("nhs", "p_one")
    world.lives(record, "a_one", dt.date(2010, 1, 1), dt.date(2011, 1, 1))
    world.lives(record, "a_one", dt.date(2020, 1, 1))
    bring(store, world, tmp_path, "a")
    rows = store.run("MATCH (:Record)-[x:RECORDED_AT]->(:Address) RETURN x.from_date AS f")
    assert sorted(row["f"] for row in rows) == [dt.date(2010, 1, 1), dt.date(2020, 1, 1)]


class Failing:
    """A store whose transactions fail after a number of them."""

    engine = "embedded"

    def __init__(self, store: EmbeddedStore, after: int) -> None:
        self._store = store
        self._left = after

    def run(self, query: str, params: Any = None) -> list[dict[str, Any]]:
        return self._store.run(query, params)

    @contextmanager
    def transaction(self) -> Iterator[Work]:
        with self._store.transaction() as work:
            yield work
            if self._left == 0:
                raise OSError("the power went")
            self._left -= 1

    def scrub(self) -> None:
        self._store.scrub()

    def close(self) -> None:
        self._store.close()


@pytest.mark.parametrize("after", [0, 1, 5])
@pytest.mark.parametrize("next_world", [alder_road, changed_world])
def test_a_projection_that_died_goes_on(
    store: EmbeddedStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: int,
    next_world: Callable[[], World],
) -> None:
    monkeypatch.setattr(projection_changes, "BATCH_ROWS", 7)
    with pytest.raises(OSError, match="power"):
        bring(Failing(store, after), alder_road(), tmp_path, "a")
    state = projection_state(store)
    assert state is not None
    assert state.batches_done == after
    assert state.being_updated_since == state.started_on
    bring(store, next_world(), tmp_path, "b")
    done = projection_state(store)
    assert done is not None
    assert done.being_updated_since is None
    other = EmbeddedStore(tmp_path / "other")
    bring(other, next_world(), tmp_path / "second", "c")
    assert content(store) == content(other)
    other.close()


def test_a_graph_that_was_lost_is_built_anew(store: EmbeddedStore, tmp_path: Path) -> None:
    bring(store, alder_road(), tmp_path, "a")
    before = content(store)
    other = EmbeddedStore(tmp_path / "other")
    snapshot, resolved = alder_road().write(tmp_path / "worlds", "b")
    project(other, snapshot, resolved, folder=tmp_path / "projection", agencies=AGENCIES)
    assert content(other) == before
    # The tables were another graph's: this one cannot tell what it holds, and starts again.
    bring(store, changed_world(), tmp_path, "c")
    bring(other, changed_world(), tmp_path / "second", "d")
    assert content(store) == content(other)
    other.close()


def test_another_release_of_the_model_builds_anew(
    store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection_module, "_model_mark", lambda: "older")
    bring(store, alder_road(), tmp_path, "a")
    monkeypatch.undo()
    assert bring(store, alder_road(), tmp_path, "b").changes > 0


def test_what_hangs_together_changes_at_once(
    store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that gets a person and loses another shows the one or the other, never both."""
    monkeypatch.setattr(projection_changes, "BATCH_ROWS", 40)

    def worlds(who: str) -> World:
        world = World()
        for number in range(30):
            address = world.address(f"a_{number}", f"{number} Oak Way")
            record = world.record("nhs", f"p_{who}_{number}", record_id=f"r_{who}_{number}")
            world.lives(record, address, dt.date(2020, 1, 1))
        return world

    bring(store, worlds("old"), tmp_path, "a")
    seen = seeing_all(worlds("old"))
    stop, faults = threading.Event(), list[str]()

    def read() -> None:
        while not stop.is_set():
            for number in range(30):
                check = check_address(store, seen, address_id=f"a_{number}")
                if len(check.occupants_now) != 1:
                    faults.append(f"{number}: {len(check.occupants_now)} people")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(6):
            bring(store, worlds("new" if turn % 2 == 0 else "old"), tmp_path, f"t{turn}")
    finally:
        stop.set()
        reader.join()
    assert not faults


def test_residents_of_one_address_change_in_one_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New values of two residents' records: nobody reads one as it was and the other as it is."""
    monkeypatch.setattr(projection_changes, "BATCH_ROWS", 4)

    def tables(name: str) -> Path:
        world = World()
        for number in range(10):
            address = world.address(f"a_{number}", f"{number} Oak Way")
            for side in "xyz":
                record = world.record(
                    "nhs", f"p_{side}_{number}", name, record_id=f"r_{side}_{number}"
                )
                until = dt.date(2021, 1, 1) if side == "z" else None
                world.lives(record, address, dt.date(2020, 1, 1), until)
        snapshot, resolved = world.write(tmp_path / "worlds", name.replace(" ", "_"))
        folder = tmp_path / "tables" / name.replace(" ", "_")
        build_tables(snapshot, resolved, AGENCIES, (), folder)
        return folder

    changes = projection_changes.Changes(tables("Mia Carter"), tables("Mia Cartwright"))
    batches: dict[str, set[int]] = {}
    for number, batch in enumerate(changes):
        for row in batch.put["record"]:
            _, side, place = row["key"].split("_")
            if side != "z":  # who has left is no resident
                batches.setdefault(place, set()).add(number)
    changes.close()
    assert len(batches) == 10
    assert [place for place, found in batches.items() if len(found) > 1] == []
    assert len(set.union(*batches.values())) > 1


def test_hostile_text_is_a_value_like_any_other(store: EmbeddedStore, tmp_path: Path) -> None:
    texts = ["'}) DETACH DELETE n //", '"; DROP', "\\u0027", "🜨 Ω\u202e", "\x01", "a\nb", "$rows"]
    world = World()
    world.address("a_one", "1 Oak Way")
    for number, text in enumerate(texts):
        record = world.record("nhs", f"p_{number}", record_id=f"r_{number}", family_name=text)
        world.lives(record, "a_one", dt.date(2020, 1, 1))
    bring(store, world, tmp_path, "a")
    rows = store.run("MATCH (r:Record) RETURN r.family_name AS f")
    assert sorted(row["f"] for row in rows) == sorted(texts)


def test_a_transaction_that_fails_leaves_nothing(store: EmbeddedStore) -> None:
    def fail() -> None:
        with store.transaction() as work:
            work.run("CREATE (n:Agency {agency_id: 'x'})")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert store.run("MATCH (n:Agency) RETURN count(n) AS n") == [{"n": 0}]


def test_a_second_process_is_refused_with_a_reason(store: EmbeddedStore, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\nfrom graph.embedded_store import EmbeddedStore\n"
        "from graph import GraphBusyError\n"
        f"try:\n    EmbeddedStore(Path({str(tmp_path / 'graph')!r}))\n"
        "except GraphBusyError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "another process has the graph open" in done.stdout
    assert issubclass(GraphBusyError, GraphError)


def test_what_was_projected_survives_closing(store: EmbeddedStore, tmp_path: Path) -> None:
    bring(store, alder_road(), tmp_path, "a")
    before = content(store)
    store.close()
    with pytest.raises(GraphError, match="closed"):
        store.run("RETURN 1 AS a")
    again = EmbeddedStore(tmp_path / "graph")
    assert content(again) == before
    again.close()


def test_people_come_and_go_between_openings(tmp_path: Path) -> None:
    """The engine's own ids repeated once nodes were gone and the file was opened again."""
    for opening in range(5):
        store = EmbeddedStore(tmp_path / "graph")
        world = alder_road()
        for number in range(10 * opening, 10 * opening + 15):
            person = "p_" + "abcdefghijklmnopqrstuvwxyz"[number % 26] * (2 + number // 26)
            world.person(person)
            world.record("housing", person, "Zoë O'Brien")
        bring(store, world, tmp_path, str(opening))
        rows = store.run("MATCH (n:Person) RETURN count(n) AS people")
        assert rows[0]["people"] == len(world.rows["person"])
        store.close()


@functools.cache
def _columns() -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as place:
        snapshot, resolved = World().write(Path(place), "empty")
        tables = Path(place) / "tables"
        build_tables(snapshot, resolved, AGENCIES, (), tables)
        return {
            node.table: pq.read_schema(tables / f"{node.table}.parquet").names for node in NODES
        }
