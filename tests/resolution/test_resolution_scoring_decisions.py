"""Thresholds and estimates."""

from __future__ import annotations

import numpy as np
import pytest

from resolution.scoring import choose_threshold, estimate


def test_calibrated_labels_leave_the_analytic_threshold() -> None:
    random = np.random.default_rng(0)
    for cost in (1.0, 3.0, 9.0):
        ideal = cost / (1 + cost)
        found = []
        for _ in range(20):
            p = random.random(300)
            found.append(
                choose_threshold(p, random.random(300) < p, None, cost_of_false_merge=cost)
            )
        assert np.median(found) == pytest.approx(ideal, abs=0.02)
        assert np.abs(np.array(found) - ideal).max() < 0.2


def test_a_few_odd_answers_move_it_little() -> None:
    p = np.array([0.1, 0.2, 0.9, 0.95])
    turned = np.array([True, True, False, False])
    assert abs(choose_threshold(p, turned, None, cost_of_false_merge=3) - 0.75) < 0.2
    none = np.zeros(0)
    assert choose_threshold(none, none > 0, None, cost_of_false_merge=4) == pytest.approx(0.8)


def test_overconfident_probabilities_raise_it() -> None:
    random = np.random.default_rng(1)
    p = random.random(4_000)
    same = random.random(4_000) < p**3  # half as likely as promised
    found = choose_threshold(p, same, None, cost_of_false_merge=1)
    assert 0.6 < found < 0.9


def test_weights_say_what_an_error_costs_the_whole_file() -> None:
    random = np.random.default_rng(2)
    p = random.random(4_000)
    same = random.random(4_000) < p
    weight = np.where(same, 1.0, 30.0)  # false ones stand for many
    assert choose_threshold(p, same, weight, cost_of_false_merge=1) > 0.75


@pytest.mark.parametrize("scheme", ["equal", "by stratum"])
def test_intervals_cover_the_truth(scheme: str) -> None:
    random = np.random.default_rng(3)
    count, sampled, rounds, threshold = 40_000, 400, 200, 0.7
    p = random.beta(0.3, 0.5, count)
    same = random.random(count) < p
    joined = p >= threshold
    precision, recall = same[joined].mean(), joined[same].mean()
    chance = np.ones(count) if scheme == "equal" else np.where(p > 0.3, 3.0, 1.0)
    chance /= chance.sum()
    covered = np.zeros(2)
    for _ in range(rounds):
        drawn = random.choice(count, sampled, p=chance)
        found = estimate(same[drawn], 1 / (chance[drawn] * sampled), p[drawn] >= threshold)
        covered += (
            found.precision_low <= precision <= found.precision_high,
            found.recall_low <= recall <= found.recall_high,
        )
    assert (covered >= 0.9 * rounds).all()


def test_an_estimate_without_labels_says_that_it_knows_nothing() -> None:
    none = np.zeros(0)
    found = estimate(none > 0, none, none > 0)
    assert (found.precision, found.precision_low, found.precision_high) == (None, 0.0, 1.0)
    assert (found.recall, found.recall_low, found.recall_high) == (None, 0.0, 1.0)


def test_ten_right_answers_are_no_proof_of_perfection() -> None:
    found = estimate(np.ones(10, dtype=bool), np.ones(10), np.ones(10, dtype=bool))
    assert found.precision == 1.0
    assert 0.6 < found.precision_low < 0.8


def test_one_heavy_miss_widens_the_interval() -> None:
    same, joined = np.ones(100, dtype=bool), np.ones(100, dtype=bool)
    joined[0] = False
    light = estimate(same, np.ones(100), joined)
    weight = np.ones(100)
    weight[0] = 50
    heavy = estimate(same, weight, joined)
    assert heavy.recall_high - heavy.recall_low > 3 * (light.recall_high - light.recall_low)
