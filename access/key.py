"""A key, the request for a new one, and the names that a tenant may have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access.errors import AccessError
from common.tenants import DEFAULT_TENANT

if TYPE_CHECKING:
    from common.scopes import Scope

_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is stored of a key.

    Times are Unix nanoseconds; None is never. A quota of None is the default of the server, 0 is no quota.
    ``digest`` is the hash of the secret, see :class:`access.secrets.Secret`.
    """

    id: str
    tenant: str
    scopes: frozenset[Scope]
    digest: str
    name: str = ""
    created_ns: int = 0
    expires_ns: int | None = None
    revoked_ns: int | None = None
    last_used_ns: int | None = None
    requests_per_s: float | None = None
    bytes_per_s: float | None = None

    def usable_at(self, now_ns: int) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_ns is None and (self.expires_ns is None or now_ns < self.expires_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequest:
    """The properties of a new key. ``expires_ns``: Unix nanoseconds, None is never; quotas as in :class:`Key`."""

    scopes: frozenset[Scope]
    tenant: str = DEFAULT_TENANT
    name: str = ""
    expires_ns: int | None = None
    requests_per_s: float | None = None
    bytes_per_s: float | None = None


def expect_tenant(tenant: str) -> None:
    """Raise AccessError ``invalid`` if ``tenant`` is not a valid name."""
    if not _TENANT.fullmatch(tenant):
        raise AccessError(
            "invalid",
            f"{tenant[:80]!r} is not a valid name of a tenant.",
            "Use up to 64 letters, digits, dots, dashes and underscores. The first must be a letter or digit.",
        )
