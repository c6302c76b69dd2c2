"""Read models against a plain-Python oracle, over random worlds and viewers.

A case is one viewer over one graph: every person's page and network, every address's check and
network, and what an approver could tell of each, are compared with what `tests.oracle` works out.
The ordinary run takes 300 cases; set KITH_ORACLE_CASES=10000 for the nightly one, KITH_ORACLE_SEED
for another seed. Both are printed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, seed, settings
from hypothesis import strategies as st

from governance.decisions import Fact, decide
from governance.viewer import Level, Viewer
from graph import GraphStore, check_address, ego_network, person, project
from graph.embedded_store import EmbeddedStore
from graph.requested import HeldFact, held
from tests.graph.builders import AGENCIES, World
from tests.oracle.plain import PlainStore, open_viewer
from tests.oracle.sight import Sight
from tests.oracle.worlds import ADDRESSES, PEOPLE, any_viewer, small_world, whole_viewer

CASES = int(os.environ.get("KITH_ORACLE_CASES", "300"))
SEED = int(os.environ.get("KITH_ORACLE_SEED", "5"))
VIEWERS = 15
TYPED = ["Oak Way", "1 Oak Way WS1 1AA", "2 Aok Way", "WS1"]
UPRNS = ["900000", "900002", "5"]
_DAYS = {"record": "updated_on", "contact": "on_date", "indicator": "valid_to"}


@pytest.mark.slow
def test_every_read_model_tells_what_the_oracle_tells(capsys: pytest.CaptureFixture[str]) -> None:
    done = 0

    @seed(SEED)
    @settings(
        max_examples=max(1, CASES // (VIEWERS + 1)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**40))
    @example(3609).via("whom latest-only keeps out was noted as told")
    def compare(number: int) -> None:
        nonlocal done
        dice = random.Random(number)
        world = small_world(dice)
        with tempfile.TemporaryDirectory() as folder:
            store = EmbeddedStore(Path(folder) / "graph")
            _bring(store, world, Path(folder))
            whole = whole_viewer(random.Random(number))
            for viewer in (*(any_viewer(dice) for _ in range(VIEWERS)), whole):
                _compare(store, world, viewer)
                done += 1
            store.close()

    compare()
    with capsys.disabled():
        print(f"\noracle: seed {SEED}, {done} cases")


@pytest.mark.neo4j
@pytest.mark.slow
@pytest.mark.parametrize("number", range(int(os.environ.get("KITH_ORACLE_NEO4J", "2"))))
def test_neo4j_tells_what_the_oracle_tells(
    neo4j_store: GraphStore, tmp_path: Path, number: int
) -> None:
    dice = random.Random(SEED + number)
    world = small_world(dice)
    _bring(neo4j_store, world, tmp_path)
    for viewer in (*(any_viewer(dice) for _ in range(VIEWERS)), whole_viewer(dice)):
        _compare(neo4j_store, world, viewer)


def _bring(store: GraphStore, world: World, folder: Path) -> None:
    snapshot, resolved = world.write(folder / "world", "w")
    project(store, snapshot, resolved, folder=folder / "projection", agencies=AGENCIES)


def _compare(store: GraphStore, world: World, viewer: Viewer) -> None:
    sight = Sight(world, viewer)
    told: set[str] = set()
    for key in PEOPLE:
        told |= _compare_person(store, sight, viewer, key)
    for key in ADDRESSES:
        told |= _compare_address(store, sight, viewer, key)
    _compare_decisions(world, viewer, told)
    _compare_whole(store, PlainStore(world, viewer), viewer)


def _compare_whole(store: GraphStore, plain: PlainStore, viewer: Viewer) -> None:
    """Every answer, to the last field, is the one of a graph that holds nothing hidden."""
    free = open_viewer(viewer)
    for key in (*PEOPLE, "p_nobody"):
        assert person(store, viewer, key) == person(plain, free, key)
    for key in (*ADDRESSES, "a_nowhere"):
        assert check_address(store, viewer, address_id=key) == check_address(
            plain, free, address_id=key
        )
    for key in (*PEOPLE, *ADDRESSES, "p_nobody"):
        for hops in (1, 3):
            assert ego_network(store, viewer, key, hops) == ego_network(plain, free, key, hops)
    for key in (*PEOPLE, *ADDRESSES, "p_nobody"):
        assert _held(store, viewer, key) == _held(plain, free, key)
    for typed in TYPED:
        assert check_address(store, viewer, text=typed) == check_address(plain, free, text=typed)
    for uprn in UPRNS:
        assert check_address(store, viewer, uprn=uprn) == check_address(plain, free, uprn=uprn)


def _held(store: GraphStore, viewer: Viewer, key: str) -> list[HeldFact]:
    """What an approver could choose from; that somebody is restricted is what hides them here."""
    return [dataclasses.replace(fact, restricted=False) for fact in held(store, viewer, key)]


def _compare_person(store: GraphStore, sight: Sight, viewer: Viewer, key: str) -> set[str]:
    page, net = person(store, viewer, key), ego_network(store, viewer, key, 1)
    assert (page is not None) == sight.known(key)
    if page is None:
        assert net.links == ()
        return set()
    contacts = sight.contacts_of(key)
    homes = {a for p, a, _, level in sight.stays() if p == key and level > Level.EXISTENCE}
    facts = sight.indicators_of(key)
    assert {line.contact_id for line in page.timeline} == contacts
    for line in page.timeline:
        others = {p for p in sight.named_in(line.contact_id) if p != key}
        left = {p for p in others if line.contact_id in sight.contacts_of(p)}
        assert {ref.person_id for ref in line.people} == left
    assert {home.address.address_id for home in page.addresses} == homes
    assert {line.indicator_id for line in page.indicators} == {
        fact for fact, levels in facts.items() if min(levels) > Level.EXISTENCE
    }
    assert sum(row.records for row in page.systems) == sum(
        level > Level.EXISTENCE for level in sight.records_of(key).values()
    )
    for name in ("birth_date", "phone"):
        said = {v.value.casefold() for f in page.identity if f.field_name == name for v in f.values}
        assert said == sight.values(key, name)
    kin = {other for other, _, _ in sight.kin(key)}
    assert {entry.person.person_id for entry in page.relationships if entry.stated} == kin
    assert {node.key for node in net.nodes} == {key} | contacts | homes | kin
    existing = sight.existing(key) | sight.contacts_existing(key)
    sources = _agencies(sight, set(facts))
    existing |= {sources[f] for f, (level, _) in facts.items() if level == Level.EXISTENCE}
    assert {source.agency_id for source in page.existence} == existing
    return set(page.disclosed | net.disclosed)


def _compare_address(store: GraphStore, sight: Sight, viewer: Viewer, key: str) -> set[str]:
    check, net = check_address(store, viewer, address_id=key), ego_network(store, viewer, key, 1)
    here, existing = sight.contacts_at(key)
    stays = [(p, agency, level) for p, a, agency, level in sight.stays() if a == key]
    people = {p for p, _, level in stays if level > Level.EXISTENCE}
    now = {entry.person_id for entry in check.occupants_now}
    assert now | {entry.person_id for entry in check.occupants_before} == people
    lines = (*check.open_contacts, *check.contacts)
    elsewhere = {contact for p in now for contact in sight.contacts_of(p)}
    assert {c for line in lines for c in line.contact_ids} == set(here) | elsewhere
    existing |= {agency for _, agency, level in stays if level == Level.EXISTENCE}
    hung = sight.indicators_at(key)
    sources = _agencies(sight, set(hung))
    existing |= {sources[fact] for fact, level in hung.items() if level == Level.EXISTENCE}
    for p in now:
        facts = sight.indicators_of(p)
        sources = _agencies(sight, set(facts))
        existing |= sight.existing(p) | sight.contacts_existing(p)
        existing |= {sources[f] for f, (level, _) in facts.items() if level == Level.EXISTENCE}
    assert {source.agency_id for source in check.existence} == existing
    if people or here:
        named = people | set(here)
        assert {node.key for node in net.nodes} == {key} | named
    else:
        assert net.nodes == ()
    return set(check.disclosed | net.disclosed)


def _compare_decisions(world: World, viewer: Viewer, told: set[str]) -> None:
    """Whatever was told of, `decide` allows; a record that it allows belongs to somebody told."""
    hidden = {row["person_id"] for row in world.rows["person"] if row["restricted"]}
    owner = {row["record_id"]: row["person_id"] for row in world.rows["link"]}
    for what, day in _DAYS.items():
        for row in world.rows[what]:
            restricted = what == "record" and owner[row["record_id"]] in hidden
            on: dt.date | None = row.get(day)
            fact = Fact(what=what, share_key=row["share_key"], on=on, restricted=restricted)
            decision = decide(viewer, fact)
            key = row[f"{what}_id"]
            assert decision.allowed or key not in told
            if what == "record" and owner[key] in told and decision.allowed:
                assert key in told


def _agencies(sight: Sight, facts: set[str]) -> dict[str, str]:
    return {key: agency for key, agency in sight.agency_of_indicators().items() if key in facts}
