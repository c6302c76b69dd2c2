"""How good a resolution is, against a file that knows the truth.

Invariant: records are judged only if both the truth and the snapshot have them; what one of
them lacks is counted and said, never guessed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from records.snapshot import Resolved, Snapshot
from resolution.errors import TruthError
from resolution.household_truth import judge_households
from resolution.scores import Scores, score
from resolution.truth import read_truth

COLUMNS = ("agency", "system", "source_key", "person")
HOUSEHOLDS_BESIDE = "truth_households.csv"


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


def evaluate(
    truth_csv: Path,
    resolved: Resolved,
    snapshot: Snapshot,
    *,
    households_csv: Path | None = None,
    on: dt.date | None = None,
) -> Evaluation:
    """Judge a resolution against a truth file (agency, system, source_key, person).

    Args:
        households_csv: who lives where (address, person, from, to); None: the file
            `truth_households.csv` beside the truth, if there is one.
        on: the day on which households are compared; None: the day of the run.

    Raises:
        TruthError: if a file cannot be used, or names none of the records.
    """
    truth = read_truth(truth_csv, COLUMNS, filled=COLUMNS, key=COLUMNS[:-1])
    linked = _linked(resolved, snapshot)
    both = linked.merge(truth, on=["agency", "system", "source_key"], how="inner")
    if both.empty:
        raise TruthError("the truth file names none of the records that were resolved")
    beside = truth_csv.with_name(HOUSEHOLDS_BESIDE)
    households = households_csv or (beside if beside.is_file() else None)
    day = on or linked["decided_on"].max()
    return Evaluation(
        people=score(both["person"], both["person_id"]),
        households=judge_households(households, resolved, both, day) if households else None,
        not_in_truth=len(linked) - len(both),
        not_loaded=len(truth) - len(both),
    )


def _linked(resolved: Resolved, snapshot: Snapshot) -> pd.DataFrame:
    links = resolved.read("link", ["record_id", "person_id", "decided_on"]).to_pandas()
    columns = ["record_id", "agency", "dataset", "source_key"]
    records = snapshot.read("record", columns).to_pandas()
    linked: pd.DataFrame = links.merge(records.rename(columns={"dataset": "system"}))
    return linked
