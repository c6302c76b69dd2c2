"""How good a resolution is, against a file that knows the truth.

Invariant: records are judged only if both the truth and the snapshot have them; what one of
them lacks is counted and said, never guessed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from records.snapshot import Resolved, Snapshot
from resolution.errors import TruthError

COLUMNS = ("agency", "system", "source_key", "person")


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Agreement of two partitions of the same things.

    Attributes:
        precision: share of the pairs put together that belong together.
        recall: share of the pairs that belong together that were put together.
        f1: their harmonic mean; B-cubed and exact-cluster figures likewise.
    """

    records: int
    clusters: int
    true_clusters: int
    true_pairs: int
    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    cluster_f1: float


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A resolution judged: its people, and its households if their truth is given."""

    people: Scores
    households: Scores | None
    not_in_truth: int
    not_loaded: int

    def table(self) -> list[tuple[str, str, str]]:
        """Rows to print: what, people, households."""
        people = asdict(self.people)
        households = asdict(self.households) if self.households else {}
        rows = [
            (_WORDS[name], _shown(value), _shown(households.get(name)))
            for name, value in people.items()
        ]
        rows.append(("records that the truth does not name", str(self.not_in_truth), ""))
        rows.append(("records of the truth that are not loaded", str(self.not_loaded), ""))
        return rows

    def as_json(self) -> dict[str, Any]:
        """The same as plain values, for a program."""
        return asdict(self)


_WORDS = {
    "records": "records judged",
    "clusters": "clusters made",
    "true_clusters": "clusters in truth",
    "true_pairs": "pairs in truth",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "bcubed_precision": "B-cubed precision",
    "bcubed_recall": "B-cubed recall",
    "bcubed_f1": "B-cubed F1",
    "cluster_f1": "exact-cluster F1",
}


def _shown(value: float | int | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}"


def score(true: Iterable[object], made: Iterable[object]) -> Scores:
    """Compare two partitions, given as one label per thing, in the same order."""
    truth = pd.factorize(np.asarray(list(true), dtype=object))[0].astype(np.int64)
    found = pd.factorize(np.asarray(list(made), dtype=object))[0].astype(np.int64)
    cells, where, cell_sizes = np.unique(
        truth * (found.max(initial=0) + 1) + found, return_inverse=True, return_counts=True
    )
    true_sizes, found_sizes = np.bincount(truth), np.bincount(found)
    both, in_truth, in_found = _pairs(cell_sizes), _pairs(true_sizes), _pairs(found_sizes)
    precision = both / in_found if in_found else 1.0
    recall = both / in_truth if in_truth else 1.0
    own = cell_sizes[where]
    bcubed = (
        _mean(own / found_sizes[found]) if len(found) else 1.0,
        _mean(own / true_sizes[truth]) if len(truth) else 1.0,
    )
    first = np.unique(where, return_index=True)[1]
    exact = int(
        ((cell_sizes == true_sizes[truth[first]]) & (cell_sizes == found_sizes[found[first]])).sum()
    )
    clusters = len(true_sizes) + len(found_sizes)
    assert len(cells) == len(first)
    return Scores(
        records=len(truth),
        clusters=len(found_sizes),
        true_clusters=len(true_sizes),
        true_pairs=in_truth,
        precision=precision,
        recall=recall,
        f1=_harmonic(precision, recall),
        bcubed_precision=bcubed[0],
        bcubed_recall=bcubed[1],
        bcubed_f1=_harmonic(*bcubed),
        cluster_f1=2 * exact / clusters if clusters else 1.0,
    )


def _pairs(sizes: npt.NDArray[np.int64]) -> int:
    return int((sizes.astype(np.int64) * (sizes.astype(np.int64) - 1) // 2).sum())


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean())


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def read_truth(path: Path, columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
    """Read a truth file.

    Raises:
        TruthError: naming every fault: columns that are missing, lines that lack a value, lines
            that are there twice. Values are never repeated in the message.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"the truth file cannot be read: {type(error).__name__}") from error
    faults = _truth_faults(rows, columns)
    if faults:
        raise TruthError("the truth file cannot be used: " + "; ".join(faults))
    return pd.DataFrame(rows, dtype=object)


def _truth_faults(rows: list[dict[str, str]], columns: Sequence[str]) -> list[str]:
    if not rows:
        return ["it has no rows"]
    missing = [name for name in columns if name not in rows[0]]
    if missing:
        return [f"it has no column '{name}'" for name in missing]
    faults = []
    blank = [line for line, row in enumerate(rows, 2) if not all(row[name] for name in columns)]
    if blank:
        faults.append(f"values are missing in {_lines(blank)}")
    seen: dict[tuple[str, ...], int] = {}
    twice = []
    for line, row in enumerate(rows, 2):
        key = tuple(row[name] or "" for name in columns[:-1])
        if seen.setdefault(key, line) != line:
            twice.append(line)
    if twice:
        faults.append(f"a record is there twice in {_lines(twice)}")
    return faults


def _lines(lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:5])
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"


def evaluate(truth_csv: Path, resolved: Resolved, snapshot: Snapshot) -> Evaluation:
    """Judge a resolution against a truth file (agency, system, source_key, person).

    Raises:
        TruthError: if the file cannot be used, or names none of the records.
    """
    truth = read_truth(truth_csv)
    linked = _linked(resolved, snapshot)
    both = linked.merge(truth, on=["agency", "system", "source_key"], how="inner")
    if both.empty:
        raise TruthError("the truth file names none of the records that were resolved")
    people = score(both["person"], both["person_id"])
    return Evaluation(
        people=people,
        households=None,
        not_in_truth=len(linked) - len(both),
        not_loaded=len(truth) - len(both),
    )


def _linked(resolved: Resolved, snapshot: Snapshot) -> pd.DataFrame:
    links = resolved.read("link", ["record_id", "person_id"]).to_pandas()
    columns = ["record_id", "agency", "dataset", "source_key"]
    records = snapshot.read("record", columns).to_pandas()
    linked: pd.DataFrame = links.merge(records.rename(columns={"dataset": "system"}))
    return linked


def as_json_text(evaluation: Evaluation) -> str:
    """The evaluation as a JSON document."""
    return json.dumps(evaluation.as_json(), indent=2)
