"""The told stories stand in every area's extracts, and nothing else is known of their people."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from areas import AreaReport
from areas.maker.told import fixed_dwellings, place_names
from areas.maker.told import stories as told_stories


def rows(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def read_stories(report: AreaReport) -> list[dict[str, Any]]:
    content = json.loads((report.folder / "stories.json").read_text(encoding="utf-8"))
    assert [story["story"] for story in content["stories"]] == [1, 2, 3, 4, 5, 6]
    return list(content["stories"])


@pytest.fixture(params=["walsall", "north_somerset", "gwent"])
def report(request: pytest.FixtureRequest) -> AreaReport:
    value: AreaReport = request.getfixturevalue(request.param)
    return value


def test_the_first_story_of_walsall_stands_at_alder_road(walsall: AreaReport) -> None:
    story = read_stories(walsall)[0]
    assert story["typed"] == "12 Alder Road WS1 1AA"
    assert story["agencies"] == ["housing", "police"]


def test_every_story_says_what_must_appear_and_where(report: AreaReport) -> None:
    for story in read_stories(report):
        assert story["ask"]
        assert story["title"]
        assert story["must_appear"]
        assert story["uprn"].isdecimal()
        named = {fact["agency"] for fact in story["must_appear"]} - {""}
        assert named <= set(story["agencies"])


def test_only_the_stories_people_are_known_at_their_addresses(report: AreaReport) -> None:
    stories = read_stories(report)
    people = {person["person"] for story in stories for person in story["people"]}
    mine = {
        (place["address_line"], place["postcode"])
        for story in stories
        for place in (story, *story["linked"])
    }
    assert len(mine) == len(place_names())
    lived = {
        (row["address_line"], row["postcode"]): row["person"]
        for row in rows(report.folder / "truth_households.csv")
    }
    for row in rows(report.folder / "truth_households.csv"):
        if (row["address_line"], row["postcode"]) in mine:
            assert row["person"] in people
    nobody_at = (stories[0]["address_line"], stories[0]["postcode"])
    assert nobody_at not in lived


def test_each_agency_holds_a_person_of_the_stories_once(report: AreaReport) -> None:
    people = {person["person"] for story in read_stories(report) for person in story["people"]}
    held = Counter(
        (row["agency"], row["system"], row["person"])
        for row in rows(report.folder / "truth.csv")
        if row["person"] in people
    )
    assert max(held.values()) == 1
    assert {person for _, _, person in held} == people


def test_father_and_son_are_two_records_that_differ_in_the_birthday_alone(
    walsall: AreaReport,
) -> None:
    bundle = json.loads((walsall.folder / "pds_patients.json").read_text(encoding="utf-8"))
    both = [
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["name"][0]["family"] == "Wexcombe"
    ]
    assert sorted(patient["birthDate"] for patient in both) == ["1968-04-09", "1994-09-04"]
    assert len({json.dumps(patient["address"]) for patient in both}) == 1
    assert len({json.dumps(patient["name"]) for patient in both}) == 1
    assert len({patient["id"] for patient in both}) == 2
    nominals = rows(walsall.folder / "police_nominals.csv", "cp1252")
    known = [row for row in nominals if row["Surname"] == "WEXCOMBE"]
    assert [row["DOB"] for row in known] == ["04/09/1994"]
    warned = rows(walsall.folder / "police_warnings.csv", "cp1252")
    marks = {row["Marker"] for row in warned if row["NominalRef"] == known[0]["NominalRef"]}
    assert marks == {"VI", "WE"}


def test_three_agencies_know_of_a_fall_each(walsall: AreaReport) -> None:
    folder = walsall.folder
    winifred = {
        row["source_key"]
        for row in rows(folder / "truth.csv")
        if row["person"] == _person(walsall, "Winifred")
    }
    falls = [
        [row for row in rows(folder / "ed_attendances.csv") if row["Complaint"] == "FALL"],
        [
            row
            for row in rows(folder / "mosaic_events.csv", delimiter="|")
            if row["EVENT_TYPE"] == "Falls"
        ],
        [
            row
            for row in rows(folder / "irs_incidents.csv")
            if row["incident_type"] == "Assist - lift"
        ],
    ]
    for agency in falls:
        assert sum(bool(winifred & set(row.values())) for row in agency) == 1


def test_only_health_knows_of_the_death(walsall: AreaReport) -> None:
    bundle = json.loads((walsall.folder / "pds_patients.json").read_text(encoding="utf-8"))
    horace = [
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["name"][0]["family"] == "Penhallurick"
    ]
    assert [patient["deceasedDateTime"][:10] for patient in horace] == ["2026-08-14"]
    clients = rows(walsall.folder / "mosaic_clients.csv", delimiter="|")
    known = [row for row in clients if row["NAME"].startswith("PENHALLURICK")]
    assert [row["DOD"] for row in known] == [""]
    tenants = rows(walsall.folder / "northgate_tenancies.csv", "utf-8-sig", ";")
    let = [row for row in tenants if row["Surname"] == "PENHALLURICK"]
    assert [row["TenancyEnd"] for row in let] == [""]


def test_the_missing_girl_is_at_another_address(walsall: AreaReport) -> None:
    folder = walsall.folder
    tenants = rows(folder / "northgate_tenancies.csv", "utf-8-sig", ";")
    kezia = [row for row in tenants if row["Surname"] == "MARLOWE-FINCH"]
    assert [row["Property"] for row in kezia] == ["Flat 3, 18 Station Parade, Walsall"]
    nominals = rows(folder / "police_nominals.csv", "cp1252")
    known = [row for row in nominals if row["Surname"] == "MARLOWE-FINCH"]
    assert [(row["HouseNo"], row["Street"]) for row in known] == [("40", "Millrace Row")]


def test_a_contact_of_the_first_story_lacks_the_property_number(walsall: AreaReport) -> None:
    """It must come under the same address as those that have it."""
    cases = rows(walsall.folder / "northgate_cases.csv", "utf-8-sig", ";")
    calls = [row for row in cases if row["PropertyPostcode"] == "WS1 1AA"]
    ours = [row for row in calls if row["Property"].startswith("12 Alder Road")]
    assert len(ours) == 9
    assert len({row["UPRN"] for row in ours}) == 1
    incidents = rows(walsall.folder / "police_incidents.csv", "cp1252")
    reports = [row for row in incidents if (row["HouseNo"], row["Street"]) == ("12", "Alder Road")]
    at = [row for row in reports if row["PostCode"] == "WS1 1AA"]
    assert [row["UPRN"] for row in at] == ["", ""]


def test_the_stories_are_told_in_whole() -> None:
    for story in told_stories():
        who = {one.who for one in story.people}
        at = set(place_names())
        assert {one.who for one in story.records} <= who
        assert {name for one in story.contacts for name, _ in one.who} <= who
        assert {one.at for one in story.contacts} | {one.at for one in story.facts} <= at
        assert {fact.who for fact in story.facts} - {""} <= who
        for fact in story.facts:
            held = {one.who for one in story.records if one.system == fact.system}
            assert not fact.who or fact.who in held
    assert len(fixed_dwellings("gwent")) == len(place_names())


def _person(report: AreaReport, given: str) -> str:
    return next(
        str(person["person"])
        for story in read_stories(report)
        for person in story["people"]
        if person["given_name"] == given
    )
