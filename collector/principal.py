"""Who sends: what the collector knows of a sender once it is let in, and how it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collector.errors import Refusal
from common.loopback import is_loopback
from common.scopes import Scope
from common.tenants import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class Principal:
    """A sender that was let in. ``key_id``: the key it used, '' without one. Quotas a second, 0 for none."""

    tenant: str
    key_id: str = ""
    requests_per_s: float = 0
    bytes_per_s: float = 0


Authenticate = Callable[[Mapping[str, str], str, Scope], Principal]
"""Headers or metadata by lower-case name (repeated ones joined by commas), the peer's IP address ('' on a Unix socket)
and a scope → the sender. Raises Refusal ``unauthenticated`` or ``forbidden``. Runs on the event loop: must not block.
"""


def loopback_only(_headers: Mapping[str, str], peer: str, _scope: Scope) -> Principal:
    """The default: without keys, programs on this machine may do everything, as the one tenant there is."""
    if peer and not is_loopback(peer):
        raise Refusal(
            "unauthenticated",
            "Without a key only programs on the collector's own machine may send.",
            "Send Authorization: Bearer <key>; a key is made with flowtrail keys create --scope ingest.",
        )
    return Principal(DEFAULT_TENANT)
