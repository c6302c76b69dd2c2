"""The register's tables of subject rights: cases, what is decided about each item, corrections.

Invariant: a case names its person and records by opaque ids; an item holds what was decided and a
seal of the values it was decided on, never the values: those are read again where they stand.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from governance.tables import Base


class SubjectCaseRow(Base):
    """One request of a person about their data, from its receipt to its end."""

    __tablename__ = "subject_case"
    __table_args__ = (
        CheckConstraint(
            "kind in ('access', 'rectification', 'erasure', 'restriction')", name="kind"
        ),
        CheckConstraint("state in ('open', 'proposed', 'approved', 'closed')", name="state"),
        Index(None, "state", "due_on"),
    )

    case_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[str | None]
    record_ids: Mapped[list[str]]
    received_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    extended_because: Mapped[str | None] = mapped_column(Text)
    identity_check: Mapped[str]
    state: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[dt.datetime]
    drawn_at: Mapped[dt.datetime | None]
    proposed_by: Mapped[str | None]
    proposed_at: Mapped[dt.datetime | None]
    proposal: Mapped[str | None]
    proposal_sha256: Mapped[str | None] = mapped_column(String(64))
    approved_by: Mapped[str | None]
    approved_at: Mapped[dt.datetime | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[dict[str, Any]]
    bundle_sha256: Mapped[str | None] = mapped_column(String(64))
    bundle_until: Mapped[dt.date | None]


class SubjectItemRow(Base):
    """One thing that is held about the person, and whether it is disclosed."""

    __tablename__ = "subject_item"
    __table_args__ = (
        CheckConstraint("decision in ('disclose', 'redact', 'withhold')", name="decision"),
        Index(None, "case_id", "position"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("subject_case.case_id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))
    suggested: Mapped[list[str]]
    suggested_exemption: Mapped[str | None]
    decision: Mapped[str | None]
    redacted: Mapped[list[str]]
    exemption: Mapped[str | None]
    silent: Mapped[bool] = mapped_column(default=False)
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]


class RectificationRow(Base):
    """A value that a person says is wrong, put to the agency whose dataset holds it."""

    __tablename__ = "rectification"
    __table_args__ = (
        CheckConstraint("state in ('asked', 'accepted', 'refused', 'changed')", name="state"),
        Index(None, "agency", "state"),
    )

    rectification_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("subject_case.case_id"), index=True)
    fact_id: Mapped[str]
    what: Mapped[str]
    agency: Mapped[str] = mapped_column(ForeignKey("agency.agency_id"))
    dataset: Mapped[str]
    field: Mapped[str]
    words: Mapped[str] = mapped_column(Text)
    load_id: Mapped[str]
    seal: Mapped[str] = mapped_column(String(64))
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[dt.datetime]
    answered_by: Mapped[str | None]
    answered_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    changed_load: Mapped[str | None]
