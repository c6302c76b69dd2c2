"""What a run says of itself: reliability, estimates, what was automatic, why pairs stay apart."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from governance import runs
from governance.judgements import add_judgement
from governance.register import Register
from records.snapshot import Resolved
from resolution.linking.labels import Judged
from resolution.linking.measured import LEAST_CONTROL, Decided, Measured, measure
from resolution.linking.settings import read_linking
from resolution.linking.trained import Trained
from resolution.questions import read_pool
from tests.resolution.builders import NOW, rows, snapshot
from tests.resolution.test_resolution_learning import County, county, opened, pairs_of

SETTINGS = read_linking()


def asked(same: list[bool], weight: float = 1.0, *, groups: bool = False) -> Judged:
    """Answers to control questions, or to chosen ones if they have no weight."""
    count = len(same)
    return Judged(
        left=np.arange(count),
        right=np.arange(count) + count,
        same=np.array(same),
        weight=np.full(count, weight),
        of_groups=np.full(count, groups),
        gone=0,
    )


def decided(p: list[float], *, compared: bool = True) -> Decided:
    flags = np.full(len(p), compared)
    return Decided(p=np.array(p), inside=np.zeros(len(p), dtype=bool), compared=flags)


def test_few_control_answers_leave_the_threshold_to_the_cost() -> None:
    count = LEAST_CONTROL - 1
    threshold, found = measure(
        decided([0.5] * count), asked([n % 2 > 0 for n in range(count)]), SETTINGS
    )
    assert (threshold, found.chosen_from) == (SETTINGS.threshold, 0)
    assert found.answers == count


def test_many_control_answers_move_it_where_the_model_promises_too_much() -> None:
    random = np.random.default_rng(0)
    p = random.random(600)
    same = random.random(600) < p**4  # far less likely than promised
    threshold, found = measure(decided(p.tolist()), asked(same.tolist()), SETTINGS)
    assert threshold > SETTINGS.threshold + 0.03
    assert found.chosen_from == 600


def test_chosen_questions_tell_nothing_of_all_pairs() -> None:
    chosen = asked([False] * 300 + [True] * 300, weight=0.0)
    nothing = decided([])
    assert measure(nothing, chosen, SETTINGS) == (SETTINGS.threshold, Measured())


def test_pairs_that_no_threshold_decides_do_not_choose_it() -> None:
    p, same = [0.9] * 50 + [0.1] * 50, [True] * 50 + [False] * 50
    threshold, found = measure(decided(p, compared=False), asked(same), SETTINGS)
    assert (threshold, found.chosen_from) == (SETTINGS.threshold, 0)
    assert found.estimate is not None
    assert (found.estimate.precision, found.estimate.recall) == (None, 0.0)


def test_an_estimate_is_of_pairs_of_records_alone() -> None:
    groups = asked([True] * 60, groups=True)
    assert measure(decided([0.9] * 60), groups, SETTINGS)[1].estimate is None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A county resolved, its control questions and some others answered, resolved again."""
    folder = tmp_path_factory.mktemp("county")
    records, stays, person = county(11)
    made = County(snapshot(folder / "s", records, stays), records, person, folder)
    for register in opened(folder):
        before, _ = made.resolve(register)
        answer(register, before, person)
        after, trained = made.resolve(register)
        with register.session() as session:
            run = runs.last_run(session, runs.RESOLUTION)
        assert run is not None
        yield made, after, trained, run.counts


def answer(register: Register, resolved: Resolved, person: dict[str, int]) -> None:
    with register.session() as session:
        for form in ("records", "clusters"):
            pool = read_pool(resolved.folder / "questions", form)
            for place in np.flatnonzero(pool.control).tolist():
                a, b = pool.record_a[place], pool.record_b[place]
                verdict = "same" if person[a] == person[b] else "different"
                question = {"control": True, "weight": float(pool.weight[place])}
                add_judgement(session, a, b, verdict, "u_1", NOW, form=form, question=question)
        session.commit()


def test_tables_of_promises_come_from_labels_that_were_held_out(told: Any) -> None:
    counts = told[3]
    tables = {(table["of"], table["by"]): table["bins"] for table in counts["reliability"]}
    assert {("records", "identifiers"), ("decisions", "control")} <= set(tables)
    for bins in tables.values():
        for each in bins:
            assert each["low"] <= each["promised"] <= each["high"]
            assert each["found_low"] <= each["found"] <= each["found_high"]
    by_identifiers = tables["records", "identifiers"]
    likely = [each for each in by_identifiers if each["labels"] >= 30 and each["promised"] > 0.9]
    assert likely
    assert all(each["found"] > 0.8 for each in likely)


def test_the_estimate_holds_the_truth(told: Any) -> None:
    made, resolved, trained, counts = told
    found = pairs_of(resolved)
    both: dict[int, set[str]] = {}
    for record_id, person_id in found.items():
        both.setdefault(made.person[record_id], set()).add(person_id)
    recall = sum(len(people) == 1 for people in both.values()) / len(both)
    estimate = counts["estimate"]
    assert estimate["labels"] > 100
    assert estimate["recall_low"] - 0.03 <= recall <= estimate["recall_high"] + 0.03
    assert estimate["precision"] > 0.9
    assert counts["model"]["control_answers"] >= estimate["labels"]
    assert trained.measured.estimate is not None


def test_what_was_automatic_is_counted_record_by_record(told: Any) -> None:
    _, resolved, _, counts = told
    automatic = counts["automatic"]
    joined = automatic["joined"]
    assert sum(joined.values()) + automatic["alone"] == counts["records"]
    assert automatic["share"] == pytest.approx(1 - joined["steward"] / sum(joined.values()))
    assert joined["steward"] > 0
    assert automatic["pairs_left"] == len(rows(resolved, "possible_pair"))
    assert automatic["refused"] <= automatic["pairs_left"]


def test_what_was_measured_is_stored_with_the_model(told: Any) -> None:
    trained: Trained = told[2]
    again = Trained.from_json(json.loads(json.dumps(trained.to_json())))
    assert again.measured == trained.measured
    assert again.pair.reliability == trained.pair.reliability
    assert again.version == trained.version


def test_a_pair_that_was_not_joined_says_what_spoke_for_and_against(told: Any) -> None:
    _, resolved, trained, _ = told
    pairs = rows(resolved, "possible_pair")
    assert pairs
    for row in pairs:
        entry = json.loads(row["evidence"])
        assert entry["by"] == f"model:{trained.version}"
        p = min(max(entry["probability"], 1e-6), 1 - 1e-6)
        total = sum(value for _, value in entry["reasons"])
        if 1e-4 < p < 1 - 1e-4:
            assert math.isclose(total, math.log(p / (1 - p)), abs_tol=0.05)
    assert any("against it" in json.loads(row["evidence"])["words"] for row in pairs)


def test_rules_alone_leave_no_figures(tmp_path: Path) -> None:
    records, stays, person = county(3)
    few = records[:12]
    ids = {row["record_id"] for row in few}
    some = [row for row in stays if row["record_id"] in ids]
    made = County(snapshot(tmp_path / "s", few, some), few, person, tmp_path)
    for register in opened(tmp_path):
        resolved, _ = made.resolve(register)
        with register.session() as session:
            run = runs.last_run(session, runs.RESOLUTION)
        assert run is not None
        assert (run.counts["reliability"], run.counts["estimate"]) == ([], None)
        assert all(row["evidence"] == "{}" for row in rows(resolved, "possible_pair"))
