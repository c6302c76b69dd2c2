"""Judgements say which form of question was asked; questions are leased to stewards.

Revision: 0002, 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    with op.batch_alter_table("judgement") as batch:
        # What was judged before was a pair of records; the defaults are for those rows alone.
        batch.add_column(
            sa.Column("form", sa.String(length=80), nullable=False, server_default="records")
        )
        batch.add_column(sa.Column("question", sa.JSON(), nullable=False, server_default="{}"))
        batch.create_check_constraint(op.f("ck_judgement_form"), "form in ('records', 'clusters')")
    with op.batch_alter_table("judgement") as batch:
        batch.alter_column("form", server_default=None)
        batch.alter_column("question", server_default=None)
        batch.create_index(op.f("ix_judgement_user_id"), ["user_id"])
    op.create_table(
        "question_lease",
        sa.Column("question_id", sa.String(length=80), nullable=False),
        sa.Column("record_a", sa.String(length=80), nullable=False),
        sa.Column("record_b", sa.String(length=80), nullable=False),
        sa.Column("form", sa.String(length=80), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("record_a < record_b", name=op.f("ck_question_lease_ordered")),
        sa.CheckConstraint("form in ('records', 'clusters')", name=op.f("ck_question_lease_form")),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question_lease")),
        sa.UniqueConstraint(
            "record_a", "record_b", name=op.f("uq_question_lease_record_a_record_b")
        ),
    )
    op.create_index(op.f("ix_question_lease_user_id"), "question_lease", ["user_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_question_lease_user_id"), "question_lease")
    op.drop_table("question_lease")
    with op.batch_alter_table("judgement") as batch:
        batch.drop_index(op.f("ix_judgement_user_id"))
        batch.drop_constraint(op.f("ck_judgement_form"), type_="check")
        batch.drop_column("question")
        batch.drop_column("form")
