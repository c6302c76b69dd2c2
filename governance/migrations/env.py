"""How Alembic runs here: on the connection that `governance.register` opened, nothing else."""

from __future__ import annotations

from alembic import context

from governance.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
