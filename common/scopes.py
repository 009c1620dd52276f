"""What a key allows."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """A key has one or more. ``audit`` opens nothing yet: it is for reading logs."""

    INGEST = "ingest"
    """Send telemetry to the collector."""

    READ = "read"
    """Ask the query API."""

    SQL = "sql"
    """Ask the store itself, for the rows of one tenant."""

    OPERATE = "operate"
    """See, replay and drop dead letters; have cases folded again."""

    OPERATE_ALL = "operate-all"
    """The same for all tenants of the installation."""

    ADMIN = "admin"
    """Ask the store itself, over all tenants; write to it where the server allows that."""

    AUDIT = "audit"


INCLUDED_IN: Final = {Scope.OPERATE: Scope.OPERATE_ALL}
"""Scopes that another one includes."""

CLOSED_BY: Final = {
    Scope.SQL: frozenset({Scope.SQL, Scope.READ, Scope.ADMIN}),
    Scope.OPERATE: frozenset({Scope.OPERATE, Scope.OPERATE_ALL}),
}
"""Scopes whose first key ends that this machine comes in without one; left out: the scope itself, alone.

Whoever made a key for reading meant to keep readers out, and SQL reads more than the query API does.
"""
