"""The register's tables of erasure: what was erased, and which loads were rewritten for it.

Invariant: what was erased is told by its opaque key alone, a keyed digest of the source's own key;
with it the next extract cannot bring the row back, and without the home's key it says nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from governance.tables import Base


class ErasureRow(Base):
    """An act of erasure; `done_at` is empty while it is under way, or was interrupted."""

    __tablename__ = "erasure"
    __table_args__ = (CheckConstraint("reason in ('request', 'retention')", name="reason"),)

    erasure_id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    begun_by: Mapped[str]
    begun_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    counts: Mapped[dict[str, Any]]


class ErasedRow(Base):
    """The opaque key of a record, contact or indicator that must not come back."""

    __tablename__ = "erased"
    __table_args__ = (CheckConstraint("what in ('record', 'contact', 'indicator')", name="what"),)

    item_id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]
    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasure.erasure_id"), index=True)


class RewrittenLoadRow(Base):
    """A load whose files were rewritten: how many rows went, and the files' digests."""

    __tablename__ = "rewritten_load"

    load_id: Mapped[str] = mapped_column(ForeignKey("load.load_id"), primary_key=True)
    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasure.erasure_id"), primary_key=True)
    rows: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
