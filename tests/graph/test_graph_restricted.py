"""People who must not be traced: a fact about them is shown only under an agreement that allows it.

That another agreement of the same viewer allows it is not enough, and one that allows it is not
undone by another that does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from governance.viewer import Grant, Level, Viewer
from graph import check_address, ego_network, person
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import World, viewer

Projected = Callable[[World], EmbeddedStore]
OPEN = Grant(level=Level.DETAIL, restricted_allowed=True)
SHUT = Grant(level=Level.DETAIL)
POLICE, NHS = "police|niche|person", "nhs|pds|person"
ABUSE = "police|niche|domestic_abuse"


def hidden_family() -> World:
    """Mia must not be traced; police and health have her, and a neighbour, at two addresses."""
    world = World()
    world.address("a_alder", "12 Alder Road", uprn="100071")
    world.address("a_beech", "14 Beech Lane", uprn="100072", postcode="WS1 2BB")
    world.person("p_mia", restricted=True)
    mia = world.record("police", "p_mia", record_id="r_police")
    same = world.record("nhs", "p_mia", record_id="r_nhs", nhs_number="9990000018")
    joe = world.record("police", "p_joe", "Joe Bell", record_id="r_joe")
    world.lives(mia, "a_alder", dt.date(2025, 1, 1))
    world.lives(same, "a_beech", dt.date(2025, 1, 1))
    world.contact(
        "police",
        "domestic_abuse",
        at="a_alder",
        people={mia: "victim", joe: "suspect"},
        contact_id="c_abuse",
        on_date=dt.date(2026, 1, 2),
        summary="He found her.",
    )
    world.indicator("nhs", "warning", "violent", record_id=same, indicator_id="i_warning")
    world.states("police", joe, "partner", mia)
    return world


def seeing(**changes: Grant) -> Viewer:
    grants = {POLICE: SHUT, NHS: SHUT, ABUSE: SHUT, "nhs|pds|warning": SHUT}
    names = {"police": POLICE, "nhs": NHS, "abuse": ABUSE, "warning": "nhs|pds|warning"}
    return viewer(grants | {names[name]: grant for name, grant in changes.items()})


def test_one_agreement_that_allows_shows_its_own_facts_alone(projected: Projected) -> None:
    store = projected(hidden_family())
    seen = person(store, seeing(nhs=OPEN), "p_mia")
    assert seen is not None
    assert [row.record_id for row in seen.why] == []
    assert [home.address.address_id for home in seen.addresses] == ["a_beech"]
    assert {"r_police", "a_alder", "c_abuse", "i_warning"} & seen.disclosed == set()
    assert check_address(store, seeing(nhs=OPEN), uprn="100072").occupants_now
    assert not check_address(store, seeing(nhs=OPEN), uprn="100071").occupants_now


def test_no_agreement_that_allows_shows_nobody(projected: Projected) -> None:
    store = projected(hidden_family())
    assert person(store, seeing(), "p_mia") is None
    assert ego_network(store, seeing(), "p_mia").nodes == ()
    assert check_address(store, seeing(), uprn="100072").nothing_found


def test_a_fact_needs_its_own_agreement_and_that_of_the_record(projected: Projected) -> None:
    store = projected(hidden_family())
    for grants in ({"police": OPEN}, {"abuse": OPEN}, {"warning": OPEN}):
        seen = person(store, seeing(**grants), "p_mia")
        assert seen is None or (seen.timeline, seen.indicators) == ((), ())
    both = person(store, seeing(police=OPEN, abuse=OPEN), "p_mia")
    assert both is not None
    assert [line.contact_id for line in both.timeline] == ["c_abuse"]


def test_who_took_part_beside_them_is_told_no_more_than_is_allowed(projected: Projected) -> None:
    store = projected(hidden_family())
    other = person(store, seeing(police=OPEN), "p_joe")
    assert other is not None
    line = other.timeline[0]
    assert (line.people, line.summary, line.address) == ((), None, None)
    whole = person(store, seeing(police=OPEN, abuse=OPEN), "p_joe")
    assert whole is not None
    assert [ref.person_id for ref in whole.timeline[0].people] == ["p_mia"]
    assert whole.timeline[0].summary == "He found her."


def test_a_kin_is_stated_only_where_both_records_allow_it(projected: Projected) -> None:
    store = projected(hidden_family())
    for grants, kin in (({"nhs": OPEN}, set()), ({"police": OPEN}, {"p_mia"})):
        seen = person(store, seeing(**grants), "p_joe")
        assert seen is not None
        assert {entry.person.person_id for entry in seen.relationships} == kin


def test_an_earlier_contact_that_latest_only_hides_makes_no_place(projected: Projected) -> None:
    world = World()
    world.address("a_alder", "12 Alder Road")
    joe = world.record("police", "p_joe", "Joe Bell")
    for day, place in ((1, "a_alder"), (2, None)):
        on = dt.date(2026, 1, day)
        world.contact("police", "domestic_abuse", at=place, people={joe: "suspect"}, on_date=on)
    seen = viewer({POLICE: SHUT, ABUSE: Grant(level=Level.DETAIL, latest_only=True)})
    assert ego_network(projected(world), seen, "a_alder").nodes == ()
