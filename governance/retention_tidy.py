"""Removing the register's own rows past their time: requests, notices, words, sessions, tries.

Invariant: only what has ended goes, so many days after it ended; a period of 0 days removes
nothing. The audit is not touched here, nor any ledger that people or links are rebuilt from.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from governance.policy import london_date
from governance.request_tables import (
    RequestFactRow,
    RequestMessageRow,
    UserNoticeRow,
    WorkRequestRow,
)
from governance.tables import (
    Base,
    EmergencyRow,
    NoticeRow,
    QuestionLeaseRow,
    SessionRow,
    SignInDayRow,
    TrustedDeviceRow,
)


def tidy_requests(session: Session, days: int, now: dt.datetime) -> int:
    """Requests that were withdrawn, refused or answered, with their words and what they told."""
    if not days:
        return 0
    before = now - dt.timedelta(days=days)
    row = WorkRequestRow
    over = or_(
        and_(row.state == "withdrawn", row.asked_at < before),
        and_(row.state.in_(["nothing", "refused"]), row.decided_at < before),
        and_(row.state == "told", func.coalesce(row.expires_at, row.decided_at) < before),
    )
    ids = select(row.request_id).where(over)
    for table in (RequestFactRow, RequestMessageRow):
        session.execute(delete(table).where(table.request_id.in_(ids)))
    return _gone(session, WorkRequestRow, over)


def tidy_notices(session: Session, days: int, now: dt.datetime) -> int:
    """Notices that were seen."""
    if not days:
        return 0
    before = now - dt.timedelta(days=days)
    return sum(_gone(session, row, row.seen_at < before) for row in (NoticeRow, UserNoticeRow))


def tidy_emergencies(session: Session, days: int, now: dt.datetime) -> int:
    """The words of emergency access that was reviewed; who took it, when and why it was stays."""
    if not days:
        return 0
    before = now - dt.timedelta(days=days)
    statement = (
        update(EmergencyRow)
        .where(EmergencyRow.reviewed_at < before, EmergencyRow.words != "")
        .values(words="")
    )
    return _count(session.execute(statement))


def tidy_sessions(session: Session, days: int, now: dt.datetime) -> int:
    """Sessions, leases of questions and trusted devices that have ended."""
    if not days:
        return 0
    before = now - dt.timedelta(days=days)
    ended = func.coalesce(SessionRow.ended_at, SessionRow.expires_at) < before
    return (
        _gone(session, SessionRow, ended)
        + _gone(session, TrustedDeviceRow, TrustedDeviceRow.until < before)
        + _gone(session, QuestionLeaseRow, QuestionLeaseRow.until < before)
    )


def tidy_tries(session: Session, days: int, now: dt.datetime) -> int:
    """How often somebody tried to sign in, day by day."""
    if not days:
        return 0
    before = london_date(now) - dt.timedelta(days=days)
    return _gone(session, SignInDayRow, SignInDayRow.day < before)


def _gone(session: Session, row: type[Base], which: ColumnElement[bool]) -> int:
    return _count(session.execute(delete(row).where(which)))


def _count(done: object) -> int:
    assert isinstance(done, CursorResult)
    return int(done.rowcount)
