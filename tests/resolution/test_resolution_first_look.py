"""Questions before the first run: which pairs a first look finds, and what they stand for."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from records.snapshot import Snapshot
from resolution import first_look as module
from resolution.first_look import first_look
from resolution.linking.settings import read_linking
from resolution.questions import Pool
from tests.resolution.builders import Row, lives, record, snapshot
from tests.resolution.test_resolution_learning import county


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, dict[str, int]]:
    """A thousand records of five hundred people."""
    folder = tmp_path_factory.mktemp("look")
    records, stays, person = county(11)
    return snapshot(folder / "s", records, stays), person


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of a thousand records are looked at in part."""
    monkeypatch.setattr(module, "_WHOLE", 100)
    monkeypatch.setattr(module, "SEEDS", 150)


def looked(given: Snapshot) -> Pool:
    found = first_look(given)
    assert found is not None
    return found


def same(pool: Pool, person: dict[str, int]) -> list[bool]:
    sides = zip(pool.record_a, pool.record_b, strict=True)
    return [person[a] == person[b] for a, b in sides]


def test_a_short_list_is_looked_at_whole(listed: tuple[Snapshot, dict[str, int]]) -> None:
    pool = looked(listed[0])
    assert pool.form == "records"
    assert len(pool) <= read_linking().questions
    assert {a < b for a, b in zip(pool.record_a, pool.record_b, strict=True)} <= {True, False}
    assert len({frozenset(p) for p in zip(pool.record_a, pool.record_b, strict=True)}) == len(pool)
    assert sum(same(pool, listed[1])) > 300


def test_a_sample_stands_for_the_whole_list(
    listed: tuple[Snapshot, dict[str, int]], sampled: None
) -> None:
    pool = looked(listed[0])
    found = same(pool, listed[1])
    assert 60 < sum(found) < 300  # of 500, with about 28 of 100 of the pairs
    stand_for = float(pool.weight[np.array(found)].sum())
    assert stand_for == pytest.approx(500, rel=0.35)


def test_likelier_pairs_are_likelier_the_same(listed: tuple[Snapshot, dict[str, int]]) -> None:
    pool = looked(listed[0])
    truth = np.array(same(pool, listed[1]))
    order = np.argsort(pool.prior)
    third = len(order) // 3
    assert truth[order[-third:]].mean() > 3 * truth[order[:third]].mean()


def test_the_same_snapshot_gives_the_same_questions(
    listed: tuple[Snapshot, dict[str, int]], sampled: None
) -> None:
    one, other = looked(listed[0]), looked(listed[0])
    assert (one.record_a, one.record_b) == (other.record_a, other.record_b)
    assert np.array_equal(one.vectors, other.vectors)
    assert np.array_equal(one.weight, other.weight)


def test_no_pair_of_it_is_drawn_to_estimate_from(listed: tuple[Snapshot, dict[str, int]]) -> None:
    assert not looked(listed[0]).control.any()


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_records_leave_nothing_to_ask(tmp_path: Path, count: int) -> None:
    rows = [record(str(n), given_name="Ada", family_name="Shaw") for n in range(count)]
    assert first_look(snapshot(tmp_path / "s", rows)) is None


def test_records_that_hold_nothing_leave_nothing_to_ask(tmp_path: Path) -> None:
    assert first_look(snapshot(tmp_path / "s", [record(str(n)) for n in range(30)])) is None


def test_a_crowd_on_one_date_is_bounded(tmp_path: Path, sampled: None) -> None:
    draw = random.Random(3)
    rows: list[Row] = [
        record(
            str(n),
            given_name="".join(draw.choices("abcdefghijklm", k=6)),
            family_name="".join(draw.choices("abcdefghijklm", k=7)),
            birth_date="1900-01-01",
        )
        for n in range(3_000)
    ]
    twin = dict(rows[0], source_key="twin", record_id=record("twin")["record_id"])
    stays = [lives(row, "1 Alder Road", "WS1 1AA") for row in (rows[0], twin)]
    found = first_look(snapshot(tmp_path / "s", [*rows, twin], stays))
    assert found is None or len(found) < 2_500
