"""Which value survives: the rules of the golden record, read from TOML and checked whole.

Invariant: rules that were read name only fields of a golden person, known ways of deciding and
kinds of agency on the code list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from records.codes import code_list
from resolution.errors import RulesError

FIELDS = (
    "given_name",
    "middle_names",
    "family_name",
    "full_name",
    "former_family_name",
    "birth_date",
    "birth_date_status",
    "death_date",
    "dead",
    "sex",
    "nhs_number",
    "upn",
    "phone",
)
ORDERS = frozenset(
    {"known_first", "most_trusted", "most_recent", "most_frequent", "longest", "true_first"}
)


@dataclass(frozen=True, kw_only=True)
class FieldRule:
    """How the value of one field is chosen; `trust` lists kinds of agency, best first."""

    order: tuple[str, ...]
    trust: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Survivorship:
    """The rules of the golden record and of residence."""

    version: int
    fields: Mapping[str, FieldRule]
    trust: tuple[str, ...]
    residence_trusted: tuple[str, ...]
    largest_household: int


def read_survivorship(path: Path | None = None) -> Survivorship:
    """Read a survivorship file; without a path, the one that ships with Kith.

    Raises:
        RulesError: if it cannot be read or used; every fault is named.
    """
    source = path or files("resolution") / "survivorship.toml"
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RulesError(f"the survivorship file cannot be read: {error}") from error
    faults = _faults(data)
    if faults:
        raise RulesError("the survivorship file cannot be used: " + "; ".join(faults))
    trust = tuple(data["trust"])
    return Survivorship(
        version=data["version"],
        fields={
            name: FieldRule(order=tuple(row["order"]), trust=tuple(row.get("trust", trust)))
            for name, row in data["field"].items()
        },
        trust=trust,
        residence_trusted=tuple(data["residence_trusted"]),
        largest_household=data["largest_household"],
    )


def _faults(data: dict[str, Any]) -> list[str]:
    wanted: dict[str, type] = {
        "version": int,
        "trust": list,
        "residence_trusted": list,
        "largest_household": int,
        "field": dict,
    }
    faults = [
        f"'{name}' is missing or of the wrong kind"
        for name, kind in wanted.items()
        if not isinstance(data.get(name), kind)
    ]
    if faults:
        return faults
    faults = [f"'{name}' is not known" for name in data if name not in wanted]
    faults += _kind_faults("trust", data["trust"])
    faults += _kind_faults("residence_trusted", data["residence_trusted"])
    faults += [f"field {name} has no rule" for name in FIELDS if name not in data["field"]]
    for name, row in data["field"].items():
        faults += [f"field {name}: {fault}" for fault in _field_faults(name, row)]
    return faults


def _field_faults(name: str, row: object) -> list[str]:
    if name not in FIELDS:
        return ["there is no such field"]
    if not isinstance(row, dict) or not isinstance(row.get("order"), list) or not row["order"]:
        return ["it needs an order"]
    faults = [f"there is no order '{word}'" for word in row["order"] if word not in ORDERS]
    return faults + _kind_faults("trust", row.get("trust", []))


def _kind_faults(name: str, kinds: Sequence[object]) -> list[str]:
    known = code_list("agency_kind")
    return [f"{name} names the unknown kind '{kind}'" for kind in kinds if kind not in known]
