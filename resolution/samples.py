"""Some of a snapshot's records, to look at before anything is linked.

Invariant: a sample tells what share of all that could be asked about it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from records.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Some records of a snapshot, and all that belongs to them, as a snapshot."""

    tables: Snapshot
    seeds: frozenset[str]
    share: float  # of the whole list's candidate pairs
    of: int  # records in the whole list
