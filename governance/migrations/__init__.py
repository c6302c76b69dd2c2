"""The register's schema over time (Alembic)."""
