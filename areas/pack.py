"""An area pack: one TOML file that says who the agencies of a place are and what they agreed.

Invariant: a pack is data only; installing it writes nothing but rows of the register, through
governance, so that an area is set up by a file and changed like any other.
"""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import KithError

PACKS = Path(__file__).parent / "packs"


class PackError(KithError):
    """There is no such area, or its pack cannot be understood."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class AgencyEntry:
    """An agency of the area: whom to ring stands in `ring`."""

    agency: str
    label: str
    kind: str
    ring: str


@dataclass(frozen=True, kw_only=True)
class DatasetEntry:
    """One of an agency's systems as the register holds it."""

    agency: str
    dataset: str
    label: str
    controller: str
    lawful_basis: str
    owner: str
    retention_years: int


@dataclass(frozen=True, kw_only=True)
class AgreementEntry:
    """A row of agreement, already one giver, one dataset, one category and one receiver."""

    giver: str
    dataset: str
    category: str
    receiver: str
    role: str
    purpose: str
    level: str
    withheld: tuple[str, ...]
    latest_only: bool
    since: dt.date | None
    start: dt.date
    expiry: dt.date
    restricted_allowed: bool
    title: str
    legal_basis: str


@dataclass(frozen=True, kw_only=True)
class Pack:
    """All that a pack says."""

    area: str
    label: str
    authorities: Mapping[str, str]
    towns: Mapping[str, str]
    school_authority: Mapping[str, str]
    systems: Mapping[str, Any]
    agencies: tuple[AgencyEntry, ...]
    datasets: tuple[DatasetEntry, ...]
    agreements: tuple[AgreementEntry, ...]


def areas() -> list[str]:
    """The areas that have a pack."""
    return sorted(path.parent.name for path in PACKS.glob("*/pack.toml"))


@functools.cache
def read_pack(area: str) -> Pack:
    """Read an area's pack. Raises PackError naming the areas there are."""
    path = PACKS / area / "pack.toml"
    if area not in areas():
        raise PackError(f"there is no area pack of that name; there are: {', '.join(areas())}")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        datasets = tuple(DatasetEntry(**entry) for entry in content["datasets"])
        agencies = tuple(AgencyEntry(**entry) for entry in content["agencies"])
        return Pack(
            area=area,
            label=content["label"],
            authorities=content["authorities"],
            towns=content["towns"],
            school_authority=content["school_authority"],
            systems=content["systems"],
            agencies=agencies,
            datasets=datasets,
            agreements=tuple(
                row for entry in content["agreements"] for row in _expand(entry, datasets, agencies)
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PackError(f"the pack of {area} cannot be read: {error}") from error


def _expand(
    entry: Mapping[str, Any],
    datasets: tuple[DatasetEntry, ...],
    agencies: tuple[AgencyEntry, ...],
) -> list[AgreementEntry]:
    """One entry of the file stands for every giver, dataset, category and receiver it lists."""
    givers = entry["givers"]
    everyone = [agency.agency for agency in agencies]
    rows = []
    for dataset in datasets:
        name = f"{dataset.agency}/{dataset.dataset}"
        if givers != ["*"] and dataset.agency not in givers and name not in givers:
            continue
        listed = entry["receivers"]
        receivers = {"*": everyone, "self": [dataset.agency]}.get(listed[0], listed)
        if listed == ["others"]:
            receivers = [agency for agency in everyone if agency != dataset.agency]
        for receiver in receivers:
            if receiver == dataset.agency and listed != ["self"] and not entry.get("to_self"):
                continue
            rows += [
                AgreementEntry(
                    giver=dataset.agency,
                    dataset=dataset.dataset,
                    category=category,
                    receiver=receiver,
                    role=role,
                    purpose=purpose,
                    level=entry["level"],
                    withheld=tuple(entry.get("withheld", ())),
                    latest_only=entry.get("latest_only", False),
                    since=entry.get("since"),
                    start=entry["start"],
                    expiry=entry["expiry"],
                    restricted_allowed=entry.get("restricted_allowed", False),
                    title=entry["title"],
                    legal_basis=dataset.lawful_basis,
                )
                for category in entry["categories"]
                for role in entry["roles"]
                for purpose in entry["purposes"]
            ]
    return rows
