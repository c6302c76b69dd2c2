"""Households judged: who lives with whom on a day, against a file that knows.

Invariant: people are judged who, by the truth, live in a dwelling on that day and of whom some
record was resolved; a person that was put nowhere counts as living alone.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from records.snapshot import Resolved
from resolution.scores import Scores, score
from resolution.truth import read_truth

COLUMNS = ("address", "person", "from", "to")
_DWELLING = "dwelling"


def judge_households(path: Path, resolved: Resolved, known: pd.DataFrame, on: dt.date) -> Scores:
    """Compare current households with the truth on a day.

    Args:
        known: `person_id` and true `person` of each judged record.

    Raises:
        TruthError: if the file (address, person, from, to; perhaps kind) cannot be used.
    """
    truth = _living_on(read_truth(path, COLUMNS, filled=("address", "person")), on)
    found = _found(resolved, known)
    both = truth.merge(found, on="person", how="inner")
    alone = "alone:" + both["person"].astype(str)
    return score(both["address"], both["household_id"].where(both["household_id"].notna(), alone))


def _living_on(truth: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """One dwelling per person: the one that they came to last, of those they live in that day."""
    day = on.isoformat()
    here = (truth["from"].fillna("") <= day) & (
        (truth["to"].fillna("") == "") | (truth["to"].fillna("") > day)
    )
    if "kind" in truth:
        here &= truth["kind"] == _DWELLING
    last = (
        truth[here]
        .sort_values(["person", "from", "address"])
        .drop_duplicates("person", keep="last")
    )
    return last[["person", "address"]]


def _found(resolved: Resolved, known: pd.DataFrame) -> pd.DataFrame:
    """True person -> the household of the resolved person that has most of their records."""
    counts = known.groupby(["person", "person_id"]).size().reset_index(name="records")
    counts = counts.sort_values(["person", "records", "person_id"], ascending=[True, False, True])
    mine = counts.drop_duplicates("person")[["person", "person_id"]]
    member = resolved.read("member", ["household_id", "person_id", "from_date"]).to_pandas()
    member = member.merge(
        resolved.read("household", ["household_id", "address_id"]).to_pandas(), on="household_id"
    )
    stays = resolved.read("lives_at", ["person_id", "address_id", "current"]).to_pandas()
    current = member.merge(stays[stays["current"]], on=["person_id", "address_id"])
    current["from_date"] = current["from_date"].astype("string").fillna("")
    latest = current.sort_values(["person_id", "from_date", "household_id"]).drop_duplicates(
        "person_id", keep="last"
    )
    return mine.merge(latest[["person_id", "household_id"]], on="person_id", how="left")
