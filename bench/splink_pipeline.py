"""Splink as a contestant: train, predict, cluster; then a second scoring with the stored model.

    python -m bench.splink_pipeline DATA --cache DIR --out FILE [--seed N]

Invariant: the truth chooses the threshold, which favours Splink, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from splink import Linker, block_on
from splink.backends.duckdb import DuckDBAPI

from bench.data import NAMES, prepare
from bench.frames import HIDDEN, frame
from bench.splink_models import MODELS, Model
from bench.thresholds import best_clusters
from resolution.scores import score

_LEAST = 0.005


def train(people: pd.DataFrame, model: Model, seed: int = 1) -> Any:
    """A linker whose parameters were estimated from the data."""
    api = DuckDBAPI()
    linker = Linker(api.register(people), model.settings(), log_level=40)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*columns) for columns in model.certain], recall=model.certain_recall
    )
    if model.rounds:
        linker.training.estimate_u_using_random_sampling(max_pairs=model.u_pairs, seed=seed)
    for columns in model.rounds:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), max_pairs=model.round_pairs
        )
    return linker


def link(name: str, people: pd.DataFrame, seed: int = 1) -> dict[str, Any]:
    """Train, predict and cluster, each timed; and score the clusters at the best threshold."""
    visible = people.drop(columns=[column for column in HIDDEN if column in people])
    clock = [time.perf_counter()]
    linker = train(visible, MODELS[name], seed)
    clock.append(time.perf_counter())
    predicted = linker.inference.predict(threshold_match_probability=_LEAST)
    clock.append(time.perf_counter())
    pairs = predicted.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]
    best = best_clusters(people, pairs)
    probability = float(1 / (1 + 2.0 ** -best["weight"]))
    begun = time.perf_counter()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=probability
    ).as_pandas_dataframe()
    clustering = time.perf_counter() - begun
    made = clusters.set_index("unique_id")["cluster_id"].reindex(people["unique_id"])
    seconds = {
        "train": clock[1] - clock[0],
        "predict": clock[2] - clock[1],
        "cluster": clustering,
        "rescore": _rescore(linker, visible, probability),
    }
    return {
        "scores": asdict(score(people["person"], made)),
        "pairs": len(pairs),
        "blocked": best["blocked"],
        "threshold": round(probability, 4),
        "stages": {key: round(value, 3) for key, value in seconds.items()},
        "linking_seconds": round(sum(seconds[key] for key in ("train", "predict", "cluster")), 3),
        "labels": 0,
    }


def _rescore(linker: Any, people: pd.DataFrame, probability: float) -> float:
    """Seconds to predict and cluster with the model as it was stored."""
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "model.json"
        linker.misc.save_model_to_json(str(stored), overwrite=True)
        begun = time.perf_counter()
        api = DuckDBAPI()
        again = Linker(api.register(people), str(stored), log_level=40)
        predicted = again.inference.predict(threshold_match_probability=_LEAST)
        again.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=probability
        )
        return time.perf_counter() - begun


def main() -> None:
    """Run from the command line; the result is written as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=NAMES)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area-seed", type=int, default=1)
    given = parser.parse_args()
    people = frame(prepare(given.data, given.cache, given.area_seed))
    np.random.seed(given.seed)
    found = link(given.data, people, given.seed)
    given.out.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
