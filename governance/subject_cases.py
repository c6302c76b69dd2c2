"""Cases of a person's rights: access, rectification, erasure, restriction.

Invariant: what another officer has to approve is approved by somebody who neither proposed it nor
decided any of it; a change to what was proposed needs a new proposal. A case is closed, never
deleted.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import GovernanceError
from governance.ids import is_opaque, new_id
from governance.subject_tables import SubjectCaseRow, SubjectItemRow
from records.codes import code_list

OUTCOMES = {
    "released": "A bundle was released",
    "rectified": "The agencies concerned have answered",
    "restricted": "Processing is restricted",
    "erased": "Erased",
    "refused": "Refused",
    "withdrawn": "Withdrawn by the person",
    "nothing": "Nothing is held",
}
EXTENSION_MONTHS = 2
_FEWEST = 5
_MOST = 1_000
_RECORDS = 1_000


class SubjectError(GovernanceError):
    """A case, item or correction that cannot be dealt with as asked."""

    exit_code = 4


@dataclass(frozen=True, kw_only=True)
class SubjectCase:
    """A case with its history. `due_on` is the last day for the answer (Article 12(3))."""

    case_id: str
    kind: str
    person_id: str | None
    record_ids: list[str]
    received_on: dt.date
    due_on: dt.date
    extended_because: str | None
    identity_check: str
    state: str
    opened_by: str
    opened_at: dt.datetime
    drawn_at: dt.datetime | None
    proposed_by: str | None
    proposed_at: dt.datetime | None
    proposal: str | None
    proposal_sha256: str | None
    approved_by: str | None
    approved_at: dt.datetime | None
    closed_by: str | None
    closed_at: dt.datetime | None
    outcome: str | None
    reason: str | None
    counts: dict[str, Any]
    bundle_sha256: str | None
    bundle_until: dt.date | None

    def overdue(self, today: dt.date) -> bool:
        """Whether the answer is late."""
        return self.state != "closed" and self.due_on < today


@dataclass(frozen=True, kw_only=True)
class CaseTerms:
    """What a case is opened with."""

    kind: str
    received_on: dt.date
    identity_check: str
    person_id: str | None = None
    record_ids: tuple[str, ...] = ()


def months_later(day: dt.date, months: int) -> dt.date:
    """The corresponding day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def open_case(
    session: Session, terms: CaseTerms, by: str, at: dt.datetime, today: dt.date
) -> SubjectCase:
    """Open a case; it is due a calendar month after it was received.

    Raises:
        SubjectError: naming every fault of the terms.
    """
    if faults := list(_faults(terms, today)):
        raise SubjectError(f"this case cannot be opened: {'; '.join(faults)}")
    row = SubjectCaseRow(
        case_id=new_id("j"),
        kind=terms.kind,
        person_id=terms.person_id,
        record_ids=sorted(set(terms.record_ids)),
        received_on=terms.received_on,
        due_on=months_later(terms.received_on, 1),
        identity_check=terms.identity_check,
        state="open",
        opened_by=by,
        opened_at=at,
        counts={},
    )
    session.add(row)
    session.flush()
    return _case(row)


def extend(session: Session, case_id: str, reason: str, today: dt.date) -> SubjectCase:
    """Prolong the time for the answer by two months, once, before it has run out.

    Raises:
        SubjectError: if it was prolonged before, is late or closed, or no reason is given.
    """
    row = _live(session, case_id)
    if row.extended_because is not None:
        raise SubjectError("a case is prolonged once")
    if row.due_on < today:
        raise SubjectError("the person has to be told within the first month: it is over")
    row.extended_because = _words(reason)
    row.due_on = months_later(row.received_on, 1 + EXTENSION_MONTHS)
    session.flush()
    return _case(row)


def propose(
    session: Session, case_id: str, proposal: str, sha256: str, by: str, at: dt.datetime
) -> SubjectCase:
    """Put what was decided before another officer; `sha256` is that of what would be done."""
    row = _live(session, case_id)
    if row.state != "open":
        raise SubjectError("this case is before another officer already")
    row.state, row.proposal, row.proposal_sha256 = "proposed", proposal, sha256
    row.proposed_by, row.proposed_at = by, at
    session.flush()
    return _case(row)


def approve(session: Session, case_id: str, by: str, at: dt.datetime) -> SubjectCase:
    """Allow what was proposed to be done.

    Raises:
        SubjectError: if nothing waits, or `by` proposed it or decided about any of it.
    """
    row = _live(session, case_id)
    if row.state != "proposed":
        raise SubjectError("this case does not wait for approval")
    query = select(SubjectItemRow.decided_by).where(SubjectItemRow.case_id == case_id).distinct()
    if by == row.proposed_by or by in set(session.scalars(query)):
        raise SubjectError("it is approved by an officer who proposed and decided none of it")
    row.state, row.approved_by, row.approved_at = "approved", by, at
    session.flush()
    return _case(row)


def send_back(session: Session, case_id: str) -> SubjectCase:
    """Back to who works on it: what was proposed, or approved, holds no longer."""
    row = _live(session, case_id)
    if row.state == "open":
        raise SubjectError("this case is not before another officer")
    row.state = "open"
    row.proposal = row.proposal_sha256 = None
    row.proposed_by = row.proposed_at = row.approved_by = row.approved_at = None
    session.flush()
    return _case(row)


def close(
    session: Session,
    case_id: str,
    outcome: str,
    by: str,
    at: dt.datetime,
    *,
    reason: str | None = None,
    counts: Mapping[str, Any] | None = None,
    bundle: tuple[str, dt.date | None] | None = None,
) -> SubjectCase:
    """End a case.

    Args:
        bundle: the digest of what was released, and the last day that it is kept.

    Raises:
        SubjectError: if it is closed, or is refused without a reason.
    """
    row = _live(session, case_id)
    if outcome not in OUTCOMES:
        raise SubjectError(f"a case ends as one of: {', '.join(OUTCOMES)}")
    if outcome == "refused" or reason:
        row.reason = _words(reason or "")
    row.state, row.outcome, row.closed_by, row.closed_at = "closed", outcome, by, at
    row.counts = {**row.counts, **(counts or {})}
    if bundle is not None:
        row.bundle_sha256, row.bundle_until = bundle
    session.flush()
    return _case(row)


def note_counts(session: Session, case_id: str, counts: Mapping[str, Any]) -> None:
    """Add to what a case tells of itself."""
    row = _live(session, case_id)
    row.counts = {**row.counts, **counts}
    session.flush()


def forget_bundle(session: Session, case_id: str) -> None:
    """The bundle's files are gone; its digest stays."""
    row = _existing(session, case_id)
    row.bundle_until = None
    session.flush()


def case(session: Session, case_id: str) -> SubjectCase:
    """One case. Raises SubjectError if there is none by this id."""
    return _case(_existing(session, case_id))


def working(session: Session, case_id: str) -> SubjectCase:
    """A case that is not closed. Raises SubjectError if there is none by this id."""
    return _case(_live(session, case_id))


def cases(session: Session) -> list[SubjectCase]:
    """Every case: those not closed by the day they are due, then the closed, newest first."""
    found = [_case(row) for row in session.scalars(select(SubjectCaseRow))]
    live = sorted((c for c in found if c.closed_at is None), key=lambda c: (c.due_on, c.case_id))
    closed = [c for c in found if c.closed_at is not None]
    closed.sort(key=lambda c: (c.closed_at, c.case_id), reverse=True)
    return live + closed


def _faults(terms: CaseTerms, today: dt.date) -> list[str]:
    faults = []
    if terms.kind not in code_list("subject_request"):
        faults.append(f"kind '{terms.kind}' is not on the list")
    if terms.identity_check not in code_list("identity_check"):
        faults.append("say how the person's identity was checked")
    if terms.person_id is None and not terms.record_ids:
        faults.append("name the person, or records, by their ids")
    if terms.person_id is not None and not _is(terms.person_id, "p_"):
        faults.append("a person is named by an id such as p_...")
    if len(terms.record_ids) > _RECORDS or not all(_is(each, "r_") for each in terms.record_ids):
        faults.append(f"records are named by ids such as r_..., at most {_RECORDS}")
    if terms.received_on > today:
        faults.append("it cannot have been received on a day to come")
    return faults


def _is(text: str, prefix: str) -> bool:
    return is_opaque(text) and text.startswith(prefix)


def _words(text: str) -> str:
    said = text.strip()
    if not _FEWEST <= len(said) <= _MOST:
        raise SubjectError(f"say why, in {_FEWEST} to {_MOST} characters")
    return said


def _existing(session: Session, case_id: str) -> SubjectCaseRow:
    row = session.get(SubjectCaseRow, case_id)
    if row is None:
        raise SubjectError("there is no such case")
    return row


def _live(session: Session, case_id: str) -> SubjectCaseRow:
    row = _existing(session, case_id)
    if row.state == "closed":
        raise SubjectError("this case is closed")
    return row


def _case(row: SubjectCaseRow) -> SubjectCase:
    return SubjectCase(**{name: getattr(row, name) for name in SubjectCase.__dataclass_fields__})
