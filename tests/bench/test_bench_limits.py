"""The bounds: nobody is scored by what their own records taught; the table tells the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import limits_report
from bench.data import prepare
from bench.folds import Folds, fold
from bench.limits import measure

COUNT = 400


def _pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    person, other = random.integers(0, 60, COUNT), random.integers(0, 60, COUNT)
    other[: COUNT // 2] = person[: COUNT // 2]
    same = person == other
    rows = np.column_stack([same, random.random(COUNT)]).astype(np.float32)
    return rows, same, person, other


def _fit(rows: np.ndarray, same: np.ndarray, person: np.ndarray, other: np.ndarray) -> Folds:
    directions = np.array([1, 0], dtype=np.int8)
    return Folds.fit(rows, same, person, other, names=["alike", "noise"], directions=directions)


def test_a_person_is_scored_by_what_other_people_taught() -> None:
    rows, same, person, other = _pairs()
    kept = _fit(rows, same, person, other).log_odds(rows, person)
    mine = fold(person) == 0
    turned = np.where(mine | (fold(other) == 0), ~same, same)
    again = _fit(rows, turned, person, other).log_odds(rows, person)
    assert np.array_equal(kept[mine], again[mine])
    assert not np.array_equal(kept[~mine], again[~mine])


def test_what_all_labels_teach_tells_the_pairs_apart() -> None:
    rows, same, person, other = _pairs()
    odds = _fit(rows, same, person, other).log_odds(rows, person)
    assert odds[same].min() > odds[~same].max()


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=50))
def test_a_person_is_in_one_fold(people: list[int]) -> None:
    numbers = np.array(people, dtype=np.int64)
    assert set(fold(numbers).tolist()) <= {0, 1, 2, 3, 4}
    assert np.array_equal(fold(numbers), fold(numbers.copy()))


def test_a_list_is_measured_step_by_step(tmp_path: Path) -> None:
    found = measure(prepare("senzing", tmp_path))
    assert 0.5 < found["blocking_recall"] <= 1
    steps = found["steps"]
    assert {"no labels", "pairs alone", "both stages", "both stages, without companions"} <= set(
        steps
    )
    assert any(name.startswith("pairs alone, without") for name in steps)
    assert steps["pairs alone"]["recall"] <= 1


def test_the_table_goes_between_the_marks(tmp_path: Path) -> None:
    scores = {"precision": 0.99, "recall": 0.9, "f1": 0.943}
    results = {
        "febrl3": {
            "records": 5000,
            "candidate_pairs": 77468,
            "blocking_recall": 0.9982,
            "steps": {"pairs alone": scores},
        }
    }
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- limits -->\nold\n<!-- end of limits -->\nafter\n")
    limits_report.into(page, results)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| febrl3 | 77,468 candidate pairs |  | 0.9982 |  |" in text
    assert "| febrl3 | pairs alone | 0.9900 | 0.9000 | 0.9430 |" in text


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here")
    with pytest.raises(ValueError, match="marks"):
        limits_report.into(page, {})
    assert page.read_text() == "nothing here"
