"""The register as it first stood.

Revision: 0001, 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("agency_id", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("ring", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agency")),
    )
    op.create_table(
        "identity_event",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("identity_id", sa.String(length=80), nullable=False),
        sa.Column("member_key", sa.Text(), nullable=True),
        sa.Column("other_id", sa.String(length=80), nullable=True),
        sa.Column("run_id", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action in ('assign', 'merge', 'split', 'retire')",
            name=op.f("ck_identity_event_action"),
        ),
        sa.CheckConstraint("kind in ('person', 'address')", name=op.f("ck_identity_event_kind")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_identity_event")),
    )
    op.create_index(op.f("ix_identity_event_identity_id"), "identity_event", ["identity_id"])
    op.create_index(
        op.f("ix_identity_event_kind_member_key"), "identity_event", ["kind", "member_key"]
    )
    op.create_table(
        "judgement",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("record_a", sa.String(length=80), nullable=False),
        sa.Column("record_b", sa.String(length=80), nullable=False),
        sa.Column("verdict", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict in ('same', 'different', 'unsure', 'undone')",
            name=op.f("ck_judgement_verdict"),
        ),
        sa.CheckConstraint("record_a < record_b", name=op.f("ck_judgement_ordered")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_judgement")),
    )
    op.create_index(op.f("ix_judgement_record_a_record_b"), "judgement", ["record_a", "record_b"])
    op.create_table(
        "restricted_person",
        sa.Column("restriction_id", sa.String(length=80), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("restricted_by", sa.String(length=80), nullable=False),
        sa.Column("restricted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(length=80), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("restriction_id", name=op.f("pk_restricted_person")),
    )
    op.create_index(op.f("ix_restricted_person_subject_id"), "restricted_person", ["subject_id"])
    op.create_table(
        "run",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("snapshot_id", sa.String(length=80), nullable=True),
        sa.Column("parent_run_id", sa.String(length=80), nullable=True),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('running', 'done', 'failed')", name=op.f("ck_run_state")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_run")),
        sa.UniqueConstraint("run_id", name=op.f("uq_run_run_id")),
    )
    op.create_index(op.f("ix_run_kind_state"), "run", ["kind", "state"])
    op.create_table(
        "sign_in_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_sign_in_day")),
    )
    op.create_table(
        "agreement",
        sa.Column("agreement_id", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("giving_agency", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("withheld", sa.JSON(), nullable=False),
        sa.Column("receiving_agency", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("latest_only", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("window_months", sa.Integer(), nullable=True),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("restricted_allowed", sa.Boolean(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=80), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("level in (1, 2, 3)", name=op.f("ck_agreement_level")),
        sa.ForeignKeyConstraint(
            ["giving_agency"], ["agency.agency_id"], name=op.f("fk_agreement_giving_agency")
        ),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_agreement")),
    )
    op.create_index(
        op.f("ix_agreement_receiving_agency_giving_agency"),
        "agreement",
        ["receiving_agency", "giving_agency"],
    )
    op.create_table(
        "app_user",
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["agency.agency_id"], name=op.f("fk_app_user_agency")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("username", name=op.f("uq_app_user_username")),
    )
    op.create_table(
        "dataset",
        sa.Column("agency", sa.String(length=80), nullable=False),
        sa.Column("dataset_id", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("controller", sa.String(length=200), nullable=False),
        sa.Column("lawful_basis", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("retention_years", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["agency.agency_id"], name=op.f("fk_dataset_agency")),
        sa.PrimaryKeyConstraint("agency", "dataset_id", name=op.f("pk_dataset")),
    )
    op.create_table(
        "load",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("load_id", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("layout", sa.String(length=80), nullable=False),
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("extract", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows_in", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("loaded_by", sa.String(length=80), nullable=False),
        sa.Column("loaded_on", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("extract in ('full', 'delta')", name=op.f("ck_load_extract")),
        sa.CheckConstraint("state in ('staged', 'refused')", name=op.f("ck_load_state")),
        sa.ForeignKeyConstraint(
            ["agency", "dataset"],
            ["dataset.agency", "dataset.dataset_id"],
            name=op.f("fk_load_agency_dataset"),
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_load")),
        sa.UniqueConstraint("load_id", name=op.f("uq_load_load_id")),
    )
    op.create_index(
        op.f("ix_load_agency_dataset_layout_sha256"),
        "load",
        ["agency", "dataset", "layout", "sha256"],
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.user_id"], name=op.f("fk_user_role_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_role")),
    )
    op.create_table(
        "user_session",
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purpose_seconds", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("purpose_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.user_id"], name=op.f("fk_user_session_user_id")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_user_session_token_sha256")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"])


def downgrade() -> None:
    op.drop_table("sign_in_day")
    op.drop_index(op.f("ix_user_session_user_id"), "user_session")
    op.drop_table("user_session")
    op.drop_table("user_role")
    op.drop_index(op.f("ix_load_agency_dataset_layout_sha256"), "load")
    op.drop_table("load")
    op.drop_table("dataset")
    op.drop_table("app_user")
    op.drop_index(op.f("ix_agreement_receiving_agency_giving_agency"), "agreement")
    op.drop_table("agreement")
    op.drop_index(op.f("ix_run_kind_state"), "run")
    op.drop_table("run")
    op.drop_index(op.f("ix_restricted_person_subject_id"), "restricted_person")
    op.drop_table("restricted_person")
    op.drop_index(op.f("ix_judgement_record_a_record_b"), "judgement")
    op.drop_table("judgement")
    op.drop_index(op.f("ix_identity_event_kind_member_key"), "identity_event")
    op.drop_index(op.f("ix_identity_event_identity_id"), "identity_event")
    op.drop_table("identity_event")
    op.drop_table("agency")
