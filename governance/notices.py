"""Notices: what governance officers, or one user, must know at once.

Invariant: a notice holds opaque ids and codes, never a name or a story; it is seen, never
deleted. A user reads their own alone.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from governance.errors import GovernanceError
from governance.ids import new_id
from governance.request_tables import UserNoticeRow
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


class UserNoticeKind(enum.StrEnum):
    """Why one user is told."""

    REQUEST = "request"  # somebody asks their agency, or has replied
    ANSWER = "answer"  # something happened to a request of theirs
    LOOKED = "looked"  # somebody looked at a person whom they work with
    RECTIFY = "rectify"  # a person says that something in their agency's records is wrong


@dataclass(frozen=True, kw_only=True)
class UserNotice:
    """One notice to one user; `subject_id` is the request's id, or the person's.

    `by_user` is for the audit: a user reads the agency and the role alone.
    """

    notice_id: str
    kind: UserNoticeKind
    at: dt.datetime
    subject_id: str
    by_user: str
    agency: str
    role: str | None = None
    purpose: str | None = None
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


def tell_user(
    session: Session,
    to_user: str,
    kind: UserNoticeKind,
    *,
    subject_id: str,
    by_user: str,
    agency: str,
    at: dt.datetime,
    role: str | None = None,
    purpose: str | None = None,
) -> str:
    """Tell one user; the answer is the notice's id."""
    row = UserNoticeRow(
        notice_id=new_id("n"),
        to_user=to_user,
        kind=str(kind),
        at=at,
        subject_id=subject_id,
        by_user=by_user,
        agency=agency,
        role=role,
        purpose=purpose,
    )
    session.add(row)
    session.flush()
    return row.notice_id


def own_notices(session: Session, user_id: str, *, last: int = 200) -> list[UserNotice]:
    """A user's own notices, the newest first."""
    query = select(UserNoticeRow).where(UserNoticeRow.to_user == user_id)
    query = query.order_by(UserNoticeRow.at.desc(), UserNoticeRow.notice_id).limit(last)
    return [
        UserNotice(
            notice_id=row.notice_id,
            kind=UserNoticeKind(row.kind),
            at=row.at,
            subject_id=row.subject_id,
            by_user=row.by_user,
            agency=row.agency,
            role=row.role,
            purpose=row.purpose,
            seen_at=row.seen_at,
        )
        for row in session.scalars(query)
    ]


def own_unseen(session: Session, user_id: str) -> int:
    """How many notices a user has not seen."""
    query = select(func.count()).select_from(UserNoticeRow)
    query = query.where(UserNoticeRow.to_user == user_id, UserNoticeRow.seen_at.is_(None))
    return session.execute(query).scalar_one()


def see_own(session: Session, user_id: str, notice_id: str, at: dt.datetime) -> None:
    """A user has seen a notice. Raises GovernanceError if it is not one of theirs."""
    row = session.get(UserNoticeRow, notice_id)
    if row is None or row.to_user != user_id:
        raise GovernanceError("There is no such notice.")
    row.seen_at = row.seen_at or at
    session.flush()


def see_about(session: Session, user_id: str, subject_id: str, at: dt.datetime) -> None:
    """A user has opened what some of their notices are about."""
    session.execute(
        update(UserNoticeRow)
        .where(
            UserNoticeRow.to_user == user_id,
            UserNoticeRow.subject_id == subject_id,
            UserNoticeRow.seen_at.is_(None),
        )
        .values(seen_at=at)
    )


def told_already(
    session: Session, to_user: str, by_user: str, subject_id: str, purpose: str, since: dt.datetime
) -> bool:
    """Whether a user was told since an instant that another looked at somebody for a purpose."""
    query = select(UserNoticeRow.notice_id).where(
        UserNoticeRow.to_user == to_user,
        UserNoticeRow.kind == str(UserNoticeKind.LOOKED),
        UserNoticeRow.by_user == by_user,
        UserNoticeRow.subject_id == subject_id,
        UserNoticeRow.purpose == purpose,
        UserNoticeRow.at >= since,
    )
    return session.execute(query).first() is not None


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
