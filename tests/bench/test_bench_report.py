"""The table is a function of the figures; a contestant without a result says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from bench import resolution
from bench.report import BEGIN, END, HEADINGS, KITH_WRONG, into, markdown, rows
from bench.thresholds import best_clusters, components


def _found(f1: float, **more: Any) -> dict[str, Any]:
    scores = dict.fromkeys(("precision", "recall", "bcubed_f1", "cluster_f1"), 0.5) | {"f1": f1}
    costs = {"linking_seconds": 2.0, "wall_seconds": 3.0, "cpu_seconds": 4.0, "peak_mb": 500.0}
    return {"scores": scores, "labels": 0, **costs, **more}


def _results() -> dict[str, Any]:
    labelled = [_found(f1, labels=400, linking_seconds=6.0) for f1 in (0.91, 0.99, 0.95)]
    kith = {"first": _found(0.9), "labelled": labelled}
    splink = _found(0.8, linking_seconds=4.0, stages={"rescore": 1.25})
    dedupe = {"ended": "time", "labels": 12, "stages": {"prepare": 1.0}, "wall_seconds": 300.1}
    return {"data": {"fake1000": {"kith": kith, "splink": splink, "dedupe": dedupe}}}


def test_the_middle_seed_and_the_ratio_to_splink_are_shown() -> None:
    shown = {row[1]: dict(zip(HEADINGS, row, strict=True)) for row in rows(_results())}
    assert shown["Kith, no labels"]["F1"] == "0.9000"
    assert shown["Kith, no labels"]["linking / Splink"] == "0.50"
    assert shown["Kith, median of 3"]["F1"] == "0.9500"
    assert shown["Kith, median of 3"]["labels"] == "400"
    assert shown["Kith, median of 3"]["linking / Splink"] == "1.50"
    assert shown["Splink, stored model"]["linking s"] == "1.2"


def test_one_that_was_stopped_has_no_score_and_says_why() -> None:
    row = next(row for row in rows(_results()) if row[1] == "dedupe 3")
    assert "stopped at its time" in row[5]
    assert row[HEADINGS.index("linking / Splink")] == ""
    assert row[HEADINGS.index("labels")] == "12"


def test_what_kith_measured_before_it_failed_is_kept() -> None:
    results = {"data": {"vip": {"kith": {"first": _found(0.9), "labelled": [], "error": "x"}}}}
    shown = {row[1]: row for row in rows(results)}
    assert shown["Kith, no labels"][5] == "0.9000"
    assert shown["Kith, further"][5] == "failed"


def test_every_line_of_the_manual_has_every_column() -> None:
    lines = markdown(_results()).splitlines()
    assert len(lines) == 2 + 5
    assert {line.count("|") for line in lines} == {len(HEADINGS) + 1}


def test_the_best_threshold_of_a_peer_is_found() -> None:
    people = pd.DataFrame({"person": ["a", "a", "b", "b", "c"]})
    pairs = pd.DataFrame(
        {
            "unique_id_l": [0, 2, 1],
            "unique_id_r": [1, 3, 4],
            "match_weight": [9.0, 6.0, 2.0],
        }
    )
    best = best_clusters(people, pairs)
    assert (best["f1"], best["blocked"]) == (1.0, 1.0)
    assert 2.0 < best["weight"] <= 6.0


def test_components_of_a_chain_are_one() -> None:
    left, right = pd.Series(range(9)).to_numpy(), pd.Series(range(1, 10)).to_numpy()
    assert set(components(10, left[::-1], right[::-1])) == {0}


def test_a_page_keeps_what_stands_around_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    into(page, _results())
    into(page, _results())
    text = page.read_text(encoding="utf-8")
    assert text == f"before\n{BEGIN}\n{markdown(_results())}{END}\nafter\n"


def test_the_manual_names_every_option_and_has_a_place_for_the_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for action in resolution.options()._actions:
        for name in action.option_strings:
            if name.startswith("--") and name != "--help":
                assert f"`{name}" in page, name
    assert page.count(BEGIN) == page.count(END) == 1


def test_wrong_answers_have_a_row_of_their_own() -> None:
    results = _results()
    wrong = {"labelled": [_found(0.88, labels=400)], "errors": 0.02}
    results["data"]["fake1000"][KITH_WRONG] = wrong
    shown = {row[1]: row for row in rows(results)}
    assert shown["Kith, 2% wrong answers, median of 1"][5] == "0.8800"
    assert shown["Kith, median of 3"][5] == "0.9500"
