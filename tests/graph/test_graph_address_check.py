"""The address check: what it finds, in which order, and what it says of nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from governance.viewer import Level
from graph import check_address
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import TODAY, World, alder_road, seeing_all, viewer, without

Projected = Callable[[World], EmbeddedStore]


def test_everything_about_alder_road(projected: Projected) -> None:
    world = alder_road()
    check = check_address(projected(world), seeing_all(world), text="12 Alder Rd, Walsall ws11aa")
    assert check.address is not None
    assert (check.address.address_id, check.address.uprn) == ("a_alder", "100071")
    assert [(w.code, w.person) for w in check.warnings] == [("violent", None)]
    assert [(p.code, p.person and p.person.name) for p in check.plans] == [
        ("child_protection", "Jay Carter")
    ]
    assert [o.name for o in check.occupants_now] == ["Mia Carter", "Jay Carter"]
    mia = check.occupants_now[0]
    assert mia.since == dt.date(2025, 2, 1)
    assert mia.person.age == 34
    assert [source.agency_id for source in mia.sources] == ["nhs", "police"]
    assert mia.certainty == "likely: same name and date of birth"
    assert [child.name for child in check.children_here] == ["Jay Carter"]
    assert check.living_alone is None
    assert not check.existence
    assert not check.nothing_found


def test_repeats_are_one_line_and_grave_ones_are_not(projected: Projected) -> None:
    world = alder_road()
    for day in (1, 2):
        world.contact(
            "police", "violence", at="a_alder", on_date=dt.date(2024, 1, day), severity="high"
        )
    check = check_address(projected(world), seeing_all(world), address_id="a_alder")
    told = [(line.category, line.times, line.nobody_named) for line in check.open_contacts]
    assert told == [("child_concern", 1, False), ("noise", 3, True)]
    noise = check.open_contacts[1]
    assert (noise.first_on, noise.on_date) == (dt.date(2026, 6, 1), dt.date(2026, 6, 3))
    assert len(noise.contact_ids) == 3
    assert [line.times for line in check.contacts] == [1, 1, 1]


def test_who_left_and_still_matters(projected: Projected) -> None:
    world = alder_road()
    check = check_address(projected(world), seeing_all(world), address_id="a_alder")
    (dean,) = check.occupants_before
    assert (dean.name, dean.until, dean.current) == ("Dean Moss", dt.date(2025, 1, 5), False)
    assert dean.still_matters
    assert dean.reasons[0].category == "domestic_abuse"
    assert [(entry.address_id, entry.why) for entry in check.linked_addresses] == [
        ("a_beech", "Dean Moss lives there now")
    ]


def test_a_later_trusted_address_ends_an_open_one(projected: Projected) -> None:
    world = alder_road()
    police = world.record("police", "p_old", "Ann Old", updated_on=dt.date(2019, 1, 1))
    nhs = world.record("nhs", "p_old", "Ann Old")
    world.lives(police, "a_alder", dt.date(2018, 1, 1))
    world.lives(nhs, "a_beech", dt.date(2022, 1, 1))
    store = projected(world)
    check = check_address(store, seeing_all(world), address_id="a_alder")
    assert "Ann Old" in [o.name for o in check.occupants_before]
    # Who may not see the later address sees what is left: an open stay.
    fewer = without(seeing_all(world), "nhs|pds|person")
    now = check_address(store, fewer, address_id="a_alder").occupants_now
    assert "Ann Old" in [o.name for o in now]


def test_the_dead_do_not_live_anywhere(projected: Projected) -> None:
    world = alder_road()
    record = world.record("nhs", "p_gone", "Una Gone", dead=True)
    world.lives(record, "a_alder", dt.date(2001, 1, 1))
    check = check_address(projected(world), seeing_all(world), address_id="a_alder")
    assert [o.name for o in check.occupants_before if o.dead] == ["Una Gone"]


def test_living_alone_is_said_with_its_basis(projected: Projected) -> None:
    world = World()
    world.address("a_one", "1 Oak Way")
    world.address("a_home", "2 Oak Way", kind="institution")
    for agency in ("nhs", "housing"):
        record = world.record(agency, "p_one", "Ida Sole")
        world.lives(record, "a_one", dt.date(2024, 5, 1))
    other = world.record("nhs", "p_two", "Al Ward")
    world.lives(other, "a_home", dt.date(2024, 5, 1))
    store = projected(world)
    check = check_address(store, seeing_all(world), address_id="a_one")
    assert check.living_alone == "2 agencies have Ida Sole here and nobody else since 2024."
    assert check_address(store, seeing_all(world), address_id="a_home").living_alone is None


@pytest.mark.parametrize(
    "typed",
    [
        "12 Alder Road WS1 1AA",
        "12 alder rd, walsall, ws11aa",
        "12 Adler Road WS1 1AA",
        "12 Alder Raod, WS1 1AA",
        "12, Alder Road",
        "12 ALDER ROAD WALSALL",
        "12 alder road ws1",
    ],
)
def test_typed_addresses_are_found(projected: Projected, typed: str) -> None:
    world = alder_road()
    check = check_address(projected(world), seeing_all(world), text=typed)
    assert check.address is not None
    assert check.address.address_id == "a_alder"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Alder Road WS1 1AA", "the number is missing"),
        ("WS1 1AA", "the number is missing"),
        ("12 Alder Road WS1 9ZZ", "the postcode differs"),
    ],
)
def test_what_is_not_sure_is_asked(projected: Projected, typed: str, why: str) -> None:
    world = alder_road()
    check = check_address(projected(world), seeing_all(world), text=typed)
    assert check.address is None
    assert [(entry.address_id, entry.why) for entry in check.candidates] == [("a_alder", why)]
    assert check.disclosed == {"a_alder"}


def test_flats_are_told_apart(projected: Projected) -> None:
    world = World()
    for flat in ("1", "2"):
        address = world.address(f"a_{flat}", "12 Alder Road", flat=flat, uprn=f"10{flat}")
        world.lives(world.record("nhs", f"p_{flat}"), address)
    store, seen = projected(world), seeing_all(world)
    second = check_address(store, seen, text="Flat 2, 12 Alder Road WS1 1AA")
    assert second.address is not None
    assert second.address.address_id == "a_2"
    either = check_address(store, seen, text="12 Alder Road WS1 1AA")
    assert {entry.address_id for entry in either.candidates} == {"a_1", "a_2"}
    by_uprn = check_address(store, seen, uprn="102")
    assert by_uprn.address is not None
    assert by_uprn.address.address_id == "a_2"


@pytest.mark.parametrize(
    "typed",
    ["", "99 Alder Road WS1 1AA", "'}) MATCH (n) DETACH DELETE n //", "\x00", "5/" * 99, "ẞ" * 500],
)
def test_nothing_found_is_an_answer(projected: Projected, typed: str) -> None:
    world = alder_road()
    store = projected(world)
    check = check_address(store, seeing_all(world), text=typed)
    assert check.nothing_found
    assert not check.disclosed
    assert not check_address(store, seeing_all(world), address_id="a_alder").nothing_found


def test_an_address_of_which_nothing_may_be_seen_is_not_known(projected: Projected) -> None:
    world = alder_road()
    store = projected(world)
    blind = viewer({})
    for asked in ({"text": "12 Alder Road WS1 1AA"}, {"address_id": "a_alder"}, {"uprn": "100071"}):
        check = check_address(store, blind, **asked)
        assert check.nothing_found
        assert check.address is None
        assert not check.candidates


def test_existence_gives_the_agency_and_its_number_only(projected: Projected) -> None:
    world = alder_road()
    seen = without(
        seeing_all(world),
        "children|lcs|person",
        "children|lcs|child_concern",
        "children|lcs|plan",
        level=Level.EXISTENCE,
    )
    check = check_address(projected(world), seen, address_id="a_alder")
    assert [(entry.agency_id, entry.ring) for entry in check.existence] == [
        ("children", "Hub 01632 960202")
    ]
    assert not check.plans
    assert "child_concern" not in repr(check)


def test_restricted_people_are_not_found_by_address(projected: Projected) -> None:
    world = alder_road()
    hidden = world.record("nhs", "p_hidden", "Eve Away", restricted=True)
    police = world.record("police", "p_hidden", "Eve Away")
    for record in (hidden, police):
        world.lives(record, "a_alder", dt.date(2026, 1, 1))
    world.contact(
        "police", "domestic_abuse", at="a_alder", people={police: "victim"}, summary="Eve fled."
    )
    world.indicator("nhs", "plan", "adult_safeguarding", record_id=hidden, at="a_alder")
    store = projected(world)
    told = repr(check_address(store, seeing_all(world), address_id="a_alder"))
    assert "Eve" not in told
    assert "adult_safeguarding" not in told
    allowed = check_address(store, seeing_all(world, restricted=True), address_id="a_alder")
    assert "Eve Away" in [o.name for o in allowed.occupants_now]


def test_latest_only_shows_one_contact_of_a_person(projected: Projected) -> None:
    world = alder_road()
    mia = world.rows["record"][0]["record_id"]
    for day, place in ((1, "a_alder"), (2, "a_alder"), (3, "a_beech")):
        world.contact(
            "police", "noise", at=place, people={mia: "subject"}, on_date=dt.date(2026, 1, day)
        )
    seen = without(seeing_all(world), "police|niche|noise", latest_only=True)
    store = projected(world)
    alder = check_address(store, seen, address_id="a_alder")
    shown = [c for c in alder.contacts if c.category == "noise"]
    assert [c.address and c.address.address_id for c in shown] == ["a_beech"]
    beech = check_address(store, seen, address_id="a_beech")
    noise = [c.on_date for c in beech.contacts if c.category == "noise"]
    assert noise == [dt.date(2026, 1, 3)]


def test_an_address_withheld_is_not_found_by_that_record(projected: Projected) -> None:
    world = alder_road()
    seen = without(
        seeing_all(world), "nhs|pds|person", withheld=frozenset({"address_line", "postcode"})
    )
    check = check_address(projected(world), seen, address_id="a_alder")
    assert [o.name for o in check.occupants_now] == ["Mia Carter"]
    assert check.occupants_now[0].since == dt.date(2025, 3, 1)


def test_one_way_to_ask_only(store: EmbeddedStore) -> None:
    with pytest.raises(ValueError, match="one of"):
        check_address(store, viewer({}, on=TODAY))
