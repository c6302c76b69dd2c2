"""Retention: rules, legal holds, reviews, disposals, and the lawful bases of datasets.

Revision: 0006, 2026-11-23

Each registered dataset begins with one rule, from the years that it was registered with.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

from governance.ids import new_id

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

_SOURCE = "The years that the dataset was registered with"


def _text(name: str, *, null: bool = False, length: int = 80) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=null)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _day(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _two_people() -> list[sa.Column[Any]]:
    """Proposed by one, approved by another, perhaps withdrawn."""
    return [
        _text("proposed_by"),
        _instant("proposed_at"),
        _text("approved_by", null=True),
        _instant("approved_at", null=True),
        _text("withdrawn_by", null=True),
        _instant("withdrawn_at", null=True),
    ]


def upgrade() -> None:
    op.create_table(
        "retention_rule",
        _text("rule_id"),
        _text("agency"),
        _text("dataset"),
        _text("category"),
        _text("event"),
        sa.Column("months", sa.Integer(), nullable=False),
        _text("ends"),
        _words("source"),
        *_two_people(),
        sa.CheckConstraint("ends in ('review', 'dispose')", name=op.f("ck_retention_rule_ends")),
        sa.CheckConstraint("months >= 0", name=op.f("ck_retention_rule_months")),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_retention_rule")),
    )
    _make_holds_and_reviews()
    _make_disposals()
    op.create_table(
        "dataset_basis",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        _text("agency"),
        _text("dataset"),
        _text("basis"),
        _day("until", null=True),
        _text("noted_by"),
        _instant("noted_at"),
        sa.ForeignKeyConstraint(
            ["agency", "dataset"],
            ["dataset.agency", "dataset.dataset_id"],
            name=op.f("fk_dataset_basis_agency_dataset"),
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_dataset_basis")),
    )
    op.create_index(op.f("ix_dataset_basis_agency_dataset"), "dataset_basis", ["agency", "dataset"])
    _fill()


def _make_holds_and_reviews() -> None:
    op.create_table(
        "legal_hold",
        _text("hold_id"),
        _text("kind"),
        _text("agency"),
        _text("dataset"),
        _text("category"),
        _text("subject_id", null=True),
        _words("reason"),
        _text("owner", length=200),
        _day("review_on"),
        _text("placed_by"),
        _instant("placed_at"),
        _text("lifted_by", null=True),
        _instant("lifted_at", null=True),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_legal_hold")),
    )
    op.create_table(
        "retention_review",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        _text("item_id"),
        _text("outcome"),
        _words("reason"),
        _day("next_review", null=True),
        _text("decided_by"),
        _instant("decided_at"),
        sa.CheckConstraint(
            "outcome in ('keep', 'dispose')", name=op.f("ck_retention_review_outcome")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_retention_review")),
    )
    op.create_index(op.f("ix_retention_review_item_id"), "retention_review", ["item_id"])


def _make_disposals() -> None:
    op.create_table(
        "disposal",
        _text("disposal_id"),
        _day("due_by"),
        _text("rule_id", null=True),
        sa.Column("items", sa.Integer(), nullable=False),
        _text("items_sha256", length=64),
        *_two_people(),
        _instant("done_at", null=True),
        sa.Column("certificate", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["retention_rule.rule_id"], name=op.f("fk_disposal_rule_id")
        ),
        sa.PrimaryKeyConstraint("disposal_id", name=op.f("pk_disposal")),
    )
    op.create_table(
        "disposal_item",
        _text("disposal_id"),
        _text("item_id"),
        _text("what"),
        _text("rule_id"),
        _text("share_key", length=200),
        _day("due_on"),
        sa.ForeignKeyConstraint(
            ["disposal_id"],
            ["disposal.disposal_id"],
            name=op.f("fk_disposal_item_disposal_id"),
        ),
        sa.PrimaryKeyConstraint("disposal_id", "item_id", name=op.f("pk_disposal_item")),
    )


def _fill() -> None:
    """The rules that datasets registered before begin with."""
    found = op.get_bind().execute(
        sa.text("select agency, dataset_id, retention_years from dataset")
    )
    now = dt.datetime.now(dt.UTC)
    rows = [
        {
            "rule_id": new_id("k"),
            "agency": agency,
            "dataset": dataset,
            "category": "*",
            "event": "last_contact",
            "months": 12 * years,
            "ends": "review",
            "source": _SOURCE,
            "proposed_by": "system",
            "proposed_at": now,
            "approved_by": "system",
            "approved_at": now,
        }
        for agency, dataset, years in found
    ]
    if rows:
        columns = [_text(name) for name in rows[0] if name not in _TYPED]
        table = sa.table("retention_rule", *columns, *(sa.column(n, t) for n, t in _TYPED.items()))
        op.bulk_insert(table, rows)


_TYPED: dict[str, sa.types.TypeEngine[Any]] = {
    "months": sa.Integer(),
    "proposed_at": sa.DateTime(timezone=True),
    "approved_at": sa.DateTime(timezone=True),
}


def downgrade() -> None:
    op.drop_index(op.f("ix_dataset_basis_agency_dataset"), "dataset_basis")
    op.drop_table("dataset_basis")
    op.drop_table("disposal_item")
    op.drop_table("disposal")
    op.drop_index(op.f("ix_retention_review_item_id"), "retention_review")
    op.drop_table("retention_review")
    op.drop_table("legal_hold")
    op.drop_table("retention_rule")
