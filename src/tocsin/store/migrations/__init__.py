"""Alembic's environment and versions; imported only when a migration is due."""
