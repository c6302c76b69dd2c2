"""The ledger of loads: what each agency sent, when, and what became of it.

Invariant: a load exists when its row does; a row is written once and never changed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from governance.errors import RegistrationError
from governance.registration import require_dataset
from governance.tables import AgencyRow, DatasetRow, LoadRow

GROUNDS = (
    "unregistered",
    "inactive",
    "lawful_basis",
    "not_recognised",
    "drift",
    "thresholds",
    "unreadable",
    "permission",
)
"""Why a file is refused, as the audit has it."""


@dataclass(frozen=True, kw_only=True)
class LoadEntry:
    """One row of the ledger. `counts` holds rows per table and findings per reason."""

    load_id: str
    agency: str
    dataset: str
    layout: str
    mapping: str
    mapping_version: int
    extract: str  # full | delta
    file_name: str
    sha256: str
    rows_in: int
    accepted: int
    rejected: int
    counts: dict[str, Any] = field(default_factory=dict)
    state: str = "staged"  # staged | refused
    reason: str | None = None
    loaded_by: str
    loaded_on: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """The last staged load of a dataset; the last two are None if there was none yet."""

    agency: str
    agency_label: str
    dataset: str
    dataset_label: str
    load_id: str | None
    loaded_on: dt.datetime | None


_FIELDS = tuple(entry.name for entry in dataclasses.fields(LoadEntry))


def add_load(session: Session, entry: LoadEntry) -> None:
    """Write a load to the ledger.

    Raises:
        RegistrationError: if the dataset is not registered, not active or without a lawful basis,
            or the entry contradicts itself.
    """
    require_dataset(session, entry.agency, entry.dataset, entry.loaded_on.date())
    faults = _faults(entry)
    if faults:
        raise RegistrationError(f"load '{entry.load_id}' cannot be written: {'; '.join(faults)}")
    session.add(LoadRow(**{name: getattr(entry, name) for name in _FIELDS}))
    session.flush()


def find_load(
    session: Session, agency: str, dataset: str, layout: str, sha256: str
) -> LoadEntry | None:
    """The last staged load of this very file, if there was one. A refused file may be retried."""
    query = (
        select(LoadRow)
        .where(
            LoadRow.agency == agency,
            LoadRow.dataset == dataset,
            LoadRow.layout == layout,
            LoadRow.sha256 == sha256,
            LoadRow.state == "staged",
        )
        .order_by(LoadRow.sequence.desc())
        .limit(1)
    )
    row = session.scalars(query).first()
    return _entry(row) if row else None


def loads(session: Session, agency: str | None = None) -> list[LoadEntry]:
    """Every load, or one agency's, in the order they were written."""
    query = select(LoadRow).order_by(LoadRow.sequence)
    if agency is not None:
        query = query.where(LoadRow.agency == agency)
    return [_entry(row) for row in session.scalars(query)]


def last_sequence(session: Session) -> int:
    """The place of the last load in the ledger; 0 before any."""
    return session.scalar(select(func.max(LoadRow.sequence))) or 0


def load(session: Session, load_id: str) -> LoadEntry | None:
    """One load by its id."""
    row = session.scalars(select(LoadRow).where(LoadRow.load_id == load_id)).first()
    return _entry(row) if row else None


def freshness(session: Session) -> list[Freshness]:
    """Every active dataset with its last staged load, by agency and dataset."""
    last = (
        select(func.max(LoadRow.sequence))
        .where(LoadRow.state == "staged")
        .group_by(LoadRow.agency, LoadRow.dataset)
    )
    query = (
        select(AgencyRow, DatasetRow, LoadRow)
        .join(DatasetRow, DatasetRow.agency == AgencyRow.agency_id)
        .outerjoin(
            LoadRow,
            (LoadRow.agency == DatasetRow.agency)
            & (LoadRow.dataset == DatasetRow.dataset_id)
            & LoadRow.sequence.in_(last),
        )
        .where(AgencyRow.active, DatasetRow.active)
        .order_by(DatasetRow.agency, DatasetRow.dataset_id)
    )
    return [
        Freshness(
            agency=agency.agency_id,
            agency_label=agency.label,
            dataset=dataset.dataset_id,
            dataset_label=dataset.label,
            load_id=row.load_id if row else None,
            loaded_on=row.loaded_on if row else None,
        )
        for agency, dataset, row in session.execute(query)
    ]


def _faults(entry: LoadEntry) -> list[str]:
    faults = []
    if entry.state not in {"staged", "refused"}:
        faults.append("state must be staged or refused")
    if entry.extract not in {"full", "delta"}:
        faults.append("extract must be full or delta")
    if entry.state == "refused" and not entry.reason:
        faults.append("a refused load needs its reason")
    if min(entry.rows_in, entry.accepted, entry.rejected) < 0:
        faults.append("a count is below zero")
    if entry.accepted + entry.rejected > entry.rows_in and entry.state == "staged":
        faults.append("more rows accepted and rejected than came in")
    return faults


def _entry(row: LoadRow) -> LoadEntry:
    return LoadEntry(**{name: getattr(row, name) for name in _FIELDS})
