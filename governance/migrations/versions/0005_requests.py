"""Work requests, notices to one user, and who is told of looks.

Revision: 0005, 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def _text(name: str, *, null: bool = False, length: int = 80) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=null)


def _words(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _refers(table: str, column: str, to: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=f"fk_{table}_{column}_{to}")


def upgrade() -> None:
    _make_requests()
    op.create_table(
        "request_approver",
        _text("appointment_id"),
        _text("agency"),
        _text("user_id"),
        _text("named_by"),
        _instant("named_at"),
        _text("ended_by", null=True),
        _instant("ended_at", null=True),
        _refers("request_approver", "agency", "agency", "agency_id"),
        _refers("request_approver", "user_id", "app_user", "user_id"),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_request_approver")),
    )
    op.create_index(op.f("ix_request_approver_agency"), "request_approver", ["agency"])
    op.create_table(
        "user_notice",
        _text("notice_id"),
        _text("to_user"),
        _text("kind"),
        _instant("at"),
        _text("subject_id"),
        _text("by_user"),
        _text("agency"),
        _text("role", null=True),
        _text("purpose", null=True),
        _instant("seen_at", null=True),
        _refers("user_notice", "to_user", "app_user", "user_id"),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_user_notice")),
    )
    op.create_index(op.f("ix_user_notice_to_user_at"), "user_notice", ["to_user", "at"])
    op.create_table(
        "worker",
        _text("agency"),
        _text("worker", length=200),
        _text("user_id"),
        _text("named_by"),
        _instant("named_at"),
        _refers("worker", "agency", "agency", "agency_id"),
        _refers("worker", "user_id", "app_user", "user_id"),
        sa.PrimaryKeyConstraint("agency", "worker", name=op.f("pk_worker")),
    )
    op.create_table(
        "telling",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        _text("agreement_id"),
        sa.Column("tells", sa.Boolean(), nullable=False),
        _text("decided_by"),
        _instant("decided_at"),
        _refers("telling", "agreement_id", "agreement", "agreement_id"),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_telling")),
    )
    op.create_index(op.f("ix_telling_agreement_id"), "telling", ["agreement_id"])


def _make_requests() -> None:
    op.create_table(
        "work_request",
        _text("request_id"),
        _text("user_id"),
        _text("agency"),
        _text("role"),
        _text("giving_agency"),
        _text("question"),
        _text("category", null=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        _text("subject_id", null=True),
        _words("words"),
        _text("purpose"),
        _text("reference"),
        _text("legal_basis"),
        _text("urgency"),
        _instant("asked_at"),
        _text("state"),
        _text("decided_by", null=True),
        _instant("decided_at", null=True),
        _text("reason", null=True),
        _words("answer", null=True),
        _instant("expires_at", null=True),
        _text("revoked_by", null=True),
        _instant("revoked_at", null=True),
        sa.CheckConstraint(
            "state in ('waiting', 'asked_back', 'told', 'nothing', 'refused', 'withdrawn')",
            name=op.f("ck_work_request_state"),
        ),
        _refers("work_request", "user_id", "app_user", "user_id"),
        _refers("work_request", "giving_agency", "agency", "agency_id"),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_work_request")),
    )
    op.create_index(op.f("ix_work_request_user_id"), "work_request", ["user_id"])
    op.create_index(
        op.f("ix_work_request_giving_agency_state"), "work_request", ["giving_agency", "state"]
    )
    op.create_table(
        "work_request_fact",
        _text("request_id"),
        _text("fact_id"),
        _text("what"),
        _text("share_key", length=200),
        _text("via"),
        _text("via_key", length=200),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        _text("seal"),
        _refers("work_request_fact", "request_id", "work_request", "request_id"),
        sa.PrimaryKeyConstraint("request_id", "fact_id", name=op.f("pk_work_request_fact")),
    )
    op.create_table(
        "work_request_message",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        _text("request_id"),
        _text("user_id"),
        _instant("at"),
        _words("words"),
        _refers("work_request_message", "request_id", "work_request", "request_id"),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_work_request_message")),
    )
    op.create_index(
        op.f("ix_work_request_message_request_id"), "work_request_message", ["request_id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_telling_agreement_id"), "telling")
    op.drop_table("telling")
    op.drop_table("worker")
    op.drop_index(op.f("ix_user_notice_to_user_at"), "user_notice")
    op.drop_table("user_notice")
    op.drop_index(op.f("ix_request_approver_agency"), "request_approver")
    op.drop_table("request_approver")
    op.drop_index(op.f("ix_work_request_message_request_id"), "work_request_message")
    op.drop_table("work_request_message")
    op.drop_table("work_request_fact")
    op.drop_index(op.f("ix_work_request_giving_agency_state"), "work_request")
    op.drop_index(op.f("ix_work_request_user_id"), "work_request")
    op.drop_table("work_request")
