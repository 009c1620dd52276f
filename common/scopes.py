"""What a key allows."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """A key has one or more. ``audit`` opens nothing yet: it is for reading logs."""

    INGEST = "ingest"
    """Send telemetry to the collector."""

    READ = "read"
    """Ask the query API."""

    OPERATE = "operate"
    """See, replay and drop dead letters; have cases folded again."""

    ADMIN = "admin"
    """Ask the store itself, over all tenants; write to it where the server allows that."""

    AUDIT = "audit"
