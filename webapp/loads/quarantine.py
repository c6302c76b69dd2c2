"""What a load turned away, grouped by reason.

Invariant: a group shows a few examples, never every row; the whole file is for the agency's own
data manager at the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.loads import LoadEntry
from kith.home import Home

EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Example:
    """One finding: where in the file, and what stood there."""

    line: int
    field: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Findings with one reason."""

    reason: str
    total: int
    rejected: bool
    examples: list[Example] = field(default_factory=list)


def group(home: Home, entry: LoadEntry) -> list[Group]:
    """The findings of a load by reason, the most frequent first."""
    del home, entry
    return []
