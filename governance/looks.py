"""What the audit says of one person, one user, one day: the officer's questions.

Invariant: an answer is a list of audit rows and nothing else; a person is their records
and every person id that those ever had, so a merge or a split hides no look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from governance import accounts, registration
from governance.audit import Audit, AuditRow
from governance.tables import IdentityEventRow

_ASKED_AT_ONCE = 500
DISCLOSURES = frozenset(
    {
        "address_searched",
        "address_checked",
        "person_viewed",
        "network_viewed",
        "question_shown",
        "link_explained",
        "labels_exported",
        "request_considered",
        "answer_read",
        "subject_items_shown",
        "bundle_released",
        "bundle_read",
    }
)
"""Kinds of event by which something about people left the system."""
EXPORTS = frozenset({"labels_exported", "bundle_released", "bundle_read"})
REFUSALS = frozenset({"refused", "sign_in_failed", "file_refused"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which rows an officer asks for; None and empty mean any.

    Attributes:
        about: opaque ids, any of which a row must name.
        since, until: instants, the second not included.
    """

    kinds: frozenset[str] = frozenset()
    user_id: str | None = None
    about: frozenset[str] = frozenset()
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """One row as an officer reads it, user and agency by their names."""

    row: AuditRow
    user: str
    agency: str

    @property
    def count(self) -> int:
        """How many things the row names."""
        return len(self.row.payload.get("what", ()))


def looks(session: Session, audit: Audit, asked: Asked, *, last: int | None = None) -> list[Look]:
    """The rows asked for, newest first.

    Args:
        last: at most so many of the newest.
    """
    rows = audit.search(
        kinds=asked.kinds,
        user_id=asked.user_id,
        about=asked.about,
        since=asked.since,
        until=asked.until,
        last=last,
    )
    names = {user.user_id: user.username for user in accounts.users(session)}
    labels = {entry.agency_id: entry.label for entry in registration.agencies(session)}
    return [
        Look(
            row=row,
            user=names.get(row.payload.get("user_id") or "", row.payload.get("user_id") or ""),
            agency=labels.get(row.payload.get("agency") or "", row.payload.get("agency") or ""),
        )
        for row in rows
    ]


def ids_of_person(session: Session, subject: str) -> frozenset[str]:
    """Every id under which one person may have been looked at.

    Their records, the person id that these have now, and every person id that one of these ever
    had: a look at a person whom a later split made into two is a look at both.

    Args:
        subject: a person id or a record id.
    """
    person = _latest(session, [subject]).get(subject, subject)
    ever = _column(session, IdentityEventRow.member_key, IdentityEventRow.identity_id, [person])
    now = _latest(session, sorted(ever))
    records = {record for record, home in now.items() if home == person}
    names = _column(
        session, IdentityEventRow.identity_id, IdentityEventRow.member_key, sorted(records)
    )
    return frozenset({subject, person} | records | names)


def _latest(session: Session, records: Sequence[str]) -> dict[str, str]:
    """Record id -> the person id that the ledger gave it last."""
    found: dict[str, str] = {}
    for part in _parts(records):
        query = _assigned(IdentityEventRow.member_key.in_(part))
        for identity, member in session.execute(query):
            if member is not None:
                found[member] = identity
    return found


def _column(
    session: Session, wanted: Any, asked: InstrumentedAttribute[Any], values: Sequence[str]
) -> set[str]:
    """What stands in one column of assignments where another has one of some values."""
    place = 0 if wanted is IdentityEventRow.identity_id else 1
    found: set[str] = set()
    for part in _parts(values):
        for row in session.execute(_assigned(asked.in_(part))):
            value = row[place]
            if value is not None:
                found.add(value)
    return found


def _assigned(which: ColumnElement[bool]) -> Select[str, str | None]:
    return (
        select(IdentityEventRow.identity_id, IdentityEventRow.member_key)
        .where(IdentityEventRow.kind == "person", IdentityEventRow.action == "assign", which)
        .order_by(IdentityEventRow.sequence)
    )


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[n : n + _ASKED_AT_ONCE] for n in range(0, len(values), _ASKED_AT_ONCE))
