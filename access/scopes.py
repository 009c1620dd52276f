"""What a key allows."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """A key has one or more. ``admin`` and ``audit`` open nothing yet: they are for managing keys and reading logs."""

    INGEST = "ingest"
    """Send telemetry to the collector."""

    READ = "read"
    """Ask the query API."""

    OPERATE = "operate"
    """See, replay and drop dead letters."""

    ADMIN = "admin"
    AUDIT = "audit"
