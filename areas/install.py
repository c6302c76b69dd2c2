"""Installing an area pack: its agencies, datasets and agreements become rows of the register.

Invariant: everything goes through governance, which refuses what it does not know; the caller
commits, so that a pack is installed whole or not at all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from areas.pack import AgreementEntry, read_pack
from governance.policy import AgreementTerms, add_agreement
from governance.registration import add_agency, add_dataset
from governance.retention import add_default
from governance.viewer import Level

_LEVELS = {level.name.lower(): level for level in Level}


@dataclass(frozen=True, kw_only=True)
class Installed:
    """How much a pack brought."""

    agencies: int
    datasets: int
    agreements: int


def install_pack(session: Session, area: str, at: dt.datetime | None = None) -> Installed:
    """Register an area's agencies, datasets and agreements.

    Args:
        session: of the register; the caller commits.
        area: an area with a pack.
        at: when; now if not given.

    Raises:
        PackError: there is no such area.
        RegistrationError: an agency or dataset is registered already.
    """
    pack = read_pack(area)
    for agency in pack.agencies:
        add_agency(session, agency.agency, agency.label, agency.kind, agency.ring)
    for dataset in pack.datasets:
        add_dataset(
            session,
            dataset.agency,
            dataset.dataset,
            dataset.label,
            dataset.controller,
            dataset.lawful_basis,
            dataset.owner,
            dataset.retention_years,
        )
        add_default(
            session,
            dataset.agency,
            dataset.dataset,
            dataset.retention_years,
            at or dt.datetime.now(dt.UTC),
        )
    for entry in pack.agreements:
        add_agreement(session, _terms(entry), at)
    return Installed(
        agencies=len(pack.agencies),
        datasets=len(pack.datasets),
        agreements=len(pack.agreements),
    )


def _terms(entry: AgreementEntry) -> AgreementTerms:
    return AgreementTerms(
        giving_agency=entry.giver,
        receiving_agency=entry.receiver,
        level=_LEVELS[entry.level],
        starts=entry.start,
        dataset=entry.dataset,
        category=entry.category,
        role=entry.role,
        purpose=entry.purpose,
        withheld=frozenset(entry.withheld),
        latest_only=entry.latest_only,
        since=entry.since,
        expires=entry.expiry,
        restricted_allowed=entry.restricted_allowed,
        title=entry.title,
        legal_basis=entry.legal_basis,
    )
