"""The register's tables of work requests, of notices to one user, and of who is told of looks.

Invariant: a request holds what its asker typed, and which facts and fields were approved; the
values of those facts stay where they are, so that erasing a fact erases it from every answer.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from governance.tables import Base


class ApproverRow(Base):
    """Somebody named to answer requests for their agency, until that is ended."""

    __tablename__ = "request_approver"

    appointment_id: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(ForeignKey("agency.agency_id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"))
    named_by: Mapped[str]
    named_at: Mapped[dt.datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[dt.datetime | None]


class WorkRequestRow(Base):
    """One question of a user to an agency; `words` say who is meant, in the asker's words."""

    __tablename__ = "work_request"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'asked_back', 'told', 'nothing', 'refused', 'withdrawn')",
            name="state",
        ),
        Index(None, "giving_agency", "state"),
    )

    request_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"), index=True)
    agency: Mapped[str]
    role: Mapped[str]
    giving_agency: Mapped[str] = mapped_column(ForeignKey("agency.agency_id"))
    question: Mapped[str]
    category: Mapped[str | None]
    from_date: Mapped[dt.date | None]
    to_date: Mapped[dt.date | None]
    subject_id: Mapped[str | None]
    words: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str]
    reference: Mapped[str]
    legal_basis: Mapped[str]
    urgency: Mapped[str]
    asked_at: Mapped[dt.datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None]
    answer: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[dt.datetime | None]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[dt.datetime | None]


class RequestFactRow(Base):
    """A fact that an answer may tell, and which fields of it; `seal` is that of their values."""

    __tablename__ = "work_request_fact"

    request_id: Mapped[str] = mapped_column(ForeignKey("work_request.request_id"), primary_key=True)
    fact_id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]
    share_key: Mapped[str] = mapped_column(String(200))
    via: Mapped[str]
    via_key: Mapped[str] = mapped_column(String(200))
    fields: Mapped[list[str]]
    restricted: Mapped[bool]
    seal: Mapped[str]


class RequestMessageRow(Base):
    """What an approver asked back, and what the asker replied."""

    __tablename__ = "work_request_message"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("work_request.request_id"), index=True)
    user_id: Mapped[str]
    at: Mapped[dt.datetime]
    words: Mapped[str] = mapped_column(Text)


class UserNoticeRow(Base):
    """What one user must know: a request, an answer, or that somebody looked."""

    __tablename__ = "user_notice"
    __table_args__ = (Index(None, "to_user", "at"),)

    notice_id: Mapped[str] = mapped_column(primary_key=True)
    to_user: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"))
    kind: Mapped[str]
    at: Mapped[dt.datetime]
    subject_id: Mapped[str]
    by_user: Mapped[str]
    agency: Mapped[str]
    role: Mapped[str | None]
    purpose: Mapped[str | None]
    seen_at: Mapped[dt.datetime | None]


class WorkerRow(Base):
    """Under which name a user stands in their agency's records as a lead worker."""

    __tablename__ = "worker"

    agency: Mapped[str] = mapped_column(ForeignKey("agency.agency_id"), primary_key=True)
    worker: Mapped[str] = mapped_column(String(200), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"))
    named_by: Mapped[str]
    named_at: Mapped[dt.datetime]


class TellingRow(Base):
    """Whether looks under an agreement are told to practitioners; the last decision holds."""

    __tablename__ = "telling"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.agreement_id"), index=True)
    tells: Mapped[bool]
    decided_by: Mapped[str]
    decided_at: Mapped[dt.datetime]
