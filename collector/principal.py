"""The principal: what the collector knows of a sender whose key it has accepted, and how it asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collector.errors import Refusal
from common.loopback import is_loopback
from common.scopes import Scope
from common.tenants import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class Principal:
    """A sender that was let in. ``key_id``: the key it used, '' for none. Quotas are per second, 0 for no limit.

    ``all_tenants``: whether an operator may act for every tenant, and not only for ``tenant``.
    """

    tenant: str
    key_id: str = ""
    requests_per_s: float = 0
    bytes_per_s: float = 0
    all_tenants: bool = False


Authenticate = Callable[[Mapping[str, str], str, Scope], Principal]
"""``authenticate(headers, peer, scope)`` returns the principal of a request.

Headers (or gRPC metadata) have lower-case names, repeated ones are joined by commas. ``peer`` is the IP address of the
sender, '' on a Unix socket. Raises Refusal ``unauthenticated`` or ``forbidden``. Must not block the event loop.
"""


def loopback_only(_headers: Mapping[str, str], peer: str, _scope: Scope) -> Principal:
    """The default, without keys: programs on this machine may do everything, as the default tenant."""
    if peer and not is_loopback(peer):
        raise Refusal(
            "unauthenticated",
            "Without a key only programs on the collector's own machine may send.",
            key_hint(Scope.INGEST),
        )
    return Principal(DEFAULT_TENANT, all_tenants=True)


def key_hint(scope: Scope) -> str:
    """What a sender without a key should do."""
    return f"Send Authorization: Bearer <key>; a key is made with flowtrail keys create --scope {scope}."
