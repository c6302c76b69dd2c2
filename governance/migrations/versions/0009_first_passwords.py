"""Passwords that somebody else set, to be replaced; who waits with every factor proven.

Revision: 0009, 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    # Who has an account today keeps their password. Columns are added in place: other tables hang
    # on these, so SQLite may not make them anew.
    for table, column in (("app_user", "password_given"), ("user_session", "proven")):
        op.add_column(
            table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    for table, column in (("user_session", "proven"), ("app_user", "password_given")):
        op.drop_column(table, column)
