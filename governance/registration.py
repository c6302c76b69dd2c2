"""Agencies and datasets: what a load, an agreement and a user may name.

Invariant: nothing is loaded from, agreed with or signed in for an agency that is not here, and
nothing is loaded into a dataset without a lawful basis.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import RegistrationError, SourceInactive
from governance.ids import is_plain_name
from governance.lawful import require_basis
from governance.tables import AgencyRow, DatasetRow
from records.codes import code_list


@dataclass(frozen=True, kw_only=True)
class Agency:
    """A partner of the area; `ring` is whom to ring, name and number."""

    agency_id: str
    label: str
    kind: str
    ring: str
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A system of an agency, as the record of processing has it."""

    agency: str
    dataset_id: str
    label: str
    controller: str
    lawful_basis: str
    owner: str
    retention_years: int
    active: bool = True


def add_agency(session: Session, agency_id: str, label: str, kind: str, ring: str) -> Agency:
    """Register an agency. `agency_id` is a plain lower-case word, `kind` of code list agency_kind.

    Raises:
        RegistrationError: naming every fault; also if the agency is registered already.
    """
    faults = _name_faults("agency", agency_id) + _blank(label=label, ring=ring)
    if kind not in code_list("agency_kind"):
        faults.append("kind is not on code list agency_kind")
    if not faults and session.get(AgencyRow, agency_id) is not None:
        faults.append("it is registered already")
    _refuse(f"agency '{agency_id}'", faults)
    row = AgencyRow(agency_id=agency_id, label=label, kind=kind, ring=ring, active=True)
    session.add(row)
    session.flush()
    return _agency(row)


def add_dataset(
    session: Session,
    agency_id: str,
    dataset_id: str,
    label: str,
    controller: str,
    lawful_basis: str,
    owner: str,
    retention_years: int,
) -> Dataset:
    """Register a dataset of an agency: nothing loads without controller, basis and owner.

    Raises:
        RegistrationError: naming every fault; also if the dataset is registered already.
    """
    faults = _name_faults("dataset", dataset_id)
    faults += _blank(label=label, controller=controller, lawful_basis=lawful_basis, owner=owner)
    if retention_years < 1:
        faults.append("retention_years must be at least 1")
    if session.get(AgencyRow, agency_id) is None:
        faults.append(f"agency '{agency_id}' is not registered")
    elif session.get(DatasetRow, (agency_id, dataset_id)) is not None:
        faults.append("it is registered already")
    _refuse(f"dataset '{agency_id}/{dataset_id}'", faults)
    row = DatasetRow(
        agency=agency_id,
        dataset_id=dataset_id,
        label=label,
        controller=controller,
        lawful_basis=lawful_basis,
        owner=owner,
        retention_years=retention_years,
        active=True,
    )
    session.add(row)
    session.flush()
    return _dataset(row)


def agencies(session: Session) -> list[Agency]:
    """Every agency, by id."""
    return [_agency(row) for row in session.scalars(select(AgencyRow).order_by("agency_id"))]


def datasets(session: Session, agency: str | None = None) -> list[Dataset]:
    """Every dataset, or one agency's, by agency and id."""
    query = select(DatasetRow).order_by("agency", "dataset_id")
    if agency is not None:
        query = query.where(DatasetRow.agency == agency)
    return [_dataset(row) for row in session.scalars(query)]


def set_active(session: Session, agency: str, dataset: str | None = None, *, active: bool) -> None:
    """Take an agency, or one dataset, out of use or back in; nothing about it is deleted.

    An agency out of use sends no files, and its users are signed out and cannot sign in.
    """
    row: AgencyRow | DatasetRow | None
    if dataset is None:
        row = session.get(AgencyRow, agency)
    else:
        row = session.get(DatasetRow, (agency, dataset))
    if row is None:
        raise RegistrationError("there is no such agency or dataset")
    row.active = active
    session.flush()


def require_dataset(session: Session, agency: str, dataset: str, on: dt.date) -> Dataset:
    """The dataset if files may be loaded into it on a day.

    Raises:
        RegistrationError: if it, or its agency, is unknown.
        SourceInactive: if it, or its agency, is no longer active.
        NoLawfulBasis: if it has no lawful basis, or had one up to a day before.
    """
    row = session.get(DatasetRow, (agency, dataset))
    owner = session.get(AgencyRow, agency)
    if row is None or owner is None:
        raise RegistrationError(f"dataset '{agency}/{dataset}' is not registered")
    if not (row.active and owner.active):
        raise SourceInactive(f"dataset '{agency}/{dataset}' is no longer active")
    require_basis(session, agency, dataset, on)
    return _dataset(row)


def _name_faults(what: str, text: str) -> list[str]:
    if is_plain_name(text):
        return []
    return [f"{what} id must be lower-case letters, digits and _, beginning with a letter"]


def _blank(**fields: str) -> list[str]:
    return [f"{field} is empty" for field, text in fields.items() if not text.strip()]


def _refuse(what: str, faults: list[str]) -> None:
    if faults:
        raise RegistrationError(f"{what} cannot be registered: {'; '.join(faults)}")


def _agency(row: AgencyRow) -> Agency:
    return Agency(
        agency_id=row.agency_id, label=row.label, kind=row.kind, ring=row.ring, active=row.active
    )


def _dataset(row: DatasetRow) -> Dataset:
    return Dataset(
        agency=row.agency,
        dataset_id=row.dataset_id,
        label=row.label,
        controller=row.controller,
        lawful_basis=row.lawful_basis,
        owner=row.owner,
        retention_years=row.retention_years,
        active=row.active,
    )
