"""The maker: the same bytes, a truth that covers every record, lives that hold together."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from areas import AreaReport, PackError, make_area, read_pack
from areas.maker.columns import NEVER, day
from areas.maker.places import make_places
from areas.maker.population import Population, make_population
from areas.maker.told import fixed_dwellings

AS_OF = dt.date(2026, 11, 2)
PEOPLE_FILES = {
    "police/niche": ("police_nominals.csv", "cp1252", ",", "NominalRef"),
    "children/lcs": ("lcs_people.csv", "utf-8", ",", "PersonID"),
    "adults/mosaic": ("mosaic_clients.csv", "utf-8", "|", "MOSAIC_ID"),
    "nhs/emergency": ("ed_patients.csv", "utf-8", ",", "Hospital No"),
    "housing/northgate": ("northgate_tenancies.csv", "utf-8-sig", ";", "PersonRef"),
    "fire/irs": ("irs_occupiers.csv", "utf-8", ",", "occupier_id"),
}


def rows(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def keys_in_files(folder: Path) -> dict[str, list[str]]:
    found = {
        dataset: [row[column] for row in rows(folder / name, encoding, delimiter)]
        for dataset, (name, encoding, delimiter, column) in PEOPLE_FILES.items()
    }
    bundle = json.loads((folder / "pds_patients.json").read_text(encoding="utf-8"))
    found["nhs/pds"] = [entry["resource"]["id"] for entry in bundle["entry"]]
    sheet = CalamineWorkbook.from_path(folder / "capita_pupils.xlsx").get_sheet_by_index(0)
    found["education/capita"] = [str(row[0]) for row in sheet.to_python()[1:]]
    census = (folder / "cin_census.xml").read_text(encoding="utf-8")
    found["children/cin"] = [part.split("<")[0] for part in census.split("<LAchildID>")[1:]]
    return found


@pytest.fixture(scope="module")
def population() -> Population:
    pack = read_pack("walsall")
    places = make_places(pack, 1_800, 11, fixed_dwellings("walsall"))
    return make_population(pack, places, 3_000, 11, AS_OF)


def test_the_same_seed_gives_the_same_bytes(walsall: AreaReport, tmp_path: Path) -> None:
    make_area("walsall", people=1_200, seed=7, out=tmp_path)
    assert contents(tmp_path) == contents(walsall.folder)


def test_another_seed_gives_other_people(walsall: AreaReport, tmp_path: Path) -> None:
    make_area("walsall", people=1_200, seed=8, out=tmp_path)
    assert contents(tmp_path)["truth.csv"] != contents(walsall.folder)["truth.csv"]


def test_the_truth_has_every_record_once(walsall: AreaReport) -> None:
    truth = rows(walsall.folder / "truth.csv")
    told = [(f"{row['agency']}/{row['system']}", row["source_key"]) for row in truth]
    assert len(told) == len(set(told)) == walsall.records
    there = [(name, key) for name, keys in keys_in_files(walsall.folder).items() for key in keys]
    assert Counter(told) == Counter(there)


def test_the_census_names_children_of_the_case_system(walsall: AreaReport) -> None:
    truth = rows(walsall.folder / "truth.csv")
    person = {
        (row["system"], row["source_key"]): row["person"]
        for row in truth
        if row["agency"] == "children"
    }
    census = [key for system, key in person if system == "cin"]
    assert census
    assert all(person["cin", key] == person["lcs", key] for key in census)


def test_many_contacts_are_about_an_address_alone(walsall: AreaReport) -> None:
    cases = rows(walsall.folder / "northgate_cases.csv", "utf-8-sig", ";")
    nobody = [row for row in cases if not row["PersonRef"]]
    assert len(nobody) > len(cases) / 5
    assert all(row["Property"] and row["PropertyPostcode"] for row in nobody)


def test_involvements_and_flags_point_at_records_that_are_there(walsall: AreaReport) -> None:
    folder = walsall.folder
    nominals = {row["NominalRef"] for row in rows(folder / "police_nominals.csv", "cp1252")}
    incidents = {row["IncidentNo"] for row in rows(folder / "police_incidents.csv", "cp1252")}
    for row in rows(folder / "police_involvements.csv", "cp1252"):
        assert row["NominalRef"] in nominals
        assert row["IncidentNo"] in incidents
    for row in rows(folder / "police_warnings.csv", "cp1252"):
        assert row["NominalRef"] in nominals or (not row["NominalRef"] and row["Street"])


def test_nothing_lies_after_the_day_of_the_extract(walsall: AreaReport) -> None:
    for row in rows(walsall.folder / "irs_incidents.csv"):
        assert row["date"] <= AS_OF.isoformat()
    for row in rows(walsall.folder / "truth_households.csv"):
        assert row["from"] < AS_OF.isoformat()
        assert row["to"] <= AS_OF.isoformat()


def test_every_extract_is_there_and_none_is_empty(gwent: AreaReport) -> None:
    written = {path.name for path in gwent.folder.iterdir()}
    named = {extract.file for extract in gwent.extracts}
    assert named | {"truth.csv", "truth_households.csv", "README.md", "stories.json"} == written
    assert all(extract.rows > 0 for extract in gwent.extracts)


def test_the_readme_counts_what_was_written(walsall: AreaReport) -> None:
    text = (walsall.folder / "README.md").read_text(encoding="utf-8")
    assert f"{walsall.records} person records" in text
    for extract in walsall.extracts:
        assert f"| {extract.file} | {extract.agency}/{extract.dataset} |" in text


def test_people_live_at_one_place_at_a_time(population: Population) -> None:
    last: dict[int, int] = {}
    stays = population.stays
    for person, start, end in zip(stays["person"], stays["start"], stays["end"], strict=True):
        assert start < end
        assert last.get(int(person), -NEVER) <= start
        last[int(person)] = int(end)


def test_a_dwelling_is_let_to_one_household_at_a_time(population: Population) -> None:
    """Two people who share a dwelling by turns do not overlap unless they know each other."""
    stays, places = population.stays, population.places
    now = (stays["end"] >= NEVER) & (places.kind[stays["dwelling"]] == "dwelling")
    crowd = Counter(stays["dwelling"][now].tolist())
    assert max(crowd.values()) < 16
    assert 1.6 < sum(crowd.values()) / len(crowd) < 3.2


def test_nobody_lives_anywhere_after_death(population: Population) -> None:
    death = population.people["death"][population.stays["person"]]
    ended = np.minimum(population.stays["end"], NEVER)
    dead = death < population.until
    assert dead.sum() > 20
    assert (ended[dead] <= death[dead]).all()


def test_mothers_are_older_than_their_children_and_twins_share_a_birthday(
    population: Population,
) -> None:
    people = population.people
    child = np.flatnonzero(people["mother"] >= 0)
    age = (people["birth"][child] - people["birth"][people["mother"][child]]) / 365.25
    assert age.min() > 13
    twin = np.flatnonzero(people["twin"] >= 0)
    assert len(twin) > 3
    other = people["twin"][twin]
    assert (people["birth"][twin] == people["birth"][other]).all()
    assert (people["given"][twin] != people["given"][other]).all()


def test_lives_have_what_makes_linking_hard(population: Population) -> None:
    people, names = population.people, population.names
    sons = np.flatnonzero((people["father"] >= 0) & ~people["female"])
    assert (people["given"][sons] == people["given"][people["father"][sons]]).sum() > 3
    surnames = Counter(names["person"].tolist())
    assert sum(count > 1 for count in surnames.values()) > 50
    kinds = Counter(population.places.kind[population.stays["dwelling"]].tolist())
    assert {"dwelling", "hostel", "institution", "no_fixed_abode"} <= set(kinds)
    assert len(set(people["origin"].tolist())) > 8
    relations = Counter(population.bonds["relation"].tolist())
    assert set(relations) == {"parent", "partner", "former_partner"}
    moves = Counter(population.stays["person"].tolist())
    assert sum(count > 1 for count in moves.values()) > len(people["birth"]) / 5


def test_many_people_are_known_to_one_agency_only(walsall: AreaReport) -> None:
    agencies: dict[str, set[str]] = defaultdict(set)
    for row in rows(walsall.folder / "truth.csv"):
        agencies[row["person"]].add(row["agency"])
    known = Counter(len(found) for found in agencies.values())
    assert known[1] > len(agencies) / 4
    assert sum(count for several, count in known.items() if several > 2) > len(agencies) / 20


def test_a_scale_or_area_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such scale"):
        make_area("walsall", scale="huge", out=tmp_path)
    with pytest.raises(PackError, match="gwent"):
        make_area("walsall", scale="vip", out=tmp_path)
    with pytest.raises(PackError, match="no area pack"):
        make_area("mordor", out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_day_moves_the_stories_and_not_the_birthdays(tmp_path: Path) -> None:
    later = AS_OF + dt.timedelta(days=100)
    make_area("walsall", people=300, seed=7, as_of=later, out=tmp_path)
    cases = rows(tmp_path / "northgate_cases.csv", "utf-8-sig", ";")
    calls = sorted(row["Opened"] for row in cases if row["Property"].startswith("12 Alder Road"))
    latest = max(dt.datetime.strptime(on, "%d.%m.%Y").date() for on in calls)  # noqa: DTZ007
    assert latest == dt.date(2026, 10, 24) + dt.timedelta(days=100)
    told = json.loads((tmp_path / "stories.json").read_text(encoding="utf-8"))
    born = told["stories"][2]["people"][0]["birth_date"]
    assert born == "1968-04-09"


@pytest.mark.slow
def test_the_large_scale_has_the_five_counts(tmp_path: Path) -> None:
    report = make_area("gwent", scale="vip", seed=1, out=tmp_path)
    told = json.loads((tmp_path / "stories.json").read_text(encoding="utf-8"))
    stories = {one["person"] for story in told["stories"] for one in story["people"]}
    counts = Counter(
        row["agency"] for row in rows(tmp_path / "truth.csv") if row["person"] not in stories
    )
    assert counts == {
        "bg_social": 32_501,
        "caerphilly_social": 67_816,
        "torfaen_social": 49_646,
        "health_board": 13_076,
        "gwent_police": 70_045,
    }
    assert report.records > sum(counts.values())


def test_days_are_days() -> None:
    assert day(dt.date(1970, 1, 2)) == 1
