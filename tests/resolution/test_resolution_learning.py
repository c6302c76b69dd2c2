"""A run that learns: from identifiers alone, from labels, and from what was stored before."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import resolution
from governance import runs
from governance.judgements import add_judgement
from governance.register import Register
from governance.registration import add_agency
from records.snapshot import Resolved, Snapshot
from resolution.errors import ResolutionError
from resolution.linking.trained import Trained
from resolution.questions import read_pool
from tests.resolution.builders import (
    AGENCIES,
    KEYS,
    NOW,
    Row,
    clock,
    lives,
    record,
    rows,
    snapshot,
    together,
)

GIVEN = ["Ada", "Tom", "Mary", "Amir", "Zoe", "Lee", "Owen", "Ines", "Ravi", "Joan", "Karl", "Una"]
FAMILY = ["Shaw", "Reed", "Khan", "Price", "Obi", "Lunt", "Mistry", "Okoro", "Penn", "Vane"]
PEOPLE = 500


def nhs_number(number: int) -> str | None:
    """A number of the test range with its check digit; None for the few that have none."""
    digits = f"999{number:06d}"
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return None if check == 10 else digits + str(0 if check == 11 else check)


def county(seed: int) -> tuple[list[Row], list[Row], dict[str, int]]:
    """People known to two agencies, two in three of them with their NHS number in both."""
    chance = random.Random(seed)
    records, stays, person = [], [], {}
    for number in range(PEOPLE):
        whole: dict[str, Any] = {
            "given_name": chance.choice(GIVEN),
            "family_name": chance.choice(FAMILY),
            "birth_date": f"{chance.randint(1940, 2020)}-{chance.randint(1, 12):02}"
            f"-{chance.randint(1, 28):02}",
            "sex": chance.choice(["male", "female"]),
        }
        home = f"{chance.randint(1, 99)} {chance.choice(FAMILY)} Road, Walsall"
        known = nhs_number(number) if chance.random() < 0.66 else None
        for source in ("children/lcs", "nhs/pds"):
            fields = {**whole, "nhs_number": known}
            if source == "nhs/pds" and chance.random() < 0.3:
                fields["given_name"] = whole["given_name"][:-1] + "x"
            if chance.random() < 0.15:
                fields["birth_date"] = None
            row = record(f"{number}", source, **fields)
            records.append(row)
            person[row["record_id"]] = number
            if chance.random() < 0.8:
                stays.append(lives(row, home, "WS1 1AA"))
    return records, stays, person


@dataclass
class County:
    """A snapshot of invented people, and who each record is."""

    snapshot: Snapshot
    records: list[Row]
    person: dict[str, int]
    folder: Path

    def resolve(self, register: Register, **given: Any) -> tuple[Resolved, Trained | None]:
        learned: list[Trained] = []
        with register.session() as session:
            resolved = resolution.resolve(
                self.snapshot,
                session=session,
                keys=KEYS,
                geography=None,
                out_folder=self.folder / "resolved",
                clock=clock,
                learned=learned.append,
                **given,
            )
            session.commit()
        return resolved, learned[0] if learned else None


@pytest.fixture(scope="module")
def county_of_two(tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("county")
    records, stays, person = county(7)
    return County(snapshot(folder / "s", records, stays), records, person, folder)


def opened(folder: Path) -> Iterator[Register]:
    with Register(f"sqlite:///{folder / 'register.sqlite'}") as made:
        made.upgrade()
        with made.session() as session:
            for agency, kind in AGENCIES.items():
                add_agency(session, agency, agency.title(), kind, "Duty desk 01632 960000")
            session.commit()
        yield made


@pytest.fixture(scope="module")
def register_of_county(county_of_two: County) -> Iterator[Register]:
    yield from opened(county_of_two.folder)


@pytest.fixture(scope="module")
def first(county_of_two: County, register_of_county: Register) -> tuple[Resolved, Trained]:
    resolved, trained = county_of_two.resolve(register_of_county)
    assert trained is not None
    return resolved, trained


def pairs_of(resolved: Resolved) -> dict[str, str]:
    return {row["record_id"]: row["person_id"] for row in rows(resolved, "link")}


def recall(found: dict[str, str], county: County) -> float:
    ids = [KEYS.record_id("children", "lcs", str(n)) for n in range(PEOPLE)]
    others = [KEYS.record_id("nhs", "pds", str(n)) for n in range(PEOPLE)]
    return sum(found[a] == found[b] for a, b in zip(ids, others, strict=True)) / PEOPLE


def test_identifiers_alone_teach_a_model_that_finds_more_than_the_rules(
    first: tuple[Resolved, Trained], county_of_two: County
) -> None:
    resolved, trained = first
    assert trained.pair.free is not None
    found = pairs_of(resolved)
    assert recall(found, county_of_two) > 0.9
    people: dict[str, set[int]] = {}
    for record_id, person_id in found.items():
        people.setdefault(person_id, set()).add(county_of_two.person[record_id])
    mixed = sum(len(numbers) > 1 for numbers in people.values())
    assert mixed <= PEOPLE // 50


def test_the_reasons_of_a_link_add_up_and_name_nobody(
    first: tuple[Resolved, Trained], county_of_two: County
) -> None:
    resolved, trained = first
    by_model = 0
    for row in rows(resolved, "link"):
        for entry in json.loads(row["evidence"]):
            if not entry["by"].startswith("model:") or entry["reasons"] is None:
                continue
            by_model += 1
            assert entry["by"] == f"model:{trained.version}"
            p = min(max(entry["probability"], 1e-6), 1 - 1e-6)
            told = sum(value for _, value in entry["reasons"])
            assert math.isclose(told, math.log(p / (1 - p)), abs_tol=0.02)
    assert by_model > 50
    text = " ".join(row["evidence"] for row in rows(resolved, "link"))
    values = {row["given_name"] for row in county_of_two.records} - {None}
    assert not any(f'"{value}"' in text or f" {value} " in text for value in values)


def test_a_run_leaves_questions_that_stand_for_all_candidates(
    first: tuple[Resolved, Trained], register_of_county: Register
) -> None:
    resolved, _ = first
    pool = read_pool(resolved.folder / "questions", "records")
    with register_of_county.session() as session:
        run = runs.last_run(session, runs.RESOLUTION)
    assert run is not None
    assert 0 < pool.control.sum() < len(pool)
    stands_for = float(pool.weight[pool.control].sum())
    assert math.isclose(stands_for, run.counts["candidate_pairs"], rel_tol=0.25)
    assert set(pool.record_a) | set(pool.record_b) <= set(pairs_of(resolved))
    clusters = read_pool(resolved.folder / "questions", "clusters")
    assert all(a in side for a, side in zip(clusters.record_a, clusters.members_a, strict=True))


def test_a_stored_model_decides_as_the_one_that_was_learned(
    first: tuple[Resolved, Trained], county_of_two: County, register_of_county: Register
) -> None:
    resolved, trained = first
    again = Trained.from_json(json.loads(json.dumps(trained.to_json())))
    kept, _ = county_of_two.resolve(register_of_county, model=again)
    assert pairs_of(kept) == pairs_of(resolved)
    assert [row["probability"] for row in rows(kept, "link")] == [
        row["probability"] for row in rows(resolved, "link")
    ]


def test_a_model_of_other_comparisons_is_refused_in_words(
    first: tuple[Resolved, Trained], register_of_county: Register, county_of_two: County
) -> None:
    _, trained = first
    pair = replace(trained.pair, names=(*trained.pair.names, "height"))
    with pytest.raises(ResolutionError, match="learn anew"):
        county_of_two.resolve(register_of_county, model=replace(trained, pair=pair))


def test_a_field_that_a_kept_model_did_not_learn_is_left_out(
    first: tuple[Resolved, Trained], register_of_county: Register, tmp_path: Path
) -> None:
    _, trained = first
    row = record("1", other_identifiers="PASSPORT 123456", given_name="Ada", family_name="Shaw")
    other = County(snapshot(tmp_path / "s", [row]), [row], {}, tmp_path)
    resolved, _ = other.resolve(register_of_county, model=trained)
    assert len(rows(resolved, "person")) == 1


def test_judgements_stand_above_the_model(county_of_two: County, tmp_path: Path) -> None:
    for register in opened(tmp_path):
        plain = pairs_of(county_of_two.resolve(register)[0])
        children = [KEYS.record_id("children", "lcs", str(n)) for n in range(PEOPLE)]
        health = [KEYS.record_id("nhs", "pds", str(n)) for n in range(PEOPLE)]
        joined = next(n for n in range(PEOPLE) if plain[children[n]] == plain[health[n]])
        apart = next(n for n in range(PEOPLE) if plain[children[n]] != plain[health[n]])
        with register.session() as session:
            add_judgement(session, children[joined], health[joined], "different", "u_1", NOW)
            add_judgement(session, children[apart], health[apart], "same", "u_1", NOW)
            add_judgement(session, children[0], "r_gone", "same", "u_1", NOW)
            session.commit()
        resolved, _ = county_of_two.resolve(register)
        found = pairs_of(resolved)
        assert found[children[joined]] != found[health[joined]]
        assert found[children[apart]] == found[health[apart]]
        with register.session() as session:
            run = runs.last_run(session, runs.RESOLUTION)
        assert run is not None
        assert run.counts["labels"]["of_records_gone"] == 1


def test_a_few_records_are_left_to_the_rules(tmp_path: Path) -> None:
    some = [record(str(n), given_name="Ada", family_name="Shaw") for n in range(3)]
    few = County(snapshot(tmp_path / "s", some), some, {}, tmp_path)
    for register in opened(tmp_path):
        resolved, trained = few.resolve(register)
        assert trained is None
        assert not together(resolved, some[0], some[1])
