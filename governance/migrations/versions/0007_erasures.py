"""Erasures: what was erased and stays away, and the loads that were rewritten for it.

Revision: 0007, 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=80), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "erasure",
        _text("erasure_id"),
        _text("reason"),
        _text("begun_by"),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _json("counts"),
        sa.CheckConstraint("reason in ('request', 'retention')", name=op.f("ck_erasure_reason")),
        sa.PrimaryKeyConstraint("erasure_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "erased",
        _text("item_id"),
        _text("what"),
        _text("erasure_id"),
        sa.CheckConstraint(
            "what in ('record', 'contact', 'indicator')", name=op.f("ck_erased_what")
        ),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasure.erasure_id"], name=op.f("fk_erased_erasure_id")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_erased")),
    )
    op.create_index(op.f("ix_erased_erasure_id"), "erased", ["erasure_id"])
    op.create_table(
        "rewritten_load",
        _text("load_id"),
        _text("erasure_id"),
        _json("rows"),
        _json("before"),
        _json("after"),
        sa.ForeignKeyConstraint(
            ["load_id"], ["load.load_id"], name=op.f("fk_rewritten_load_load_id")
        ),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasure.erasure_id"], name=op.f("fk_rewritten_load_erasure_id")
        ),
        sa.PrimaryKeyConstraint("load_id", "erasure_id", name=op.f("pk_rewritten_load")),
    )


def downgrade() -> None:
    op.drop_table("rewritten_load")
    op.drop_index(op.f("ix_erased_erasure_id"), "erased")
    op.drop_table("erased")
    op.drop_table("erasure")
