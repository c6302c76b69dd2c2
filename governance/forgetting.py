"""Words of the register that tell of somebody who was erased.

Invariant: that something was asked, by whom and when, stays; what was typed about them does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import CursorResult, Result, delete, select, update
from sqlalchemy.orm import Session

from governance.request_tables import RequestFactRow, RequestMessageRow, WorkRequestRow

_ASKED_AT_ONCE = 500


def forget_words(session: Session, subject_ids: Collection[str], facts: Collection[str]) -> int:
    """Remove what requests say of some people, and the facts that answers would tell; how many.

    Args:
        subject_ids: people and records.
        facts: opaque keys of facts that are gone.
    """
    count = 0
    for some in _portions(subject_ids):
        about = WorkRequestRow.subject_id.in_(some)
        ids = select(WorkRequestRow.request_id).where(about)
        count += _count(
            session.execute(delete(RequestMessageRow).where(RequestMessageRow.request_id.in_(ids)))
        )
        wiped = update(WorkRequestRow).where(about, WorkRequestRow.words != "")
        count += _count(session.execute(wiped.values(words="", answer=None)))
    for some in _portions(facts):
        gone = delete(RequestFactRow).where(RequestFactRow.fact_id.in_(some))
        count += _count(session.execute(gone))
    return count


def _portions(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _ASKED_AT_ONCE):
        yield ordered[start : start + _ASKED_AT_ONCE]


def _count(result: Result[object]) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
