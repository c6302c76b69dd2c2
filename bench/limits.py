"""Where the limit of linking lies: what each stage could reach if it knew the truth.

    .venv/bin/python -m bench.limits [--data NAME ...] [--json OUT] [--markdown PAGE]
        [--cache DIR] [--area-seed 1]

The product's own candidate pairs, comparisons and clusters, with scores learned from *all* true
labels instead of a steward's few hundred. Every pair is scored by a model that learned from other
people, so that what is found is a bound on learning and not a memory of the answers.

Invariant: nothing here is part of the product; the truth never leaves this module.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console

import areas
import loaders
from bench import limits_report
from bench.data import KEY, NAMES, Prepared, prepare, read_truth
from bench.folds import Folds, Vectors
from bench.kith_pipeline import home as bench_home
from kith import pipeline
from kith.cli.options import settings_for
from kith.home import BLANK, Home
from resolution import prepare as preparing
from resolution.addresses import resolve_addresses
from resolution.clusters import Constraints, Scored, cluster, components, unscored_inside
from resolution.linking import second_pass
from resolution.linking.scorer import probability
from resolution.matched import Matching
from resolution.matching import match_records
from resolution.rules import read_ladder
from resolution.scores import Scores, score
from resolution.vectors import features
from resolution.whereabouts import find_whereabouts

FAMILIES = {
    "names": (*features.NAMES, *features.WORDS, *features.TOGETHER),
    "dates of birth": (*features.BIRTHS, *features.TOGETHER),
    "identifiers, telephone, e-mail, sex": features.IDENTIFIERS,
    "places": (*features.PLACES, *features.TOGETHER),
    "place of birth, occupation": features.OTHERS,
}
_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_CLOSED_AT, _STRICT, _SURE = 0.3, 0.8, 0.9
_COMPANY = ("companions", "companions_likely", "companion_likeliest", "acquaintances")

Index = npt.NDArray[np.int64]
Odds = npt.NDArray[np.float64]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", action="append", choices=NAMES, help="again for more; all")
    parser.add_argument("--json", type=Path, metavar="OUT", help="every figure; others' stay")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="between its marks")
    parser.add_argument("--area-seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "kith-bench")
    given = parser.parse_args()
    results: dict[str, Any] = {}
    if given.json and given.json.exists():
        results = json.loads(given.json.read_text(encoding="utf-8"))
    console = Console()
    for name in given.data or NAMES:
        results[name] = measure(prepare(name, given.cache, given.area_seed))
        console.print(limits_report.table({name: results[name]}))
        if given.json:
            given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if given.markdown:
        limits_report.into(given.markdown, results)


def measure(prepared: Prepared) -> dict[str, Any]:
    """Blocking recall, bounds and ablation of one data set."""
    with _workspace(prepared) as con:
        truth = _people(con, prepared)
        matching = match_records(con, read_ladder(), [])
        limits = Limits(con, matching, truth)
        found: dict[str, Any] = {
            "records": len(truth),
            "candidate_pairs": matching.pairs,
            "blocking_recall": limits.blocking_recall(),
            "steps": {"no labels": _shown(score(truth, matching.labels))},
        }
        found["steps"] |= limits.steps()
        return found


class Limits:
    """The stages of linking with scores that all true labels taught."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, matching: Matching, truth: npt.NDArray[np.int64]
    ) -> None:
        self.con, self.truth = con, truth
        self.vectors = matching.candidates.vectors
        self.number = matching.candidates.comparer.nhs_number.codes
        pairs = matching.candidates.pairs
        self.left, self.right = pairs.left, pairs.right
        self.parted = matching.candidates.life.apart

    def blocking_recall(self) -> float:
        """Share of the true pairs that are candidate pairs."""
        sizes = np.bincount(self.truth)
        of = int((sizes * (sizes - 1) // 2).sum())
        return float((self.truth[self.left] == self.truth[self.right]).sum() / max(of, 1))

    def steps(self) -> dict[str, Any]:
        """Each bound by name: the best over the thresholds, as its scores."""
        whole = self.vectors(self.left, self.right)
        found = {"pairs alone": self._best_of_pairs(self._taught(whole), whole)}
        for words, family in FAMILIES.items():
            places = [self.vectors.names.index(f.name) for f in family if self._has(f.name)]
            if places:
                less = whole.copy()
                less[:, places] = 0.0
                folds = self._taught(less, places)
                found[f"pairs alone, without {words}"] = self._best_of_pairs(folds, less)
        folds = self._taught(whole)
        scored = self._scored(folds, whole)
        found["both stages"] = self._both(folds, scored, ())
        found["both stages, without companions"] = self._both(folds, scored, _COMPANY)
        return found

    def _has(self, name: str) -> bool:
        return name in self.vectors.names

    def _taught(self, rows: Vectors, without: list[int] | None = None) -> Folds:
        same = self.truth[self.left] == self.truth[self.right]
        return Folds.fit(
            rows,
            same,
            self.truth[self.left],
            self.truth[self.right],
            names=self.vectors.names,
            directions=self.vectors.directions,
            without=without or [],
        )

    def _scored(self, folds: Folds, rows: Vectors) -> Scored:
        """Candidate pairs, and those that blocking missed inside components."""
        odds = folds.log_odds(rows, self.truth[self.left])
        first = self._as_scored(self.left, self.right, probability(odds))
        strong = first.probability >= _CLOSED_AT
        rough = components(len(self.truth), self.left[strong], self.right[strong])
        left, right = unscored_inside(rough, first)
        more = folds.log_odds(self.vectors(left, right), self.truth[left])
        return self._as_scored(
            np.concatenate([self.left, left]),
            np.concatenate([self.right, right]),
            np.concatenate([first.probability, probability(more)]),
        )

    def _as_scored(self, left: Index, right: Index, p: Odds) -> Scored:
        return Scored(left=left, right=right, probability=p, parted=self.parted(left, right))

    def _best_of_pairs(self, folds: Folds, rows: Vectors) -> dict[str, float]:
        scored = self._scored(folds, rows)
        return self._best(self._clustered(scored, at) for at in _THRESHOLDS)

    def _clustered(self, scored: Scored, at: float) -> Index:
        constraints = Constraints(number=self.number)
        return cluster(scored, constraints, link_at=at, mean_support=at, missing=0.0).labels

    def _both(self, folds: Folds, scored: Scored, without: tuple[str, ...]) -> dict[str, float]:
        """Strict clusters, then two rounds over pairs of clusters."""

        def of_records(left: Index, right: Index) -> tuple[Vectors, Odds]:
            rows = self.vectors(left, right)
            return rows, probability(folds.log_odds(rows, self.truth[left]))

        labels, taught = self._clustered(scored, _STRICT), None
        constraints = Constraints(number=self.number)
        for last in (False, True):
            compared = second_pass.compare_clusters(
                self.con, labels, scored, of_records, self.vectors.names, self.vectors.directions
            )
            names = compared.vectors.names
            places = [names.index(name) for name in without if name in names]
            compared.rows[:, places] = 0.0
            person = _mostly(compared.clusters, self.truth)
            a, b = person[compared.left], person[compared.right]
            taught = taught or Folds.fit(
                compared.rows,
                a == b,
                a,
                b,
                names=names,
                directions=compared.vectors.directions,
                without=places,
            )
            p = probability(taught.log_odds(compared.rows, a))
            if not last:
                labels = second_pass.join(compared, p, constraints, _SURE)[0]
        return self._best(second_pass.join(compared, p, constraints, at)[0] for at in _THRESHOLDS)

    def _best(self, partitions: Iterator[Index]) -> dict[str, float]:
        found = [score(self.truth, labels) for labels in partitions]
        return _shown(max(found, key=lambda each: each.f1))


def _mostly(clusters: Index, truth: Index) -> Index:
    """The person that most records of each cluster are."""
    counts = pd.DataFrame({"c": clusters, "t": truth}).value_counts().reset_index()
    most = counts.drop_duplicates("c").set_index("c")["t"]
    return most.sort_index().to_numpy(dtype=np.int64)


def _shown(scores: Scores) -> dict[str, float]:
    whole = asdict(scores)
    return {name: whole[name] for name in ("precision", "recall", "f1")}


@contextmanager
def _workspace(prepared: Prepared) -> Iterator[duckdb.DuckDBPyConnection]:
    """The data loaded into a home of their own and prepared as a run prepares them."""
    with bench_home(prepared) as mine:
        mine.init()
        mine.load()
        opened = Home.open(settings_for(mine.folder, port=None))
        try:
            snapshot = loaders.take_snapshot(pipeline.load_context(opened))
            geography = areas.geography(opened.area) if opened.area != BLANK else None
        finally:
            opened.close()
        with preparing.open_workspace() as con:
            preparing.prepare(con, snapshot)
            resolve_addresses(con, snapshot, geography)
            find_whereabouts(con, snapshot)
            yield con


def _people(con: duckdb.DuckDBPyConnection, prepared: Prepared) -> Index:
    """Who each record is, as a number, by record number; who the truth does not name is alone."""
    records = con.execute(
        "select rid, agency, dataset as system, source_key from numbered order by rid"
    ).df()
    named = records.merge(read_truth(prepared), on=KEY, how="left").sort_values("rid")
    alone = "alone " + named["rid"].astype(str)
    return np.asarray(pd.factorize(named["person"].fillna(alone))[0], dtype=np.int64)


if __name__ == "__main__":
    main()
