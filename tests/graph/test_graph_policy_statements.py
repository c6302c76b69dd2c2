"""A hidden person or address costs as many statements as one that does not exist."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from governance.viewer import Grant, Level, Viewer
from graph import check_address, ego_network, person
from graph.embedded_store import EmbeddedStore
from graph.store import Row
from tests.graph.builders import World, viewer
from tests.graph.test_graph_restricted import ABUSE, NHS, POLICE, SHUT, hidden_family, seeing

Projected = Callable[[World], EmbeddedStore]
LATE = dt.date(2026, 6, 1)
HIDING = {
    "no grant": viewer({}),
    "restricted": seeing(),
    "too old": viewer({key: Grant(level=Level.DETAIL, since=LATE) for key in (POLICE, NHS, ABUSE)}),
    "no places": viewer(
        {NHS: Grant(level=Level.DETAIL, withheld=frozenset({"uprn"}), restricted_allowed=True)}
    ),
    "contact alone": viewer({ABUSE: SHUT}),
}


class Counting:
    """A store that notes the statements it is asked."""

    engine = "embedded"

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self.asked: list[str] = []
        self.transaction, self.scrub, self.close = store.transaction, store.scrub, store.close

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        self.asked.append(query)
        return self._store.run(query, params)


def _asked(store: EmbeddedStore, ask: Callable[[Counting], object]) -> list[str]:
    counting = Counting(store)
    ask(counting)
    return counting.asked


@pytest.mark.parametrize("why", HIDING)
def test_hidden_and_absent_ask_alike(projected: Projected, why: str) -> None:
    store, seen = projected(hidden_family()), HIDING[why]

    def pages(*keys: str) -> list[list[str]]:
        who, where, uprn, typed = keys
        asks: list[Callable[[Counting], object]] = [
            lambda s: check_address(s, seen, address_id=where),
            lambda s: check_address(s, seen, uprn=uprn),
            lambda s: check_address(s, seen, text=typed),
            lambda s: ego_network(s, seen, where, 2),
        ]
        if why != "no places":  # under it the person may be seen, and only not where they live
            asks += [lambda s: person(s, seen, who), lambda s: ego_network(s, seen, who, 2)]
        return [_asked(store, ask) for ask in asks]

    hidden = pages("p_mia", "a_beech", "100072", "14 Beech Lane WS1 2BB")
    absent = pages("p_nobody", "a_nowhere", "55555", "99 Nowhere Lane WS7 7ZZ")
    assert hidden == absent


def test_a_contact_of_somebody_restricted_is_not_found_by_its_address(
    projected: Projected,
) -> None:
    store, seen = projected(hidden_family()), viewer({ABUSE: SHUT})
    for found in (
        check_address(store, seen, address_id="a_alder"),
        check_address(store, seen, uprn="100071"),
        check_address(store, seen, text="12 Alder Road"),
    ):
        assert found.nothing_found
        assert not found.disclosed


def test_hidden_streets_crowd_out_no_shown_one(projected: Projected) -> None:
    world = World()
    for number in range(9):
        address = world.address(f"a_h{number}", f"12 Elder Roa{number}")
        world.lives(world.record("nhs", f"p_h{number}"), address, LATE)
    address = world.address("a_shown", "12 Alder Roak")
    world.lives(world.record("police", "p_shown"), address, LATE)
    seen: Viewer = viewer({POLICE: SHUT})
    check = check_address(projected(world), seen, text="12 Elder Road")
    assert [found.line for found in check.candidates] == ["12 Alder Roak"]
