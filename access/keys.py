"""The keys in the database: create, list and revoke them."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, or_, select, update

from access.errors import AccessError
from access.key import Key, expect_tenant
from access.schema import KEY_SCOPES, KEYS, REVISIONS
from access.secrets import Secret, new_secret
from common.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from access.database import Database
    from access.key import KeyRequest

_MAX_NAME: Final = 200
_REVISION: Final = "keys"
_SCOPES: Final = frozenset(scope.value for scope in Scope)
"""The scopes that this version knows. A newer one may have written others, which are ignored."""


class Keys:
    """The keys of a database. ``clock`` gives Unix nanoseconds."""

    def __init__(self, database: Database, clock: Callable[[], int] = time.time_ns) -> None:
        self._database = database
        self._clock = clock

    def create(self, request: KeyRequest, secret: Secret | None = None) -> tuple[Key, Secret]:
        """Create a key, with a new secret unless one is passed. The secret itself is not stored.

        Raises AccessError ``invalid`` if the request is not valid or the id exists already.
        """
        self._check(request)
        secret = secret or new_secret()
        values: dict[str, Any] = {
            "id": secret.id,
            "name": request.name,
            "tenant": request.tenant,
            "digest": secret.digest,
            "created_ns": self._clock(),
            "expires_ns": request.expires_ns,
            "requests_per_s": request.requests_per_s,
            "bytes_per_s": request.bytes_per_s,
        }
        with self._database.write() as connection:
            if connection.execute(select(KEYS.c.id).where(KEYS.c.id == secret.id)).first():
                raise AccessError("invalid", f"A key with the id {secret.id} exists already.", "Choose another id.")
            connection.execute(insert(KEYS).values(values))
            for scope in sorted(request.scopes):
                connection.execute(insert(KEY_SCOPES).values(key_id=secret.id, scope=scope.value))
            _count_up(connection)
        return Key(**values, scopes=request.scopes), secret

    def get(self, key_id: str) -> Key:
        """One key; raises AccessError ``not_found``."""
        for key in self.list():
            if key.id == key_id:
                return key
        raise AccessError(
            "not_found",
            f"There is no key with the id {key_id[:64]!r}.",
            "flowtrail keys list shows the ids. The id is only a part of the key.",
        )

    def list(self) -> list[Key]:
        """All keys, revoked and expired ones too, oldest first."""
        with self._database.read() as connection:
            scopes: defaultdict[str, set[Scope]] = defaultdict(set)
            for row in connection.execute(select(KEY_SCOPES)):
                if row.scope in _SCOPES:
                    scopes[row.key_id].add(Scope(row.scope))
            rows = connection.execute(select(KEYS).order_by(KEYS.c.created_ns, KEYS.c.id))
            return [Key(**row._mapping, scopes=frozenset(scopes[row.id])) for row in rows]  # noqa: SLF001 - its name

    def revoke(self, key_id: str) -> Key:
        """Revoke a key for good. To revoke it again changes nothing. Raises AccessError ``not_found``."""
        self.get(key_id)
        with self._database.write() as connection:
            connection.execute(
                update(KEYS).where(KEYS.c.id == key_id, KEYS.c.revoked_ns.is_(None)).values(revoked_ns=self._clock())
            )
            _count_up(connection)
        return self.get(key_id)

    def revision(self) -> int:
        """A number that increases with each change."""
        with self._database.read() as connection:
            query = select(REVISIONS.c.revision).where(REVISIONS.c.subject == _REVISION)
            return int(connection.execute(query).scalar_one())

    def used(self, last_used_ns: Mapping[str, int]) -> None:
        """Store when keys (by id) were last used. A time before the stored one changes nothing."""
        with self._database.write() as connection:
            for key_id, used_ns in last_used_ns.items():
                # Several servers write here, and not in the order of the times.
                earlier = or_(KEYS.c.last_used_ns.is_(None), KEYS.c.last_used_ns < used_ns)
                connection.execute(update(KEYS).where(KEYS.c.id == key_id, earlier).values(last_used_ns=used_ns))

    def _check(self, request: KeyRequest) -> None:
        expect_tenant(request.tenant)
        if not request.scopes:
            raise AccessError("invalid", "A key needs a scope.", f"Give one or more of: {', '.join(Scope)}.")
        if len(request.name) > _MAX_NAME or not request.name.isprintable():
            raise AccessError("invalid", "The name is too long or has control characters.", "Use up to 200 characters.")
        if request.expires_ns is not None and request.expires_ns <= self._clock():
            raise AccessError("invalid", "The key would have expired already.", "Give a time in the future.")
        for quota in (request.requests_per_s, request.bytes_per_s):
            if quota is not None and not 0 <= quota < float("inf"):
                raise AccessError("invalid", f"A quota cannot be {quota}.", "Give a number from 0; 0 is no quota.")


def _count_up(connection: Connection) -> None:
    connection.execute(
        update(REVISIONS).where(REVISIONS.c.subject == _REVISION).values(revision=REVISIONS.c.revision + 1)
    )
