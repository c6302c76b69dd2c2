"""dedupe's own pipeline as a contestant: its learner, its blocking, its scoring, its clusters.

    python -m bench.dedupe_pipeline DATA --cache DIR --out FILE [--seed N] [--budget N] [--errors E]

Invariant: nothing of Kith's is in it but the steward, who answers from the truth, wrongly at the
given rate. OUT is written anew at each stage, so a pipeline that is stopped says how far it came.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import warnings
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dedupe
import numpy as np
import pandas as pd
from dedupe import variables

from bench.data import NAMES, prepare
from bench.frames import frame
from resolution.scores import score

_CORES = 2
_THRESHOLDS = (0.5, 0.2, 0.35, 0.65, 0.8, 0.9)
"""The first is dedupe's own default."""

_TEXT = variables.String
_SHORT = variables.ShortString
_EXACT = variables.Exact

_FIELDS: dict[str, dict[str, Any]] = {
    "fake1000": {
        "first_name": _TEXT,
        "surname": _TEXT,
        "dob": _SHORT,
        "city": _TEXT,
        "email": _TEXT,
    },
    "febrl3": {
        "given_name": _TEXT,
        "surname": _TEXT,
        "address_1": _TEXT,
        "postcode": _SHORT,
        "soc_sec_id": _SHORT,
        "dob": _SHORT,
    },
    "hist50k": {
        "full_name": _TEXT,
        "first_name": _TEXT,
        "surname": _TEXT,
        "dob": _SHORT,
        "birth_place": _TEXT,
        "postcode": _SHORT,
        "occupation": _EXACT,
    },
    "senzing": {
        "given": _TEXT,
        "family": _TEXT,
        "dob": _SHORT,
        "phone": _EXACT,
        "email": _TEXT,
        "address": _TEXT,
        "passport": _EXACT,
        "drivers": _EXACT,
        "ssn": _EXACT,
        "national": _EXACT,
    },
    "vip": {
        "given": _TEXT,
        "family": _TEXT,
        "birth": _SHORT,
        "sex": _EXACT,
        "nhs": _SHORT,
        "postcode": _SHORT,
        "street": _TEXT,
        "number": _SHORT,
        "phone": _EXACT,
    },
}


def _tamed(column: str, text: str | None) -> str | None:
    """A value that dedupe's learner can hold in memory.

    A date with hyphens is three short numbers to it, blocks of thousands by the day of the month;
    of whole numbers it makes one block for each number of digits, all records in one.
    """
    if text and column in {"dob", "birth"}:
        text = text.replace("-", "")
    return f"n{text}" if text and text.isdigit() else text


class Pipeline:
    """One run over one data set."""

    def __init__(self, name: str, people: pd.DataFrame, out: Path, seed: int) -> None:
        random.seed(seed)
        np.random.seed(seed)
        self.people, self.out = people, out
        self.errors = random.Random(seed + 1)
        fields = _FIELDS[name]
        columns = people[list(fields)].astype(object)
        plain = columns.where(columns.notna(), None)
        self.data: Any = dict(enumerate(plain.to_dict("records")))
        for record in self.data.values():
            for column, text in record.items():
                record[column] = _tamed(column, text)
        self.person = people["person"].tolist()
        made = [kind(column, has_missing=True) for column, kind in fields.items()]
        self.deduper = dedupe.Dedupe(made, num_cores=_CORES)
        self.found: dict[str, Any] = {"stages": {}, "labels": 0, "finished": False}
        self.begun = time.perf_counter()

    def run(self, budget: int, errors: float) -> None:
        self.deduper.prepare_training(self.data)
        self._done("prepare")
        self._label(budget, errors)
        self._done("label")
        self.deduper.train()
        self._done("train")
        pairs = self.deduper.pairs(self.data)
        scores = self.deduper.score(pairs)
        self.found["pairs"] = len(scores)
        self._done("score")
        clusters = list(self.deduper.cluster(scores, threshold=_THRESHOLDS[0]))
        self._done("cluster")
        self.found["finished"] = True
        self.found["linking_seconds"] = round(sum(self.found["stages"].values()), 3)
        tried = {_THRESHOLDS[0]: asdict(self._judge(clusters))}
        for threshold in _THRESHOLDS[1:]:
            tried[threshold] = asdict(
                self._judge(self.deduper.cluster(scores, threshold=threshold))
            )
        best = max(tried, key=lambda threshold: tried[threshold]["f1"])
        self.found |= {"scores": tried[best], "threshold": best}
        self.found["f1_at_default"] = tried[_THRESHOLDS[0]]["f1"]
        self._write()

    def _label(self, budget: int, errors: float) -> None:
        """Answer what it asks, from the truth; records are known by their own objects."""
        place = {id(record): number for number, record in self.data.items()}
        for _ in range(budget):
            asked = self.deduper.uncertain_pairs()
            if not asked:
                return
            for left, right in asked:
                same = self._same(place, left, right)
                if self.errors.random() < errors:
                    same = not same
                answer: Any = {"match": [], "distinct": []}
                answer["match" if same else "distinct"].append((left, right))
                self.deduper.mark_pairs(answer)
                self.found["labels"] += 1
            self._write()

    def _same(self, place: dict[int, int], left: Any, right: Any) -> bool:
        one, other = place[id(left)], place[id(right)]
        return bool(self.person[one] == self.person[other])

    def _judge(self, clusters: Iterable[Any]) -> Any:
        made = np.arange(len(self.people)) + len(self.people)
        for number, (records, _) in enumerate(clusters):
            made[list(records)] = number
        return score(self.person, made)

    def _done(self, stage: str) -> None:
        taken = time.perf_counter() - self.begun - sum(self.found["stages"].values())
        self.found["stages"][stage] = round(taken, 3)
        self._write()

    def _write(self) -> None:
        draft = self.out.with_suffix(".draft")
        draft.write_text(json.dumps(self.found, indent=1), encoding="utf-8")
        draft.replace(self.out)


def main() -> None:
    """Run from the command line; the result is written as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=NAMES)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area-seed", type=int, default=1)
    parser.add_argument("--budget", type=int, default=400)
    parser.add_argument("--errors", type=float, default=0.0)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    people = frame(prepare(given.data, given.cache, given.area_seed))
    Pipeline(given.data, people, given.out, given.seed).run(given.budget, given.errors)


if __name__ == "__main__":
    main()
