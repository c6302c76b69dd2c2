"""People who must not be traced, by decision here rather than by a source's flag.

Invariant: a restriction is lifted, never deleted. It is about a record, which lasts, and so holds
for whatever person that record comes to identify.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import RegistrationError
from governance.ids import is_opaque, new_id
from governance.tables import RestrictedRow

REASONS = {
    "witness_protection": "Witness protection",
    "court_order": "Order of a court",
    "threat": "Threat to life or safety",
    "adoption": "Adoption",
    "article_18": "The person asked for it (Article 18)",
    "other": "Other, see the officer's file",
}
"""Why somebody is restricted: a code, so that the register holds no story."""


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """One decision; in force until it is lifted."""

    restriction_id: str
    subject_id: str
    reason: str
    restricted_by: str
    restricted_at: dt.datetime
    lifted_by: str | None = None
    lifted_at: dt.datetime | None = None


def restrict(session: Session, subject_id: str, reason: str, by: str, at: dt.datetime) -> str:
    """Mark the person of a record as restricted; the answer is the restriction's id.

    Raises:
        RegistrationError: if `subject_id` is no opaque id, or the reason is not on the list.
    """
    if not is_opaque(subject_id):
        raise RegistrationError("a restriction names a record by its opaque id")
    if reason not in REASONS:
        raise RegistrationError(f"a restriction's reason is one of: {', '.join(REASONS)}")
    row = RestrictedRow(
        restriction_id=new_id("n"),
        subject_id=subject_id,
        reason=reason,
        restricted_by=by,
        restricted_at=at,
    )
    session.add(row)
    session.flush()
    return row.restriction_id


def lift(session: Session, restriction_id: str, by: str, at: dt.datetime) -> None:
    """End a restriction. Raises RegistrationError if there is none in force by this id."""
    row = session.get(RestrictedRow, restriction_id)
    if row is None or row.lifted_at is not None:
        raise RegistrationError("there is no such restriction in force")
    row.lifted_by, row.lifted_at = by, at
    session.flush()


def restricted_subjects(session: Session) -> frozenset[str]:
    """The record ids under a restriction now."""
    query = select(RestrictedRow.subject_id).where(RestrictedRow.lifted_at.is_(None))
    return frozenset(session.scalars(query))


def restrictions(session: Session) -> list[Restriction]:
    """Every restriction ever decided, in order."""
    query = select(RestrictedRow).order_by(
        RestrictedRow.restricted_at, RestrictedRow.restriction_id
    )
    return [
        Restriction(
            restriction_id=row.restriction_id,
            subject_id=row.subject_id,
            reason=row.reason,
            restricted_by=row.restricted_by,
            restricted_at=row.restricted_at,
            lifted_by=row.lifted_by,
            lifted_at=row.lifted_at,
        )
        for row in session.scalars(query)
    ]
