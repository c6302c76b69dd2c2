"""Notices: what governance officers must know at once.

Invariant: a notice holds opaque ids and a kind, never a name or a story; it is seen, never
deleted.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from governance.errors import GovernanceError
from governance.ids import new_id
from governance.tables import NoticeRow


class NoticeKind(enum.StrEnum):
    """Why officers are told."""

    EMERGENCY = "emergency"  # somebody took emergency access
    BULK = "bulk"  # somebody looked at far more than is usual
    LIMIT = "limit"  # somebody was stopped at the most that may be looked at


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice; `subject_id` is the emergency's id, or the user's."""

    notice_id: str
    kind: NoticeKind
    at: dt.datetime
    user_id: str
    agency: str
    subject_id: str
    seen_by: str | None = None
    seen_at: dt.datetime | None = None


def notify(
    session: Session, kind: NoticeKind, user_id: str, agency: str, subject_id: str, at: dt.datetime
) -> str:
    """Tell the officers; the answer is the notice's id."""
    row = NoticeRow(
        notice_id=new_id("n"),
        kind=str(kind),
        at=at,
        user_id=user_id,
        agency=agency,
        subject_id=subject_id,
    )
    session.add(row)
    session.flush()
    return row.notice_id


def notices(session: Session, *, last: int = 200) -> list[Notice]:
    """The newest notices, seen or not."""
    query = select(NoticeRow).order_by(NoticeRow.at.desc(), NoticeRow.notice_id).limit(last)
    return [_notice(row) for row in session.scalars(query)]


def unseen(session: Session) -> int:
    """How many notices no officer has seen."""
    query = select(func.count()).select_from(NoticeRow).where(NoticeRow.seen_at.is_(None))
    return session.execute(query).scalar_one()


def told_since(session: Session, kind: NoticeKind, user_id: str, since: dt.datetime) -> bool:
    """Whether officers were told this of a user since an instant."""
    query = select(NoticeRow.notice_id).where(
        NoticeRow.kind == str(kind), NoticeRow.user_id == user_id, NoticeRow.at >= since
    )
    return session.execute(query).first() is not None


def mark_seen(session: Session, notice_id: str, by: str, at: dt.datetime) -> None:
    """An officer has seen a notice; the first who did stays named.

    Raises:
        GovernanceError: if there is no such notice, or it is about the officer themselves.
    """
    row = session.get(NoticeRow, notice_id)
    if row is None:
        raise GovernanceError("There is no such notice.")
    if row.user_id == by:
        raise GovernanceError("A notice about yourself is seen by another officer.")
    if row.seen_at is None:
        row.seen_by, row.seen_at = by, at
        session.flush()


def _notice(row: NoticeRow) -> Notice:
    return Notice(
        notice_id=row.notice_id,
        kind=NoticeKind(row.kind),
        at=row.at,
        user_id=row.user_id,
        agency=row.agency,
        subject_id=row.subject_id,
        seen_by=row.seen_by,
        seen_at=row.seen_at,
    )
