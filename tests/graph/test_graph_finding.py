"""What somebody types finds the house they mean, never another one, and traces nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from governance.viewer import Grant, Level
from graph import check_address, ego_network, person
from graph.address_text import tells_a_place
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import World, seeing_all, without

Projected = Callable[[World], EmbeddedStore]
LONG_AGO = dt.date(2020, 1, 1)


def houses(*lines: tuple[str, str]) -> World:
    world = World()
    for number, (line, postcode) in enumerate(lines):
        address = world.address(f"a_{number:04d}", line, postcode=postcode)
        world.lives(world.record("nhs", f"p_{number}"), address, LONG_AGO)
    return world


@pytest.mark.parametrize(
    "typed",
    [
        "12 Adler Road",
        "12 Adler Road, Walsall",
        "12 Adler Road WS1 1AB",
        "12 Elder Road",
        "No 12 Alder Road",
        "12alder road",
    ],
)
def test_a_slip_anywhere_in_the_street_still_finds_it(projected: Projected, typed: str) -> None:
    world = houses(("12 Alder Road", "WS1 1AA"), ("14 Beech Lane", "WS1 2BB"))
    check = check_address(projected(world), seeing_all(world), text=typed)
    found = [check.address] if check.address else list(check.candidates)
    assert [entry.line for entry in found] == ["12 Alder Road"]


@pytest.mark.parametrize("typed", ["12 Mill Road WS1", "12 Mill Road", "12 Hall Road WS1"])
def test_a_street_like_the_one_typed_is_asked_about(projected: Projected, typed: str) -> None:
    world = houses(("12 Hill Road", "WS1 3CC"))
    check = check_address(projected(world), seeing_all(world), text=typed)
    assert check.address is None
    assert [entry.line for entry in check.candidates] == ["12 Hill Road"]


def test_the_street_typed_goes_before_one_like_it(projected: Projected) -> None:
    oaks = [(f"{number} Oak Way", "WS1 1AA") for number in range(101, 540)]
    world = houses(("12 Hill Road", "WS1 3CC"), *oaks, ("12 Mill Road", "WS1 4DD"))
    check = check_address(projected(world), seeing_all(world), text="12 Mill Road WS1")
    assert check.address is not None
    assert check.address.line == "12 Mill Road"


@pytest.mark.parametrize(
    "grant",
    [
        Grant(level=Level.DETAIL, since=dt.date(2026, 6, 1)),
        Grant(level=Level.DETAIL, withheld=frozenset({"address_line"})),
    ],
)
def test_an_address_that_a_check_tells_nothing_of_is_no_candidate(
    projected: Projected, grant: Grant
) -> None:
    world = houses(("12 Alder Road", "WS1 1AA"))
    store = projected(world)
    seen = without(seeing_all(world), "nhs|pds|person", since=grant.since, withheld=grant.withheld)
    for typed in ("Alder Road", "12 Alder Road", "WS1 1AA"):
        check = check_address(store, seen, text=typed)
        assert check.nothing_found
        assert not check.disclosed


def fled() -> World:
    """Mia must not be traced; Dean came to her new door, and police recorded it."""
    world = World()
    old = world.address("a_old", "1 Oak Way")
    new = world.address("a_new", "9 Secret Row", postcode="WS9 9ZZ")
    world.lives(world.record("nhs", "p_mia", restricted=True), new, LONG_AGO)
    mia = world.record("police", "p_mia")
    dean = world.record("police", "p_dean", "Dean Moss")
    world.lives(dean, old, LONG_AGO)
    world.contact(
        "police", "domestic_abuse", at=new, people={dean: "suspect", mia: "victim"}, status="open"
    )
    return world


def test_no_page_leads_from_one_person_to_a_restricted_one(projected: Projected) -> None:
    world = fled()
    store, seen = projected(world), seeing_all(world)
    told = [
        person(store, seen, "p_dean"),
        check_address(store, seen, address_id="a_old"),
        ego_network(store, seen, "p_dean", 3),
        ego_network(store, seen, "a_old", 3),
    ]
    assert "domestic_abuse" in repr(told[0])
    for answer in told:
        assert "Secret Row" not in repr(answer)
        assert "a_new" not in repr(answer)
    assert "Dean" not in repr(check_address(store, seen, address_id="a_new"))


def test_one_who_may_trace_sees_where_it_was(projected: Projected) -> None:
    world = fled()
    store, seen = projected(world), seeing_all(world, restricted=True)
    assert "Secret Row" in repr(person(store, seen, "p_dean"))
    assert "Dean" in repr(check_address(store, seen, address_id="a_new"))


@pytest.mark.parametrize("typed", ["", "   ", "12", "a" * 100_000, "' or 1=1 --", "!!", "\x00"])
def test_what_is_no_address_is_not_looked_for(typed: str) -> None:
    assert not tells_a_place(typed)


@pytest.mark.parametrize("typed", ["Alder Road", "WS1 1AA", "12 Alder Rd ws1", "The Gables", "M1"])
def test_little_is_enough_to_look_for(typed: str) -> None:
    assert tells_a_place(typed)
