"""Counts over the whole list of records that a run has before it.

Invariant: a function of the prepared tables alone; copies of one person's record count once
wherever people are counted.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from resolution.columns import PLACES_KEPT, Column, place_rows, read_columns, whole_names
from resolution.statistics import BY_PERSON, BY_PLACE, Counts, Statistics
from resolution.vectors.births import expected_births
from resolution.vectors.others import FIELDS
from resolution.vectors.regions import count_regions
from resolution.vectors.wording import count_words, words_of, wordy

Flags = npt.NDArray[np.bool_]


def observe(con: duckdb.DuckDBPyConnection) -> Statistics:
    """Count; reads the tables of `prepare` and `resolve_addresses`."""
    frame = read_columns(con)
    frame["whole"] = whole_names(frame)
    once = ~frame.duplicated(["given", "family", "birth"]).to_numpy()
    counts = {name: _counted(frame[name], once) for name in BY_PERSON}
    counts |= {name: _of_places(con, name) for name in BY_PLACE}
    many_words = wordy(con)
    if many_words:
        counts |= _of_words(frame, once)
    return Statistics(
        records=len(frame),
        people=int(once.sum()),
        counts=counts,
        expected=expected_births(Column(frame["birth"]), Column(frame["agency"])),
        stand_in_dates=_pairs(con, "select source, birth_date from odd_date order by all"),
        stand_in_days=_pairs(con, "select source, month_day from odd_day order by all"),
        given_fields=tuple(name for name in FIELDS if frame[name].notna().any()),
        wordy=many_words,
        listed=bool(con.execute("select 1 from identifier limit 1").fetchall()),
        regions=count_regions(con, frame),
    )


def _counted(values: pd.Series[str], once: Flags) -> Counts:
    """By value how many people bear it."""
    codes, distinct = pd.factorize(values, sort=False)
    uses = np.bincount(codes[(codes >= 0) & once], minlength=len(distinct))
    return Counts.of(np.asarray(distinct, dtype=object).tolist(), uses)


def _of_places(con: duckdb.DuckDBPyConnection, column: str) -> Counts:
    """By value how many records have it among their homes that are compared."""
    rows = place_rows(con, column)
    codes, distinct = pd.factorize(rows.loc[rows["n"] < PLACES_KEPT, "v"])
    return Counts.of(np.asarray(distinct).tolist(), np.bincount(codes, minlength=len(distinct)))


def _of_words(frame: pd.DataFrame, once: Flags) -> dict[str, Counts]:
    texts = words_of(frame)
    return count_words(Column(texts, _counted(texts, once)))


def _pairs(con: duckdb.DuckDBPyConnection, query: str) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in con.execute(query).fetchall())
