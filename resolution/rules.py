"""The ladder of rules: read from TOML, checked whole, in order of priority.

Invariant: a ladder that was read holds together: known keys, known comparisons and levels,
one rule per name and per priority, probabilities that are probabilities.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from resolution.comparisons import COMPARISONS
from resolution.errors import RulesError
from resolution.keys import check_keys

MOST_KEYS = 64  # one bit each in a pair's mask


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Pairs alike in every column of one of `keys` that reach every level in `require`."""

    name: str
    priority: int
    keys: tuple[tuple[str, ...], ...]
    require: Mapping[str, str]
    probability: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """Rules in order of priority, and the limits that go with them."""

    version: int
    rules: tuple[Rule, ...]
    link_at: float
    block_cap: int
    mean_support: float

    def keys(self) -> list[tuple[str, ...]]:
        """Every different key, in order of the rules."""
        return list(dict.fromkeys(key for rule in self.rules for key in rule.keys))


def read_ladder(path: Path | None = None) -> Ladder:
    """Read a rules file; without a path, the one that ships with Kith.

    Raises:
        RulesError: if it cannot be read or used; every fault is named.
    """
    source = path or files("resolution") / "rules.toml"
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RulesError(f"the rules file cannot be read: {error}") from error
    faults = _faults(data)
    if faults:
        raise RulesError("the rules file cannot be used: " + "; ".join(faults))
    rules = sorted((_rule(row) for row in data["rule"]), key=lambda rule: rule.priority)
    return Ladder(
        version=data["version"],
        rules=tuple(rules),
        link_at=float(data["link_at"]),
        block_cap=data["block_cap"],
        mean_support=float(data["mean_support"]),
    )


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(
        name=row["name"],
        priority=row["priority"],
        keys=tuple(tuple(key) for key in row["keys"]),
        require=dict(row["require"]),
        probability=float(row["probability"]),
        words=row["words"],
    )


_TOP: dict[str, type | tuple[type, ...]] = {
    "version": int,
    "link_at": (int, float),
    "block_cap": int,
    "mean_support": (int, float),
    "rule": list,
}
_RULE: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "priority": int,
    "keys": list,
    "require": dict,
    "probability": (int, float),
    "words": str,
}


def _faults(data: dict[str, Any]) -> list[str]:
    faults = _shape_faults(data, _TOP)
    if faults:
        return faults
    rules = data["rule"]
    for place, row in enumerate(rules, start=1):
        name = row.get("name", place)
        faults += [f"rule {name}: {fault}" for fault in _rule_faults(row)]
    for field in ("name", "priority"):
        counts = Counter(row.get(field) for row in rules)
        faults += [f"{field} {value} is there twice" for value, n in counts.items() if n > 1]
    if not rules:
        faults.append("there are no rules")
    if not faults and len({tuple(key) for row in rules for key in row["keys"]}) > MOST_KEYS:
        faults.append(f"there are more than {MOST_KEYS} different keys")
    return faults


def _rule_faults(row: dict[str, Any]) -> list[str]:
    faults = _shape_faults(row, _RULE)
    if faults:
        return faults
    faults = [] if row["keys"] else ["it has no keys"]
    for key in row["keys"]:
        faults += check_keys(key) if isinstance(key, list) else ["a key is a list of columns"]
    if not 0 < row["probability"] <= 1:
        faults.append("probability must be over 0 and at most 1")
    for name, level in row["require"].items():
        if name not in COMPARISONS:
            faults.append(f"there is no comparison '{name}'")
        elif level not in COMPARISONS[name]:
            faults.append(f"comparison '{name}' has no level '{level}'")
    return faults


def _shape_faults(row: dict[str, Any], shape: Mapping[str, type | tuple[type, ...]]) -> list[str]:
    faults = [f"'{field}' is missing" for field in shape if field not in row]
    faults += [f"'{field}' is not known" for field in row if field not in shape]
    faults += [
        f"'{field}' is of the wrong kind"
        for field, kind in shape.items()
        if field in row and (not isinstance(row[field], kind) or isinstance(row[field], bool))
    ]
    return faults
