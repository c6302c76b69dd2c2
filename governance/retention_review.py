"""Reviews: what an officer decided about something that fell due.

Invariant: a decision is added, never changed; the last one about something holds. Keeping needs a
reason and a day when it is looked at again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from governance.ids import is_opaque
from governance.retention import RetentionError
from governance.retention_tables import RetentionReviewRow
from governance.tables import Base

_ABOUT = ("r_", "c_", "i_")
_MOST = 1_000
_FEWEST = 5
_TABLE = Base.metadata.tables["retention_review"]


@dataclass(frozen=True, kw_only=True)
class Review:
    """One decision about a record, contact or indicator."""

    item_id: str
    outcome: str  # keep | dispose
    reason: str
    next_review: dt.date | None
    decided_by: str
    decided_at: dt.datetime


def review(
    session: Session,
    item_ids: Collection[str],
    outcome: str,
    reason: str,
    by: str,
    at: dt.datetime,
    *,
    next_review: dt.date | None = None,
) -> None:
    """Decide about some things, all alike.

    Raises:
        RetentionError: naming every fault of what was decided.
    """
    faults = list(_faults(item_ids, outcome, reason, next_review, at))
    if faults:
        raise RetentionError(f"this cannot be decided: {'; '.join(faults)}")
    rows = [
        {
            "item_id": item_id,
            "outcome": outcome,
            "reason": reason,
            "next_review": next_review if outcome == "keep" else None,
            "decided_by": by,
            "decided_at": at,
        }
        for item_id in sorted(set(item_ids))
    ]
    session.execute(insert(_TABLE), rows)


def last_reviews(session: Session) -> list[Review]:
    """The decision that holds about each thing that there is one about."""
    last = select(func.max(RetentionReviewRow.sequence)).group_by(RetentionReviewRow.item_id)
    query = select(RetentionReviewRow).where(RetentionReviewRow.sequence.in_(last))
    return [_review(row) for row in session.scalars(query)]


def reviews_of(session: Session, item_id: str) -> list[Review]:
    """Every decision about one thing, in order."""
    query = (
        select(RetentionReviewRow)
        .where(RetentionReviewRow.item_id == item_id)
        .order_by(RetentionReviewRow.sequence)
    )
    return [_review(row) for row in session.scalars(query)]


def _faults(
    item_ids: Collection[str],
    outcome: str,
    reason: str,
    next_review: dt.date | None,
    at: dt.datetime,
) -> Iterator[str]:
    if not item_ids:
        yield "nothing was named"
    if not all(is_opaque(each) and each.startswith(_ABOUT) for each in item_ids):
        yield "a record, contact or indicator is named by its id"
    if outcome not in {"keep", "dispose"}:
        yield "it is kept, or disposed of"
    if not _FEWEST <= len(reason.strip()) <= _MOST:
        yield f"say why, in {_FEWEST} to {_MOST} characters"
    if outcome == "keep" and (next_review is None or next_review <= at.date()):
        yield "say on which day to come it is looked at again"


def _review(row: RetentionReviewRow) -> Review:
    return Review(
        item_id=row.item_id,
        outcome=row.outcome,
        reason=row.reason,
        next_review=row.next_review,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
