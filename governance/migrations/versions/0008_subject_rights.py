"""Subject rights: cases, what is decided about each item, corrections asked of agencies.

Revision: 0008, 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def _text(name: str, *, null: bool = False, length: int = 80) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=null)


def _words(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _day(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def upgrade() -> None:
    _cases()
    _items()
    _rectifications()


def _cases() -> None:
    kinds = "kind in ('access', 'rectification', 'erasure', 'restriction')"
    states = "state in ('open', 'proposed', 'approved', 'closed')"
    op.create_table(
        "subject_case",
        _text("case_id"),
        _text("kind"),
        _text("person_id", null=True),
        _json("record_ids"),
        _day("received_on"),
        _day("due_on"),
        _words("extended_because", null=True),
        _text("identity_check"),
        _text("state"),
        _text("opened_by"),
        _instant("opened_at"),
        _instant("drawn_at", null=True),
        _text("proposed_by", null=True),
        _instant("proposed_at", null=True),
        _text("proposal", null=True),
        _text("proposal_sha256", null=True, length=64),
        _text("approved_by", null=True),
        _instant("approved_at", null=True),
        _text("closed_by", null=True),
        _instant("closed_at", null=True),
        _text("outcome", null=True),
        _words("reason", null=True),
        _json("counts"),
        _text("bundle_sha256", null=True, length=64),
        _day("bundle_until", null=True),
        sa.CheckConstraint(kinds, name=op.f("ck_subject_case_kind")),
        sa.CheckConstraint(states, name=op.f("ck_subject_case_state")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_subject_case")),
    )
    op.create_index(op.f("ix_subject_case_state_due_on"), "subject_case", ["state", "due_on"])


def _items() -> None:
    decisions = "decision in ('disclose', 'redact', 'withhold')"
    op.create_table(
        "subject_item",
        _text("case_id"),
        _text("item_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("seal", length=64),
        _json("suggested"),
        _text("suggested_exemption", null=True),
        _text("decision", null=True),
        _json("redacted"),
        _text("exemption", null=True),
        sa.Column("silent", sa.Boolean(), nullable=False),
        _text("decided_by", null=True),
        _instant("decided_at", null=True),
        sa.CheckConstraint(decisions, name=op.f("ck_subject_item_decision")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["subject_case.case_id"], name=op.f("fk_subject_item_case_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "item_id", name=op.f("pk_subject_item")),
    )
    op.create_index(
        op.f("ix_subject_item_case_id_position"), "subject_item", ["case_id", "position"]
    )


def _rectifications() -> None:
    states = "state in ('asked', 'accepted', 'refused', 'changed')"
    op.create_table(
        "rectification",
        _text("rectification_id"),
        _text("case_id"),
        _text("fact_id"),
        _text("what"),
        _text("agency"),
        _text("dataset"),
        _text("field"),
        _words("words"),
        _text("load_id"),
        _text("seal", length=64),
        _text("state"),
        _text("asked_by"),
        _instant("asked_at"),
        _text("answered_by", null=True),
        _instant("answered_at", null=True),
        _words("reason", null=True),
        _text("changed_load", null=True),
        sa.CheckConstraint(states, name=op.f("ck_rectification_state")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["subject_case.case_id"], name=op.f("fk_rectification_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency"], ["agency.agency_id"], name=op.f("fk_rectification_agency")
        ),
        sa.PrimaryKeyConstraint("rectification_id", name=op.f("pk_rectification")),
    )
    op.create_index(op.f("ix_rectification_case_id"), "rectification", ["case_id"])
    op.create_index(op.f("ix_rectification_agency_state"), "rectification", ["agency", "state"])


def downgrade() -> None:
    op.drop_index(op.f("ix_rectification_agency_state"), "rectification")
    op.drop_index(op.f("ix_rectification_case_id"), "rectification")
    op.drop_table("rectification")
    op.drop_index(op.f("ix_subject_item_case_id_position"), "subject_item")
    op.drop_table("subject_item")
    op.drop_index(op.f("ix_subject_case_state_due_on"), "subject_case")
    op.drop_table("subject_case")
