"""How hard an area is for an expert Splink model.

    .venv/bin/python -m bench.hardness FOLDER [--make AREA] [--scale vip] [--seed N]

Loads the person files of FOLDER (made first with --make) with the mappings that ship, links them
with a Splink 5 model written by hand for these data and prints precision, recall and F1 over all
true pairs, for the pairs and for the clusters, at the best threshold. The truth is used for
nothing but the score.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pandas as pd

from areas import make_area
from bench.area_frame import read_all
from bench.frames import HIDDEN
from bench.splink_models import MODELS
from bench.splink_pipeline import train
from bench.thresholds import score_pairs


def train_and_predict(people: pd.DataFrame) -> pd.DataFrame:
    """Pairs with their match weight."""
    linker = train(people.drop(columns=HIDDEN), MODELS["vip"])
    predicted = linker.inference.predict(threshold_match_probability=0.005)
    pairs: pd.DataFrame = predicted.as_pandas_dataframe()
    return pairs[["unique_id_l", "unique_id_r", "match_weight"]]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--make", metavar="AREA", help="make this area first")
    parser.add_argument("--scale", choices=["demo", "vip"], default="demo")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.make:
        started = time.perf_counter()
        make_area(given.make, out=given.folder, scale=given.scale, seed=given.seed)
        print(f"made in {time.perf_counter() - started:.1f} s")
    people = read_all(given.folder)
    started = time.perf_counter()
    pairs = train_and_predict(people)
    seconds = round(time.perf_counter() - started, 1)
    print(json.dumps({**score_pairs(people, pairs), "seconds": seconds}, indent=1))


if __name__ == "__main__":
    main()
