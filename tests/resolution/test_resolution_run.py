"""A whole run: hostile input, repeatability, ids that last, results that are whole or absent."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import resolution
from governance import runs
from governance.identities import assignments
from governance.judgements import add_judgement
from governance.register import Register
from records.resolved import RESOLVED_TABLES
from records.schema import arrow_schema
from records.snapshot import Resolved, Snapshot
from tests.resolution.builders import (
    KEYS,
    NOW,
    Row,
    clock,
    lives,
    people,
    record,
    rows,
    snapshot,
    together,
)
from tests.resolution.conftest import Resolve


def ada(key: str, source: str = "police/niche", **fields: object) -> Row:
    whole = {"given_name": "Ada", "family_name": "Shaw", "birth_date": "1984-03-09"} | fields
    return record(key, source, **whole)


def test_no_records_give_every_table_empty(resolve: Resolve, tmp_path: Path) -> None:
    resolved = resolve(snapshot(tmp_path / "s"))
    for name, table_class in RESOLVED_TABLES.items():
        table = resolved.read(name)
        assert table.num_rows == 0
        assert table.schema.equals(arrow_schema(table_class))


def test_one_record_and_one_with_nothing_in_it(resolve: Resolve, tmp_path: Path) -> None:
    resolved = resolve(snapshot(tmp_path / "s", [ada("1"), record("2"), record("3")]))
    assert len(rows(resolved, "person")) == 3
    assert {row["record_count"] for row in rows(resolved, "person")} == {1}


def test_all_identical_is_one_person(resolve: Resolve, tmp_path: Path) -> None:
    everyone = [ada(str(number)) for number in range(1_000)]
    resolved = resolve(snapshot(tmp_path / "s", everyone))
    assert [row["record_count"] for row in rows(resolved, "person")] == [1_000]


def test_all_missing_is_nobody_twice(resolve: Resolve, tmp_path: Path) -> None:
    resolved = resolve(snapshot(tmp_path / "s", [record(str(n)) for n in range(500)]))
    assert len(rows(resolved, "person")) == 500


@pytest.mark.slow
def test_twenty_thousand_with_a_default_date_are_not_linked_by_it(
    resolve: Resolve, tmp_path: Path
) -> None:
    chance = random.Random(1)
    syllables = ["ka", "lo", "mi", "ren", "ta", "vor", "sel", "du", "pa", "nix", "bro", "zan"]

    def name() -> str:
        return "".join(chance.choices(syllables, k=3)).title()

    everyone = [
        record(str(number), given_name=name(), family_name=name(), birth_date="1900-01-01")
        for number in range(20_000)
    ]
    resolved = resolve(snapshot(tmp_path / "s", everyone))
    assert len(rows(resolved, "person")) > 19_900


def town(count: int, seed: int) -> tuple[list[Row], list[Row]]:
    """People in households, each known to a few systems with a fault here and there."""
    chance = random.Random(seed)
    records, stays = [], []
    for number in range(count):
        given = chance.choice(["Ada", "Tom", "Mary", "Amir", "Zoe", "Lee", "Owen"])
        family = chance.choice(["Shaw", "Reed", "Khan", "Price", "Obi"])
        born = f"{chance.randint(1940, 2020)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        for source in chance.sample(["police/niche", "nhs/pds", "housing/northgate"], 2):
            row = record(
                f"{source}{number}",
                source,
                given_name=given[: chance.choice([1, 9, 9, 9])],
                family_name=family,
                birth_date=born if chance.random() < 0.9 else None,
            )
            records.append(row)
            stays.append(lives(row, f"{number % 7 + 1} Alder Road", "WS1 1AA"))
    return records, stays


def content(resolved: Resolved) -> dict[str, list[Row]]:
    return {name: rows(resolved, name) for name in RESOLVED_TABLES}


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1_000))
def test_the_order_of_rows_does_not_show(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("order")
    records, stays = town(40, seed)
    mixed = random.Random(seed + 1)
    found = []
    for name in ("a", "b"):
        with Register(f"sqlite:///{folder / name}.sqlite") as register:
            register.upgrade()
            with register.session() as session:
                resolved = resolution.resolve(
                    snapshot(folder / name, records, stays),
                    session=session,
                    keys=KEYS,
                    geography=None,
                    out_folder=folder / f"out-{name}",
                    clock=clock,
                )
        found.append(content(resolved))
        mixed.shuffle(records)
        mixed.shuffle(stays)
    assert found[0] == found[1]


def test_the_same_snapshot_again_changes_nothing(
    resolve: Resolve, register: Register, tmp_path: Path
) -> None:
    given = snapshot(tmp_path / "s", *town(40, 1))
    first, second = resolve(given), resolve(given)
    assert content(first) == content(second)
    with register.session() as session:
        last = runs.last_run(session, runs.RESOLUTION)
    assert last is not None
    assert last.counts["identities"] == {"person": {}, "address": {}}


def test_the_run_tells_what_each_rule_gave(
    resolve: Resolve, register: Register, tmp_path: Path
) -> None:
    resolved = resolve(snapshot(tmp_path / "s", [ada("1"), ada("2", "nhs/pds")]))
    with register.session() as session:
        last = runs.last_run(session, runs.RESOLUTION)
    assert last is not None
    assert last.run_id == resolved.run_id
    decided = {row["name"]: row["decided"] for row in last.counts["rules"]}
    assert decided["full-name-birth-date"] == 1
    assert sum(decided.values()) == 1
    assert last.counts["rows"]["person"] == 1


def test_ids_last_over_merge_and_unmerge(
    resolve: Resolve, register: Register, tmp_path: Path
) -> None:
    a, b = ada("1"), ada("2", "nhs/pds", given_name="Mary")
    given = snapshot(tmp_path / "s", [a, b])
    before = people(resolve(given))
    assert before[a["record_id"]] != before[b["record_id"]]

    def judge(verdict: str) -> None:
        with register.session() as session:
            add_judgement(session, a["record_id"], b["record_id"], verdict, "u_a", NOW)
            session.commit()

    judge("same")
    merged = people(resolve(given))
    assert len(set(merged.values())) == 1
    assert set(merged.values()) <= set(before.values())
    judge("different")
    assert people(resolve(given)) == before
    with register.session() as session:
        assert assignments(session, "person") == before


def test_the_larger_part_keeps_the_id(resolve: Resolve, register: Register, tmp_path: Path) -> None:
    crowd = [ada(str(number), "police/niche") for number in range(3)]
    lone = ada("9", "nhs/pds", given_name="Mary")
    given = snapshot(tmp_path / "s", [*crowd, lone])
    before = people(resolve(given))
    with register.session() as session:
        for row in crowd:
            add_judgement(session, row["record_id"], lone["record_id"], "same", "u_a", NOW)
        session.commit()
    after = people(resolve(given))
    assert set(after.values()) == {before[crowd[0]["record_id"]]}


def test_a_new_record_joins_and_keeps_everybodys_id(resolve: Resolve, tmp_path: Path) -> None:
    records, stays = town(30, 3)
    before = people(resolve(snapshot(tmp_path / "a", records, stays)))
    late = ada("new", "nhs/pds", given_name="Zebedee", family_name="Quick")
    after = people(resolve(snapshot(tmp_path / "b", [*records, late], stays)))
    assert {key: after[key] for key in before} == before
    assert after[late["record_id"]] not in before.values()


def test_a_run_that_breaks_leaves_no_result_and_no_ledger(
    register: Register, tmp_path: Path
) -> None:
    given = snapshot(tmp_path / "s", [ada("1")])
    out = tmp_path / "out"

    def stop(stage: str, _done: int, _of: int) -> None:
        if stage == "writing results":
            raise KeyboardInterrupt

    with register.session() as session, pytest.raises(KeyboardInterrupt):
        resolution.resolve(
            given,
            session=session,
            keys=KEYS,
            geography=None,
            out_folder=out,
            clock=clock,
            progress=stop,
        )
    assert list(out.iterdir()) == []
    with register.session() as session:
        assert assignments(session, "person") == {}


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    for name in (".work-abc", ".x_1.building", "x_2"):
        (tmp_path / name).mkdir()
    resolution.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x_2"]


def test_every_stage_reports(resolve: Resolve, register: Register, tmp_path: Path) -> None:
    told: list[str] = []
    with register.session() as session:
        resolution.resolve(
            snapshot(tmp_path / "s", [ada("1")]),
            session=session,
            keys=KEYS,
            geography=None,
            out_folder=tmp_path / "out",
            clock=clock,
            progress=lambda stage, _done, _of: told.append(stage),
        )
    assert tuple(told) == (*resolution.STAGES, "done")


def test_a_started_run_is_finished_not_started_again(register: Register, tmp_path: Path) -> None:
    with register.session() as session:
        run_id = runs.start_run(session, runs.RESOLUTION, NOW)
        session.commit()
        resolution.resolve(
            snapshot(tmp_path / "s", [ada("1")]),
            session=session,
            keys=KEYS,
            geography=None,
            out_folder=tmp_path / "out",
            clock=clock,
            run_id=run_id,
        )
        session.commit()
        (only,) = runs.runs(session)
    assert (only.run_id, only.state) == (run_id, "done")


def test_people_alone_without_residences(resolve: Resolve, tmp_path: Path) -> None:
    a, b = ada("1", email="ada@example.org"), ada("2", birth_date=None, email="ada@example.org")
    given: Snapshot = snapshot(tmp_path / "s", [a, b])
    assert together(resolve(given), a, b)
