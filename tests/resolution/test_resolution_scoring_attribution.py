"""What each feature adds is the same whether rows are explained together or one by one."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from resolution.scoring.attribution import contributions, questions_of
from resolution.scoring.boosting import Boosting

ROWS = 600


def drawn(seed: int) -> np.ndarray:
    """Vectors as they are: few values in some columns, many in others, zeros in all."""
    draw = np.random.default_rng(seed)
    steps = draw.integers(-1, 2, (ROWS, 3)) * 0.5
    return np.column_stack([steps, draw.normal(size=(ROWS, 3)).round(2)]).astype(np.float32)


def made(rows: np.ndarray) -> Boosting:
    same = rows[:, 0] + rows[:, 3] + 0.3 * rows[:, 5] > 0.2
    directions = np.array([1, 0, 0, 1, 0, 0], dtype=np.int8)
    return Boosting.fit(rows, same, np.ones(ROWS), directions, seed=3)


def test_rows_explained_together_are_as_rows_explained_alone() -> None:
    rows = drawn(1)
    boosting = made(rows)
    others = np.vstack([drawn(2), np.full((1, 6), np.nan), np.full((1, 6), np.inf)])
    others = others.astype(np.float32)
    found = boosting.contributions(others)
    alone = np.vstack([boosting.contributions(others[n : n + 1]) for n in range(len(others))])
    assert np.allclose(found, alone, rtol=0, atol=1e-9)
    assert np.allclose(found.sum(axis=1), boosting.log_odds(others), rtol=0, atol=1e-9)


def test_a_tree_that_asks_nothing_adds_to_the_start_alone() -> None:
    rows = drawn(1)
    data = lightgbm.Dataset(rows, label=np.arange(ROWS) % 2)
    trees = lightgbm.train(
        {"objective": "binary", "min_data_in_leaf": ROWS, "verbosity": -1}, data, 1
    )
    questions = questions_of(trees)
    assert questions is not None
    assert not len(questions[0].features)
    found = contributions(trees, questions, rows)
    assert np.allclose(found, trees.predict(rows, pred_contrib=True))


@pytest.mark.parametrize("missing", [True, False])
def test_trees_that_ask_for_what_is_missing_are_left_to_the_library(missing: bool) -> None:
    rows = drawn(1)
    rows[: ROWS // 3, 0] = np.nan
    data = lightgbm.Dataset(rows, label=np.isnan(rows[:, 0]) | (rows[:, 3] > 0))
    settings = {"objective": "binary", "verbosity": -1, "use_missing": missing}
    assert (questions_of(lightgbm.train(settings, data, 3)) is None) == missing
