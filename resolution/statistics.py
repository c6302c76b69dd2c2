"""What a score depends on beyond the records compared: how often values are used in the whole list.

Invariant: plain values only, so that they are stored with the model that learned beside them and
a later run scores two records as the run that learned did, whatever else was loaded since. A value
that is not counted is one person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

BY_PERSON = ("given", "family", "whole", "birth", "phone", "email", "birth_place", "occupation")
"""Columns of which it counts how many people bear a value; `whole` is `given|family`."""

BY_PLACE = ("dwelling", "postcode", "area")
"""Columns of homes of which it counts how many records have a value."""

BY_WORD = ("word", "sound")
"""Words of names, and how they sound."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How often each value is used; only what is used more than once is kept.

    Attributes:
        uses: by value.
        total: uses of all values, those of one use among them.
    """

    uses: dict[Any, int] = field(default_factory=dict)
    total: int = 0

    @classmethod
    def of(cls, values: Sequence[Any], uses: npt.NDArray[np.int64]) -> Counts:
        """Those of distinct values."""
        kept = {value: use for value, use in zip(values, uses.tolist(), strict=True) if use > 1}
        return cls(uses=kept, total=int(uses.sum()))

    def on(self, values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """How often each of the values given is used, shape (values,)."""
        if not self.uses:
            return np.ones(len(values), dtype=np.int64)
        found = pd.Series(values).map(self.uses)
        return np.asarray(found.fillna(1), dtype=np.int64)


NOT_COUNTED = Counts()
"""Of a column whose frequencies no comparison asks for."""


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Counts over a whole list of records.

    Attributes:
        records: how many records there are.
        people: how many there are when copies of one person's record are left out.
        counts: of the columns of `BY_PERSON`, `BY_PLACE` and `BY_WORD`.
        expected: for each agency the log of how over-represented each span of birth years is.
        stand_in_dates: source and date of birth that the source uses when it knows less.
        stand_in_days: source and month and day, likewise.
        given_fields: the fields of free text that any record gives.
        wordy: names come as many words, so that words are worth comparing.
        listed: records have further identifiers.
        regions: by place of birth how many who were born there live in each region.
    """

    records: int
    people: int
    counts: dict[str, Counts]
    expected: dict[str, list[float]]
    stand_in_dates: tuple[tuple[str, str], ...] = ()
    stand_in_days: tuple[tuple[str, str], ...] = ()
    given_fields: tuple[str, ...] = ()
    wordy: bool = False
    listed: bool = False
    regions: dict[str, dict[str, int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        counts = {
            name: {"values": list(each.uses), "uses": list(each.uses.values()), "total": each.total}
            for name, each in self.counts.items()
        }
        return plain | {"counts": counts}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Statistics:
        """What `to_json` gave."""
        counts = {
            name: Counts(
                uses=dict(zip(each["values"], each["uses"], strict=True)), total=each["total"]
            )
            for name, each in content["counts"].items()
        }
        pairs = {
            name: tuple(tuple(entry) for entry in content[name])
            for name in ("stand_in_dates", "stand_in_days")
        }
        given = {"given_fields": tuple(content["given_fields"]), "counts": counts}
        return cls(**content | pairs | given)
