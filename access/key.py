"""A key, what a new one shall be, and the names a tenant may have."""

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
    """What is known of a key; never its secret. Times are Unix nanoseconds, None is never.

    A quota of None is the server's default, 0 is none.
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
        """Whether it is neither revoked nor expired."""
        return self.revoked_ns is None and (self.expires_ns is None or now_ns < self.expires_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequest:
    """What a new key shall be. ``expires_ns``: Unix nanoseconds or never; quotas as in :class:`Key`."""

    scopes: frozenset[Scope]
    tenant: str = DEFAULT_TENANT
    name: str = ""
    expires_ns: int | None = None
    requests_per_s: float | None = None
    bytes_per_s: float | None = None


def expect_tenant(tenant: str) -> None:
    """Raise AccessError ``invalid`` unless ``tenant`` can be one."""
    if not _TENANT.fullmatch(tenant):
        raise AccessError(
            "invalid",
            f"{tenant[:80]!r} cannot be a tenant.",
            "Use up to 64 letters, digits, dots, dashes and underscores; begin with a letter or digit.",
        )
