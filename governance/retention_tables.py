"""The register's tables of retention: rules, legal holds, reviews, disposals, and lawful bases.

Invariant: a rule is never edited; a hold is lifted and not deleted; what was disposed of is told
by its certificate alone, in counts and digests.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from governance.tables import Base


class RetentionRuleRow(Base):
    """How long something is kept after what, and what then; `*` stands for every one there is."""

    __tablename__ = "retention_rule"
    __table_args__ = (
        CheckConstraint("ends in ('review', 'dispose')", name="ends"),
        CheckConstraint("months >= 0", name="months"),
    )

    rule_id: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str]
    dataset: Mapped[str]
    category: Mapped[str]
    event: Mapped[str]
    months: Mapped[int]
    ends: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str]
    proposed_at: Mapped[dt.datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[dt.datetime | None]


class LegalHoldRow(Base):
    """What must not be disposed of, whatever falls due: a person or fact, or part of a dataset."""

    __tablename__ = "legal_hold"

    hold_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    agency: Mapped[str]
    dataset: Mapped[str]
    category: Mapped[str]
    subject_id: Mapped[str | None]
    reason: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(200))
    review_on: Mapped[dt.date]
    placed_by: Mapped[str]
    placed_at: Mapped[dt.datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[dt.datetime | None]


class RetentionReviewRow(Base):
    """What an officer decided about something that fell due; the last decision holds."""

    __tablename__ = "retention_review"
    __table_args__ = (
        CheckConstraint("outcome in ('keep', 'dispose')", name="outcome"),
        Index(None, "item_id"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    item_id: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    next_review: Mapped[dt.date | None]
    decided_by: Mapped[str]
    decided_at: Mapped[dt.datetime]


class DisposalRow(Base):
    """A disposal: proposed, approved by another, carried out; then it has its certificate."""

    __tablename__ = "disposal"

    disposal_id: Mapped[str] = mapped_column(primary_key=True)
    due_by: Mapped[dt.date]
    rule_id: Mapped[str | None] = mapped_column(ForeignKey("retention_rule.rule_id"))
    items: Mapped[int]
    items_sha256: Mapped[str] = mapped_column(String(64))
    proposed_by: Mapped[str]
    proposed_at: Mapped[dt.datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    certificate: Mapped[dict[str, Any]]


class DisposalItemRow(Base):
    """One thing of a disposal that was not carried out yet; gone once it was."""

    __tablename__ = "disposal_item"

    disposal_id: Mapped[str] = mapped_column(ForeignKey("disposal.disposal_id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]
    rule_id: Mapped[str]
    share_key: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[dt.date]


class DatasetBasisRow(Base):
    """On which lawful basis a dataset is processed, as an officer noted it; the last one holds."""

    __tablename__ = "dataset_basis"
    __table_args__ = (
        ForeignKeyConstraint(["agency", "dataset"], ["dataset.agency", "dataset.dataset_id"]),
        Index(None, "agency", "dataset"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    agency: Mapped[str]
    dataset: Mapped[str]
    basis: Mapped[str]
    until: Mapped[dt.date | None]
    noted_by: Mapped[str]
    noted_at: Mapped[dt.datetime]
