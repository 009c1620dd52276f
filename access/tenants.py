"""What belongs to a tenant: the key with which its identifiers are tokenised."""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select

from access.errors import AccessError
from access.key import expect_tenant
from access.schema import TENANTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from access.database import Database

_BYTES: Final = 32


class Tenants:
    """The tenants of a database. ``clock`` gives Unix nanoseconds. Thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], int] = time.time_ns) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def token_key(self, tenant: str) -> bytes:
        """The 32 random bytes of ``tenant``. The first call creates and stores them; they never change.

        Reads the database once per tenant. Raises AccessError ``invalid`` or ``unavailable``.
        """
        key = self._known.get(tenant)
        if key is None:
            expect_tenant(tenant)
            with self._lock:
                key = self._known[tenant] = self._read(tenant) or self._make(tenant)
        return key

    def _read(self, tenant: str) -> bytes | None:
        with self._database.read() as connection:
            stored = connection.execute(select(TENANTS.c.token_key).where(TENANTS.c.name == tenant)).scalar()
        return bytes.fromhex(stored) if stored else None

    def _make(self, tenant: str) -> bytes:
        fresh = secrets.token_bytes(_BYTES)
        try:
            with self._database.write() as connection:
                connection.execute(insert(TENANTS).values(name=tenant, token_key=fresh.hex(), created_ns=self._clock()))
        except AccessError:
            # Another process may have been first, and its key is the one that counts. Any other failure is raised.
            stored = self._read(tenant)
            if stored is None:
                raise
            return stored
        return fresh
