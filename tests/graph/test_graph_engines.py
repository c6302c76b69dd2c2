"""Both engines hold one graph and give one answer.

Every statement that both run is run on both, over the same graph and with random grants; rows are
compared as multisets. Neo4j also explains each, so that none is refused unseen.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from governance.viewer import Viewer
from graph import GraphStore, check_address, ego_network, person, project, statements
from graph.disclosure import viewer_parameters
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import AGENCIES, seeing_all, viewer
from tests.graph.test_graph_policy import ADDRESSES, PEOPLE, random_viewer, random_world
from tests.graph.test_graph_projection import bring, changed_world, content

pytestmark = pytest.mark.neo4j

READS = [name for name in statements.names() if name != "projection_state"]


@pytest.fixture
def both(store: EmbeddedStore, neo4j_store: GraphStore, tmp_path: Path) -> list[GraphStore]:
    """The same random world in both engines."""
    stores: list[GraphStore] = [store, neo4j_store]
    snapshot, resolved = random_world(random.Random(5)).write(tmp_path / "world", "w")
    for one in stores:
        project(one, snapshot, resolved, folder=tmp_path / f"p-{one.engine}", agencies=AGENCIES)
    return stores


def test_every_statement_gives_one_answer(both: list[GraphStore]) -> None:
    dice = random.Random(6)
    answered = Counter[str]()
    for _ in range(8):
        seen = random_viewer(dice)
        for name in READS:
            statement = statements.load(name)
            given = _parameters(both[0], seen, statement.params)
            rows = [_multiset(store.run(statement.text, given)) for store in both]
            assert rows[0] == rows[1], name
            answered[name] += rows[0].total()
    unanswered = {name for name in READS if not answered[name]} - {"stated_by", "stated_about"}
    assert not unanswered, "a statement that finds nothing compares nothing"


def test_read_models_give_one_answer(both: list[GraphStore]) -> None:
    dice = random.Random(7)
    for seen in (random_viewer(dice), random_viewer(dice), viewer({})):
        for address_id in ADDRESSES:
            answers = [check_address(store, seen, address_id=address_id) for store in both]
            assert answers[0] == answers[1]
        for person_id in PEOPLE:
            assert person(both[0], seen, person_id) == person(both[1], seen, person_id)
            networks = [ego_network(store, seen, person_id, 2) for store in both]
            assert networks[0] == networks[1]


def test_differences_leave_one_graph(
    store: EmbeddedStore, neo4j_store: GraphStore, tmp_path: Path
) -> None:
    for one in (store, neo4j_store):
        bring(one, changed_world(), tmp_path / one.engine, "a")
        bring(one, random_world(random.Random(9)), tmp_path / one.engine, "b")
        bring(one, changed_world(), tmp_path / one.engine, "c")
    assert content(store) == content(neo4j_store)


def test_stated_relations_give_one_answer(
    store: EmbeddedStore, neo4j_store: GraphStore, tmp_path: Path
) -> None:
    world = changed_world()
    one, other = (world.rows["record"][number]["record_id"] for number in (0, 1))
    world.states("nhs", one, "parent", other)
    answers = []
    for graph in (store, neo4j_store):
        bring(graph, world, tmp_path / graph.engine, "a")
        answers.append(
            [person(graph, seeing_all(world), row["person_id"]) for row in world.rows["person"]]
        )
    assert answers[0] == answers[1]
    assert any(view and any(r.stated for r in view.relationships) for view in answers[0])


@pytest.mark.parametrize("name", [n for folder in ("", "write") for n in statements.names(folder)])
def test_neo4j_takes_every_statement(neo4j_store: GraphStore, name: str) -> None:
    statement = statements.load(name)
    given = {key: _SAMPLE.get(key, []) for key in statement.params}
    neo4j_store.run(f"EXPLAIN {statement.text}", given)


def test_dates_come_back_as_pythons(both: list[GraphStore]) -> None:
    for store in both:
        (row,) = store.run(
            "RETURN $day AS day, [$day] AS days, {day: $day} AS held", {"day": dt.date(2026, 1, 2)}
        )
        assert row == {
            "day": dt.date(2026, 1, 2),
            "days": [dt.date(2026, 1, 2)],
            "held": {"day": dt.date(2026, 1, 2)},
        }


_SAMPLE: dict[str, Any] = {"grants": {}, "limit": 5, "put": {}, "uprn": "1"}
_SAMPLE |= {"begin": "W", "end": "X", "number": None}


def _parameters(store: GraphStore, seen: Viewer, params: frozenset[str]) -> dict[str, Any]:
    contacts = store.run("MATCH (c:Contact) RETURN c.contact_id AS k ORDER BY k")
    streets = store.run("MATCH (a:Address) RETURN DISTINCT a.street_key AS k ORDER BY k")
    records = store.run("MATCH (r:Record) RETURN r.record_id AS k ORDER BY k")
    values: dict[str, Any] = {
        **viewer_parameters(seen),
        "person_ids": [*PEOPLE, "p_nobody"],
        "address_ids": [*ADDRESSES, "a_nowhere"],
        "contact_ids": [row["k"] for row in contacts],
        "streets": [row["k"] for row in streets if row["k"]],
        "record_ids": [row["k"] for row in records],
        "begin": "W",
        "end": "oak~",
        "number": None,
        "limit": 100,
        "uprn": "900001",
    }
    return {key: values[key] for key in params}


def _multiset(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(repr(sorted(row.items())) for row in rows)
