"""What a load turned away or noted, grouped by reason.

Invariant: a group shows its first examples, never every row; they hold people's values, so whoever
calls this writes the audit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from governance.loads import LoadEntry
from loaders.at_rest import AtRest
from loaders.findings import read_findings

_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Example:
    """One finding: where in the file, and what stood there."""

    line: int
    field: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Findings with one reason; `rejected` rows were turned away, others kept without the value."""

    reason: str
    total: int
    rejected: bool
    examples: list[Example] = field(default_factory=list)

    @property
    def effect(self) -> str:
        if self.rejected:
            return "These rows were turned away."
        return "These rows were taken in, without the value that could not be read."


def grouped(folder: Path, entry: LoadEntry, at_rest: AtRest) -> list[Group]:
    """The findings of a load by reason: turned-away rows first, then the most frequent."""
    found = read_findings(folder, entry, at_rest)
    keys = found.group_by(["reason", "rejected"]).aggregate([("line", "count")]).to_pylist()
    keys.sort(key=lambda key: (not key["rejected"], -key["line_count"], key["reason"]))
    return [
        Group(
            reason=key["reason"],
            total=key["line_count"],
            rejected=key["rejected"],
            examples=_examples(found, key["reason"], key["rejected"]),
        )
        for key in keys
    ]


def _examples(found: pa.Table, reason: str, rejected: bool) -> list[Example]:
    alike = pc.and_(pc.equal(found["reason"], reason), pc.equal(found["rejected"], rejected))
    first = found.filter(alike).slice(0, _EXAMPLES).select(["line", "field", "value"])
    return [Example(**row) for row in first.to_pylist()]
