"""Which records become one person, end to end: rules, guards, judgements."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from governance.judgements import add_judgement
from governance.register import Register
from resolution.matched import likeliest_apart
from tests.resolution.builders import (
    NHS_NUMBERS,
    NOW,
    Row,
    lives,
    record,
    rows,
    snapshot,
    together,
)
from tests.resolution.conftest import Resolve

PC = "WS1 1AA"
HOME = "12 Alder Road, Walsall"


def person(key: str, source: str = "police/niche", **fields: object) -> Row:
    whole = {
        "given_name": "Ada",
        "family_name": "Shaw",
        "birth_date": "1984-03-09",
        "sex": "female",
    } | fields
    return record(key, source, **whole)


def resolved_together(
    resolve: Resolve, folder: Path, a: Row, b: Row, home: str | None = None
) -> bool:
    stays = [lives(a, home, PC), lives(b, home, PC)] if home else []
    return together(resolve(snapshot(folder, [a, b], stays)), a, b)


@pytest.mark.parametrize(
    ("changes", "home"),
    [
        ({}, None),
        ({"given_name": "ADA", "family_name": "SHAW"}, None),
        ({"given_name": "Shaw", "family_name": "Ada"}, None),
        ({"birth_date": "1984-09-03"}, HOME),
        ({"birth_date": "1984-03-08"}, HOME),
        ({"birth_date": "1984"}, HOME),
        ({"family_name": "Shawe"}, None),
        ({"family_name": "Green", "former_family_name": "Shaw"}, None),
        ({"family_name": "Green"}, HOME),
        ({"given_name": None, "family_name": None, "full_name": "SHAW, Ada"}, None),
        ({"other_names": "Ada Shaw", "given_name": "Rose", "family_name": "Green"}, None),
        ({"birth_date": None}, HOME),
    ],
)
def test_forms_of_one_person_are_linked(
    resolve: Resolve, tmp_path: Path, changes: dict[str, object], home: str | None
) -> None:
    a, b = person("1"), person("2", "nhs/pds", **changes)
    assert resolved_together(resolve, tmp_path / "s", a, b, home)


@pytest.mark.parametrize(
    ("a", "b"),
    [("Katherine", "Kate"), ("William", "Bill"), ("Zoë", "Zoe"), ("Dylan", "Dillon")],
)
def test_nicknames_accents_and_sounds_are_linked_at_one_address(
    resolve: Resolve, tmp_path: Path, a: str, b: str
) -> None:
    left, right = person("1", given_name=a), person("2", given_name=b)
    assert resolved_together(resolve, tmp_path / "s", left, right, HOME)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"given_name": "Mary"}, "twins?"),
        ({"birth_date": "1958-11-30"}, "parent and child?"),
    ],
)
def test_twins_and_namesakes_at_one_address_are_not(
    resolve: Resolve, tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    a, b = person("1"), person("2", "nhs/pds", **changes)
    resolved = resolve(snapshot(tmp_path / "s", [a, b], [lives(a, HOME, PC), lives(b, HOME, PC)]))
    assert not together(resolved, a, b)
    found = rows(resolved, "possible_pair")
    assert all(why in row["reason"] for row in found)


def test_a_record_without_date_joins_neither_father_nor_son(
    resolve: Resolve, tmp_path: Path
) -> None:
    father = person("1", birth_date="1958-11-30")
    son, unknown = person("2"), person("3", birth_date=None)
    stays = [lives(row, HOME, PC) for row in (father, son, unknown)]
    resolved = resolve(snapshot(tmp_path / "s", [father, son, unknown], stays))
    assert len(rows(resolved, "person")) == 3
    assert "either may be meant" in " ".join(
        row["reason"] for row in rows(resolved, "possible_pair")
    )


def test_two_valid_nhs_numbers_never_meet(resolve: Resolve, tmp_path: Path) -> None:
    a = person("1", nhs_number=NHS_NUMBERS[0])
    between = person("2", "housing/northgate")
    b = person("3", "nhs/pds", nhs_number=NHS_NUMBERS[1])
    everyone = [a, between, b]
    stays = [lives(row, HOME, PC) for row in everyone]
    resolved = resolve(snapshot(tmp_path / "s", everyone, stays))
    assert not together(resolved, a, b)
    assert "NHS" in rows(resolved, "possible_pair")[0]["reason"]


def test_one_nhs_number_joins_a_changed_name(resolve: Resolve, tmp_path: Path) -> None:
    a = person("1", nhs_number=NHS_NUMBERS[0])
    b = person("2", "nhs/pds", nhs_number=NHS_NUMBERS[0], family_name="Okafor")
    assert resolved_together(resolve, tmp_path / "s", a, b)


def test_somebody_elses_nhs_number_is_a_question(resolve: Resolve, tmp_path: Path) -> None:
    a = person("1", nhs_number=NHS_NUMBERS[0])
    b = record(
        "2",
        "nhs/pds",
        given_name="Tom",
        family_name="Reed",
        birth_date="1951-01-20",
        sex="male",
        nhs_number=NHS_NUMBERS[0],
    )
    resolved = resolve(snapshot(tmp_path / "s", [a, b]))
    assert not together(resolved, a, b)
    assert len(rows(resolved, "possible_pair")) == 1


def test_who_died_before_the_other_was_born_is_somebody_else(
    resolve: Resolve, tmp_path: Path
) -> None:
    a = person("1", birth_date=None, death_date="1990")
    b = person("2", birth_date="1994-05-06")
    assert not resolved_together(resolve, tmp_path / "s", a, b, HOME)


def test_a_census_row_without_name_joins_by_local_id(resolve: Resolve, tmp_path: Path) -> None:
    child = person("77", "children/lcs", local_id="77", birth_date="2015-03-09")
    census = record("77", "children/cin", local_id="77", birth_date="2015-03-09", sex="female")
    other = record("77", "adults/mosaic", local_id="77", birth_date="2015-03-09", sex="female")
    resolved = resolve(snapshot(tmp_path / "s", [child, census, other]))
    assert together(resolved, child, census)
    assert not together(resolved, child, other)


def test_a_census_row_joins_by_upn_too(resolve: Resolve, tmp_path: Path) -> None:
    upn = "A335202819123"
    child = person("77", "children/lcs", upn=upn, birth_date="2015-03-09")
    census = record("x", "children/cin", upn=upn, birth_date="2015-03-09")
    assert together(resolve(snapshot(tmp_path / "s", [child, census])), child, census)


def test_judgements_decide(resolve: Resolve, register: Register, tmp_path: Path) -> None:
    a, b = person("1"), person("2", "nhs/pds")
    c = record("3", given_name="Tom", family_name="Reed", birth_date="1951-01-20")
    with register.session() as session:
        for left, right, verdict in ((a, b, "different"), (a, c, "same")):
            add_judgement(session, left["record_id"], right["record_id"], verdict, "u_a", NOW)
        session.commit()
    resolved = resolve(snapshot(tmp_path / "s", [a, b, c]))
    assert together(resolved, a, c)
    assert not together(resolved, a, b)
    link = next(row for row in rows(resolved, "link") if row["record_id"] == c["record_id"])
    assert link["decided_by"] == "steward:u_a"


def test_evidence_names_the_rule_and_the_other_record(resolve: Resolve, tmp_path: Path) -> None:
    a, b, alone = person("1"), person("2", "nhs/pds"), person("3", given_name="Zed")
    resolved = resolve(snapshot(tmp_path / "s", [a, b, alone]))
    links = {row["record_id"]: row for row in rows(resolved, "link")}
    (told,) = json.loads(links[a["record_id"]]["evidence"])
    assert told["by"] == links[a["record_id"]]["decided_by"] == "rule:full-name-birth-date"
    assert told["record"] == b["record_id"]
    assert "date of birth" in told["words"]
    assert links[alone["record_id"]]["decided_by"] == "alone"
    assert json.loads(links[alone["record_id"]]["evidence"]) == []


def test_a_place_without_abode_is_no_evidence(resolve: Resolve, tmp_path: Path) -> None:
    a, b = person("1", birth_date=None), person("2", birth_date=None)
    stays = [lives(row, "No Fixed Abode", "ZZ99 3VZ") for row in (a, b)]
    assert not together(resolve(snapshot(tmp_path / "s", [a, b], stays)), a, b)


def test_an_address_of_an_office_does_not_make_two_people_one(
    resolve: Resolve, tmp_path: Path
) -> None:
    office = "info@example.org"
    a = person("1", given_name="Jorge", family_name="Barge", email=office, birth_date=None)
    b = person("2", given_name="Jorg", family_name="Swarm", email=office, birth_date=None)
    assert not resolved_together(resolve, tmp_path / "s", a, b)


def test_two_clusters_are_told_of_by_their_likeliest_pair_for_each_reason() -> None:
    labels = np.array([0, 0, 1, 1, 2])
    left = np.array([0, 0, 1, 1, 0, 0])
    right = np.array([2, 3, 2, 3, 4, 1])
    p = np.array([0.3, 0.6, 0.6, 0.4, 0.2, 0.9])
    reason = np.array([0, 0, 0, 1, 0, 0])
    one = likeliest_apart(labels[left], labels[right], reason, (left, right, p))
    told = [(int(left[at]), int(right[at]), int(reason[at])) for at in one]
    assert told == [(0, 3, 0), (1, 3, 1), (0, 4, 0)]
    back = np.array([5, 4, 3, 2, 1, 0])  # in whatever order they are found
    other = likeliest_apart(
        labels[right][back], labels[left][back], reason[back], (left[back], right[back], p[back])
    )
    assert sorted(back[other].tolist()) == one.tolist()
