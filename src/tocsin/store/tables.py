"""The tables, newest form; older databases are brought here by `store.migrations`.

JSON is kept as text, so that SQLite and PostgreSQL hold the same bytes.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

HEAD = "0001"  # the newest migration

METADATA = MetaData()

INCIDENT = Table(
    "incident",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("site", Text, nullable=False),
    Column("first_ns", BigInteger, nullable=False),
    Column("priority", String(8), nullable=False),
    Column("status", String(16), nullable=False),
    Column("body", Text, nullable=False),
)
Index("incident_first_ns", INCIDENT.c.first_ns, INCIDENT.c.id)

INPUT = Table(
    "input",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    Column("prefix_sha256", String(64), nullable=False),
    Column("taken_in_ns", BigInteger, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("stats", Text, nullable=False),
)
Index("input_prefix", INPUT.c.prefix_sha256)

RUN_INCIDENT = Table(
    "run_incident",
    METADATA,
    Column("input_sha256", String(64), ForeignKey("input.sha256"), primary_key=True),
    Column("incident_id", String(64), ForeignKey("incident.id"), primary_key=True),
)

CHAIN = Table(
    "chain",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("incident_id", String(64), nullable=False),
    Column("manifest_version", Integer, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("record_hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("signature", String(128), nullable=False),
)
Index("chain_incident", CHAIN.c.incident_id, CHAIN.c.manifest_version, unique=True)

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

BASELINE = Table(
    "baseline",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
)
