"""The legal basis on which somebody looks, beside the purpose of a session.

Revision: 0010, 2026-11-24
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    # Sessions of today state their purpose anew: a look needs a basis.
    op.add_column("user_session", sa.Column("legal_basis", sa.String(), nullable=True))
    op.execute("update user_session set purpose_until = null")


def downgrade() -> None:
    op.drop_column("user_session", "legal_basis")
