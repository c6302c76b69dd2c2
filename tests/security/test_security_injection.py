"""What is typed reaches the graph and the databases as a value, never as part of a statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from governance import accounts, registration
from governance.errors import SignInRefused
from governance.looks import Asked, looks
from graph import check_address, ego_network, person
from graph.embedded_store import EmbeddedStore
from graph.requested import held
from records.errors import KithError
from tests.graph.builders import World, alder_road, seeing_all
from tests.graph.conftest import projected, store
from tests.security.walking import HOSTILE, everything_stored
from tests.webapp.rooms import NOW, PASSWORD, PageHome

__all__ = ["projected", "store"]
_ATTEMPTS = (
    *HOSTILE.values(),
    "12 Alder Road' OR 1=1 //",
    "a_alder' }) MATCH (n) DETACH DELETE n RETURN 1 //",
    '12 Alder Road", "WS1 1AA"}) MATCH (n) SET n.restricted=false //',
    "$grants",
    "` SET n.x=1 //",
    "\\' OR true //",
)


def size(graph: EmbeddedStore) -> object:
    return graph.run("MATCH (n) RETURN count(n) AS nodes"), graph.run(
        "MATCH ()-[r]->() RETURN count(r) AS links"
    )


def test_the_graph_takes_what_is_typed_as_a_value(
    projected: Callable[[World], EmbeddedStore],
) -> None:
    world = alder_road()
    graph, viewer = projected(world), seeing_all(world)
    before, answer = size(graph), check_address(graph, viewer, address_id="a_alder")
    for typed in _ATTEMPTS:
        for asked in ({"text": typed}, {"address_id": typed}, {"uprn": typed}):
            found = check_address(graph, viewer, **asked)
            known = found.address.address_id if found.address else None
            assert known in ({None, "a_alder"} if "Alder" in typed else {None}), typed
        assert person(graph, viewer, typed) is None
        assert not ego_network(graph, viewer, typed, hops=3).nodes
        assert not held(graph, viewer, typed)
    assert size(graph) == before
    assert check_address(graph, viewer, address_id="a_alder") == answer


def test_the_register_takes_what_is_typed_as_a_value(home: PageHome) -> None:
    before = everything_stored(home)
    for typed in _ATTEMPTS:
        with home.register.session() as session:
            with pytest.raises(SignInRefused):
                accounts.authenticate(session, typed, typed, NOW, device=typed)
            assert accounts.user_named(session, typed) is None
            assert accounts.resume(session, typed, NOW) is None
            with pytest.raises(KithError):
                registration.require_dataset(session, typed, typed, NOW.date())
            asked = Asked(kinds=frozenset(), user_id=typed, about=frozenset({typed}))
            assert looks(session, home.audit, asked, last=10) == []
    after = everything_stored(home)
    assert {**after, "sign_in_day": []} == {**before, "sign_in_day": []}
    with home.register.session() as session:
        accounts.authenticate(session, "officer", PASSWORD, NOW + dt.timedelta(hours=1))


def test_a_name_of_a_folder_is_no_statement(tmp_path: Path) -> None:
    """DuckDB reads files by their path: a quote in it ends nothing."""
    from graph import project
    from tests.graph.builders import AGENCIES

    odd = tmp_path / "o'clock'; drop table x; --"
    odd.mkdir()
    graph = EmbeddedStore(odd / "graph")
    world = alder_road()
    snapshot, resolved = world.write(odd / "worlds", "w1")
    project(graph, snapshot, resolved, folder=odd / "projection", agencies=AGENCIES)
    assert check_address(graph, seeing_all(world), address_id="a_alder").address is not None
    graph.close()
