"""The person's page and the network around them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from governance.viewer import Level
from graph import ego_network, person
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import World, alder_road, seeing_all, viewer, without

Projected = Callable[[World], EmbeddedStore]


def test_a_person_from_every_system(projected: Projected) -> None:
    world = alder_road()
    view = person(projected(world), seeing_all(world), "p_mia")
    assert view is not None
    assert view.heading == "Mia Carter"
    assert view.person.age == 34
    assert [line.category for line in view.timeline] == ["domestic_abuse"]
    assert view.timeline[0].role == "victim"
    assert [p.name for p in view.timeline[0].people] == ["Dean Moss"]
    assert view.timeline[0].address is not None
    assert [(r.person.name, r.relation, r.stated) for r in view.relationships] == [
        ("Jay Carter", "lives_with", False)
    ]
    known = {row.agency_id: row.records for row in view.systems}
    assert known == {"adults": 1, "nhs": 1, "police": 1, "children": 0}
    assert [a.address.line for a in view.addresses] == ["12 Alder Road, Walsall"]


def test_values_that_differ_stand_side_by_side(projected: Projected) -> None:
    world = World()
    world.record("police", "p_one", "Ann LEE", birth_date="1990")
    world.record("nhs", "p_one", "Ann Lee", birth_date="1990-04-02")
    world.record("housing", "p_one", "Anna Lee", birth_date="1991-04-02")
    view = person(projected(world), seeing_all(world), "p_one")
    assert view is not None
    fields = {entry.field_name: entry for entry in view.identity}
    assert [said.value for said in fields["full_name"].values] == ["Ann Lee", "Anna Lee"]
    assert fields["full_name"].conflict
    assert [s.agency_id for s in fields["full_name"].values[0].sources] == ["nhs", "police"]
    assert fields["birth_date"].value == "1990-04-02"
    assert view.heading == "Ann Lee"


def test_nobody_whom_the_viewer_may_not_see(projected: Projected) -> None:
    world = alder_road()
    world.record("nhs", "p_hidden", "Eve Away", restricted=True)
    store = projected(world)
    assert person(store, viewer({}), "p_mia") is None
    assert person(store, seeing_all(world), "p_hidden") is None
    assert person(store, seeing_all(world), "p_nobody") is None
    assert person(store, seeing_all(world, restricted=True), "p_hidden") is not None
    assert not ego_network(store, viewer({}), "p_mia", 3).nodes


def test_why_names_no_hidden_record(projected: Projected) -> None:
    def evidence(*others: str) -> str:
        return json.dumps([{"by": "rule:x", "record": r, "words": f"as {r}"} for r in others])

    world = World()
    rows = {"r_a": ("police", "r_b"), "r_b": ("nhs", "r_a"), "r_c": ("housing", "r_b")}
    for record_id, (agency, other) in rows.items():
        world.record(
            agency, "p_one", record_id=record_id, evidence=evidence(other), decided_by="rule:x"
        )
    store = projected(world)
    whole = person(store, seeing_all(world), "p_one")
    assert whole is not None
    assert [(j.words, j.decided_by) for j in whole.why] == [
        ("as r_b", "rule:x"),
        ("as r_a", "rule:x"),
        ("as r_b", "rule:x"),
    ]
    part = person(store, without(seeing_all(world), "nhs|pds|person"), "p_one")
    assert part is not None
    assert "r_b" not in repr(part)
    assert [(j.words, j.decided_by, j.probability) for j in part.why] == [
        ("Same name as another record", None, None)
    ] * 2


@pytest.mark.parametrize(
    "terms", [{"withheld": frozenset({"nhs_number"})}, {"level": Level.HEADLINE}]
)
def test_why_tells_of_no_field_that_is_withheld(
    projected: Projected, terms: dict[str, Any]
) -> None:
    said = [{"by": "rule:x", "record": "r_b", "words": "same NHS number, decided by three others"}]
    world = World()
    for record_id, agency in (("r_a", "police"), ("r_b", "nhs")):
        world.record(
            agency,
            "p_one",
            record_id=record_id,
            evidence=json.dumps(said),
            nhs_number="9990000018",
            birth_date="1980-01-02",
        )
    store = projected(world)
    view = person(store, without(seeing_all(world), "nhs|pds|person", **terms), "p_one")
    assert view is not None
    assert [(j.words, j.decided_by, j.probability) for j in view.why] == [
        ("Same name and date of birth as another record", None, None)
    ] * 2


def test_why_is_the_same_whether_or_not_a_hidden_record_joined_two(projected: Projected) -> None:
    def told(*others: str) -> str:
        return json.dumps([{"by": "rule:x", "record": r, "words": "alike"} for r in others])

    views = []
    for hidden in (True, False):
        world = World()
        world.record("police", "p_one", record_id="r_a", evidence=told("r_c" if hidden else "r_b"))
        world.record("nhs", "p_one", record_id="r_b", evidence=told("r_c" if hidden else "r_a"))
        if hidden:
            world.record("housing", "p_one", record_id="r_c", evidence=told("r_a"))
        shared = without(seeing_all(world), *(["housing|northgate|person"] if hidden else []))
        seen = dataclasses.replace(shared, records=shared.records | {"housing|northgate|person"})
        views.append(person(projected(world), seen, "p_one"))
    assert views[0] is not None
    assert views[0] == views[1]


def test_words_on_a_link_tell_of_no_other_people(projected: Projected) -> None:
    told = (
        "Speaking for it: 3 people were seen with both, at different places; same sex; "
        "against it: nobody was seen with both; different towns"
    )
    world = World()
    for agency, other in (("police", "r_b"), ("nhs", "r_a")):
        entry = {"by": "model:x", "record": other, "words": told}
        key = "r_a" if other == "r_b" else "r_b"
        world.record(agency, "p_one", record_id=key, evidence=json.dumps([entry]))
    view = person(projected(world), seeing_all(world), "p_one")
    assert view is not None
    assert {j.words for j in view.why} == {"Speaking for it: same sex; against it: different towns"}


def test_headline_and_withheld_fields(projected: Projected) -> None:
    world = alder_road()
    seen = without(seeing_all(world), "police|niche|domestic_abuse", level=Level.HEADLINE)
    seen = without(seen, "nhs|pds|person", withheld=frozenset({"nhs_number", "birth_date"}))
    store = projected(world)
    view = person(store, seen, "p_mia")
    assert view is not None
    (line,) = view.timeline
    assert (line.category, line.on_date, line.status) == (
        "domestic_abuse",
        dt.date(2024, 6, 1),
        "closed",
    )
    assert (line.summary, line.reference, line.severity, line.role) == (None,) * 4
    assert not line.people
    assert "nhs_number" not in {entry.field_name for entry in view.identity}
    jay = person(store, seen, "p_jay")
    assert jay is not None
    assert [s.agency_id for s in jay.identity[1].values[0].sources] == ["children"]


def test_stated_relations_are_read_from_both_ends(projected: Projected) -> None:
    world = World()
    mother = world.record("children", "p_mother", "Mo Ther")
    child = world.record("children", "p_child", "Chi Ld", birth_date="2020-01-01")
    world.states("children", mother, "parent", child)
    store, seen = projected(world), seeing_all(world)
    of_child, of_mother = person(store, seen, "p_child"), person(store, seen, "p_mother")
    assert of_child is not None
    assert of_mother is not None
    assert [(r.person.name, r.relation) for r in of_child.relationships] == [("Mo Ther", "parent")]
    assert [(r.person.name, r.relation) for r in of_mother.relationships] == [("Chi Ld", "child")]


def test_steps_of_a_network(projected: Projected) -> None:
    world = alder_road()
    store, seen = projected(world), seeing_all(world)
    one = ego_network(store, seen, "p_mia", 1)
    assert {node.kind for node in one.nodes} == {"person", "address", "contact"}
    assert {link.kind for link in one.links} == {"lives_at", "involved_in"}
    two = ego_network(store, seen, "p_mia", 2)
    assert {"Jay Carter", "Dean Moss"} <= {node.label for node in two.nodes}
    three = ego_network(store, seen, "p_mia", 3)
    assert "14 Beech Lane, Walsall" in {node.label for node in three.nodes}
    keys = {node.key for node in three.nodes}
    assert all({link.source, link.target} <= keys for link in three.links)
    drawn = three.to_networkx()
    assert set(drawn.nodes) == keys
    assert drawn.number_of_edges() == len(three.links) == len(three.to_frame())
    around = ego_network(store, seen, "a_alder", 1)
    assert {"Mia Carter", "Dean Moss", "Noise"} <= {node.label for node in around.nodes}


def test_a_hub_is_shown_and_not_walked_through(projected: Projected) -> None:
    world = World()
    world.address("a_hostel", "1 Hope Street", kind="hostel")
    world.address("a_tower", "2 Hope Street")
    first = world.record("nhs", "p_first")
    world.lives(first, "a_hostel")
    world.lives(first, "a_tower")
    for number in range(25):
        record = world.record("nhs", f"p_n{number}")
        world.lives(record, "a_hostel" if number < 2 else "a_tower")
    network = ego_network(projected(world), seeing_all(world), "p_first", 3)
    assert {node.key for node in network.nodes} == {"p_first", "a_hostel", "a_tower"}
    assert all(node.is_hub for node in network.nodes if node.kind == "address")


@pytest.mark.parametrize("hops", [0, 4, -1])
def test_no_more_than_three_steps(store: EmbeddedStore, hops: int) -> None:
    with pytest.raises(ValueError, match="hops"):
        ego_network(store, viewer({}), "p_mia", hops)
