"""What an officer is told of each fact agrees with what the pages show, over random worlds."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest

from governance.decisions import decide
from governance.viewer import Viewer
from graph import GraphStore, check_address, person, project
from graph.embedded_store import EmbeddedStore
from graph.terms import FactTerms, terms_of
from tests.graph.builders import AGENCIES, CATEGORIES, SYSTEMS, World, viewer
from tests.oracle.sight import Sight
from tests.oracle.worlds import ADDRESSES, PEOPLE, any_viewer, small_world

KEYS = [f"{agency}|{system}|{name}" for agency, system in SYSTEMS.items() for name in CATEGORIES]
OFFICER = viewer({})


def shown(store: GraphStore, sees: Viewer, subject: str) -> tuple[set[str], list[FactTerms]]:
    """The facts that why says are shown, and all of which it speaks."""
    found = terms_of(store, OFFICER, KEYS, sees, subject)
    allowed = {
        each.fact_id
        for each in found
        if decide(sees, each.fact).allowed and (each.tie is None or decide(sees, each.tie).allowed)
    }
    return allowed, found


@pytest.mark.parametrize("number", range(6))
def test_why_agrees_with_the_pages(number: int) -> None:
    dice = random.Random(number)
    world = small_world(dice)
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder) / "graph")
        snapshot, resolved = world.write(Path(folder) / "world", "w")
        project(store, snapshot, resolved, folder=Path(folder) / "p", agencies=AGENCIES)
        for _ in range(8):
            _compare(store, world, any_viewer(dice))
        store.close()


def _compare(store: GraphStore, world: World, sees: Viewer) -> None:
    sight = Sight(world, sees)
    for key in PEOPLE:
        allowed, found = shown(store, sees, key)
        page = person(store, sees, key)
        records = {each.fact_id for each in found if each.fact.what == "record"}
        assert allowed & records == set(sight.records_of(key))
        facts = {each.fact_id for each in found if each.fact.what == "indicator"}
        assert allowed & facts == set(sight.indicators_of(key))
        if page is not None:
            told = {line.contact_id for line in page.timeline}
            assert told <= allowed
            named = {each.fact_id for each in found if each.fact.what == "contact"}
            existing = {c for c in allowed & named if _level(world, sees, c) == 1}
            assert allowed & named == told | existing
    for key in ADDRESSES:
        allowed, _ = shown(store, sees, key)
        assert set(sight.indicators_at(key)) <= allowed
        check = check_address(store, sees, address_id=key)
        lines = (*check.open_contacts, *check.contacts)
        here = {c for line in lines for c in line.contact_ids} & _at(world, key)
        assert here <= allowed


def _at(world: World, address_id: str) -> set[str]:
    rows = world.rows["contact_address"]
    return {row["contact_id"] for row in rows if row["address_id"] == address_id}


def _level(world: World, sees: Viewer, contact_id: str) -> int:
    row = next(row for row in world.rows["contact"] if row["contact_id"] == contact_id)
    return int(sees.grants[row["share_key"]].level)
