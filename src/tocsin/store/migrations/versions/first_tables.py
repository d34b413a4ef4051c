"""The first tables; written out, because a migration must not change when the tables do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables of version 0001."""
    _incidents()
    op.create_table(
        "chain",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("manifest_version", sa.Integer, nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("record_hash", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )
    op.create_index("chain_incident", "chain", ["incident_id", "manifest_version"], unique=True)
    op.create_table(
        "checkpoint",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "baseline",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )


def _incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("first_ns", sa.BigInteger, nullable=False),
        sa.Column("priority", sa.String(8), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("incident_first_ns", "incident", ["first_ns", "id"])
    op.create_table(
        "input",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("prefix_sha256", sa.String(64), nullable=False),
        sa.Column("taken_in_ns", sa.BigInteger, nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("stats", sa.Text, nullable=False),
    )
    op.create_index("input_prefix", "input", ["prefix_sha256"])
    op.create_table(
        "run_incident",
        sa.Column("input_sha256", sa.String(64), sa.ForeignKey("input.sha256"), primary_key=True),
        sa.Column("incident_id", sa.String(64), sa.ForeignKey("incident.id"), primary_key=True),
    )


def downgrade() -> None:
    """Go back to an empty database."""
    for name in ("run_incident", "input", "incident", "chain", "checkpoint", "baseline"):
        op.drop_table(name)
