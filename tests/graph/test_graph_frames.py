"""Answers as tables: a row a line, columns even when empty."""

from __future__ import annotations

from collections.abc import Callable

from graph import (
    AddressCheck,
    check_address,
    contacts_frame,
    ego_network,
    identity_frame,
    occupants_frame,
    person,
)
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import World, alder_road, seeing_all


def test_a_table_holds_what_its_answer_holds(projected: Callable[[World], EmbeddedStore]) -> None:
    world = alder_road()
    store, seen = projected(world), seeing_all(world)
    check = check_address(store, seen, address_id="a_alder")
    people = occupants_frame(check)
    assert people["name"].tolist() == ["Mia Carter", "Jay Carter", "Dean Moss"]
    assert people["current"].tolist() == [True, True, False]
    contacts = contacts_frame(check)
    assert contacts["category"].tolist() == ["child_concern", "noise", "domestic_abuse"]
    assert contacts["times"].sum() == 5
    view = person(store, seen, "p_mia")
    assert view is not None
    said = identity_frame(view)
    assert said[said["field"] == "birth_date"]["value"].tolist() == ["1992-03-01"]
    assert len(contacts_frame(view)) == len(view.timeline)
    network = ego_network(store, seen, "a_alder", 2)
    assert len(network.to_frame()) == len(network.links) == network.to_networkx().number_of_edges()


def test_an_empty_answer_has_its_columns() -> None:
    nothing = AddressCheck(nothing_found=True)
    assert occupants_frame(nothing).columns.tolist()[:2] == ["person_id", "name"]
    assert contacts_frame(nothing).empty
