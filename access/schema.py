"""The tables of ``access/migrations`` as SQLAlchemy sees them; a test compares the two."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Double, ForeignKey, MetaData, Table, Text

METADATA: Final = MetaData()

KEYS: Final = Table(
    "keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("expires_ns", BigInteger),
    Column("revoked_ns", BigInteger),
    Column("last_used_ns", BigInteger),
    Column("requests_per_s", Double),
    Column("bytes_per_s", Double),
)

KEY_SCOPES: Final = Table(
    "key_scopes",
    METADATA,
    Column("key_id", Text, ForeignKey("keys.id"), primary_key=True),
    Column("scope", Text, primary_key=True),
)

TENANTS: Final = Table(
    "tenants",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("token_key", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
)

REVISIONS: Final = Table(
    "revisions",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)
