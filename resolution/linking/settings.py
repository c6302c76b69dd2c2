"""What a data manager may set of linking: costs and limits, from `linking.toml`.

Invariant: every value is in its range; what ships works for every list.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from resolution.errors import RulesError


@dataclass(frozen=True, kw_only=True)
class LinkingSettings:
    """Costs and limits of linking."""

    cost_of_false_merge: float  # as many missed links as one false merge is worth
    strict: float  # probability and mean support of the first pass's clusters
    rounds: int  # second passes over pairs of clusters
    questions: int  # candidate pairs that stewards may be asked about
    control: int  # of these drawn at random, to estimate precision and recall from

    @property
    def threshold(self) -> float:
        """The probability from which joining costs less than leaving apart."""
        return self.cost_of_false_merge / (1.0 + self.cost_of_false_merge)

    def rounds_of(self, *, by_stewards: bool) -> int:
        """Second passes: one more where no identifiers taught, only stewards' labels.

        Such lists have people in more pieces after the first pass.
        """
        return self.rounds + 1 if by_stewards and self.rounds else self.rounds


_RANGES: dict[str, tuple[float, float]] = {
    "cost_of_false_merge": (0.1, 1000),
    "strict": (0.5, 0.99),
    "rounds": (0, 5),
    "questions": (50, 20_000),
    "control": (0, 5_000),
}


def read_linking(path: Path | None = None) -> LinkingSettings:
    """Read the settings; without a path, those that ship with Kith.

    Raises:
        RulesError: naming every value that is missing, unknown or out of range.
    """
    source = path or files("resolution") / "linking.toml"
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RulesError(f"the linking settings cannot be read: {error}") from error
    faults = [f"'{name}' is not known" for name in data if name not in _RANGES]
    for name, (low, high) in _RANGES.items():
        value = data.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            faults.append(f"'{name}' must be a number")
        elif not low <= value <= high:
            faults.append(f"'{name}' must be from {low} to {high}")
    if faults:
        raise RulesError("the linking settings cannot be used: " + "; ".join(faults))
    return LinkingSettings(
        cost_of_false_merge=float(data["cost_of_false_merge"]),
        strict=float(data["strict"]),
        rounds=int(data["rounds"]),
        questions=int(data["questions"]),
        control=int(data["control"]),
    )
