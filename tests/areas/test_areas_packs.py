"""Packs: what an area's agencies are and what they agreed to."""

from __future__ import annotations

import datetime as dt

import pytest

from areas import PackError, areas, geography, read_pack
from areas.geography import deprivation

TODAY = dt.date(2026, 11, 23)


def test_the_areas_that_ship() -> None:
    assert areas() == ["gwent", "north_somerset", "walsall"]


def test_an_unknown_area_names_those_there_are() -> None:
    with pytest.raises(PackError, match="gwent, north_somerset, walsall"):
        read_pack("../walsall")


@pytest.mark.parametrize(
    ("area", "postcodes"), [("walsall", 7_561), ("north_somerset", 10_908), ("gwent", 17_471)]
)
def test_geography_holds_every_postcode_of_the_area(area: str, postcodes: int) -> None:
    table = geography(area)
    assert table.num_rows == postcodes
    codes = table["postcode"].to_pylist()
    assert codes == sorted(set(codes))
    assert all(len(code.split(" ")[1]) == 3 for code in codes)
    assert 51 < min(table["latitude"].to_pylist()) < max(table["latitude"].to_pylist()) < 53
    assert None not in table["small_area"].to_pylist()


def test_deprivation_covers_the_small_areas() -> None:
    known = deprivation()
    for area in areas():
        small = set(geography(area)["small_area"].to_pylist())
        assert small <= set(known)
    assert set(known.values()) == set(range(1, 11))


@pytest.mark.parametrize("area", areas())
def test_one_agreement_has_run_out_and_the_others_last(area: str) -> None:
    pack = read_pack(area)
    ended = {entry.title for entry in pack.agreements if entry.expiry < TODAY}
    assert len(ended) == 1
    assert all(
        entry.expiry >= dt.date(2030, 1, 1) for entry in pack.agreements if entry.title not in ended
    )


@pytest.mark.parametrize("area", areas())
def test_everyone_sees_their_own_in_full_and_managers_nothing_else(area: str) -> None:
    pack = read_pack(area)
    for dataset in pack.datasets:
        own = [
            entry
            for entry in pack.agreements
            if (entry.giver, entry.dataset) == (dataset.agency, dataset.dataset)
            and entry.receiver == dataset.agency
            and entry.category == "*"
        ]
        assert {entry.role for entry in own} >= {"practitioner", "data_manager"}
        assert all(entry.level == "detail" and not entry.withheld for entry in own)
    managers = [entry for entry in pack.agreements if entry.role == "data_manager"]
    assert all(entry.giver == entry.receiver for entry in managers)


@pytest.mark.parametrize("area", ["walsall", "north_somerset"])
def test_adults_services_are_existence_only_to_other_practitioners(area: str) -> None:
    rows = [
        entry
        for entry in read_pack(area).agreements
        if entry.giver == "adults"
        and entry.receiver != "adults"
        and entry.role == "practitioner"
        and entry.purpose != "emergency"
        and entry.expiry >= TODAY
    ]
    assert {entry.receiver for entry in rows} == {
        "police",
        "children",
        "education",
        "nhs",
        "housing",
        "fire",
    }
    assert {(entry.category, entry.level) for entry in rows} == {("*", "existence")}


@pytest.mark.parametrize("area", areas())
def test_an_emergency_opens_what_others_hold_to_practitioners_and_nobody_restricted(
    area: str,
) -> None:
    pack = read_pack(area)
    rows = [entry for entry in pack.agreements if entry.purpose == "emergency"]
    assert {entry.giver for entry in rows} == {dataset.agency for dataset in pack.datasets}
    assert {entry.role for entry in rows} == {"practitioner"}
    assert all(entry.level == "detail" and entry.category == "*" for entry in rows)
    assert not any(entry.restricted_allowed for entry in rows)
    assert not any(entry.giver == entry.receiver for entry in rows)


@pytest.mark.parametrize("area", areas())
def test_stewards_see_people_of_all_and_nothing_about_them(area: str) -> None:
    pack = read_pack(area)
    rows = [
        entry
        for entry in pack.agreements
        if entry.role == "steward" and entry.giver != entry.receiver
    ]
    everyone = {agency.agency for agency in pack.agencies}
    assert {entry.category for entry in rows} == {"person"}
    assert {entry.purpose for entry in rows} == {"record_linkage", "data_quality"}
    assert {entry.giver for entry in rows} == {entry.receiver for entry in rows} == everyone


@pytest.mark.parametrize("area", areas())
def test_nhs_numbers_leave_health_for_linking_only(area: str) -> None:
    pack = read_pack(area)
    health = {agency.agency for agency in pack.agencies if agency.kind == "health"}
    shown = [
        entry
        for entry in pack.agreements
        if entry.giver in health
        and entry.receiver not in health
        and entry.category == "person"
        and "nhs_number" not in entry.withheld
    ]
    assert {entry.role for entry in shown} == {"steward"}
