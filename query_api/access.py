"""Who asks, and whose data they may see: the key a request carries names its tenant, nothing else does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers

from cases import instants
from common.errors import FlowtrailError
from common.loopback import is_loopback
from common.tenants import DEFAULT_TENANT
from store.client import Store

Authenticate = Callable[[Mapping[str, str], str], str]
"""Headers by lower-case name (repeated ones joined by commas) and the peer's IP address ('' if unknown) → the tenant.

Raises NotAllowed. Must not wait for anything: it runs on every request.
"""

_SCHEME: Final = HTTPBearer(
    scheme_name="key",
    description="A key with the scope read. Without any such key, whoever is on the server's machine needs none.",
    auto_error=False,
)


class NotAllowed(FlowtrailError):
    """A reader who is not let in. ``code``: ``unauthenticated`` (401) or ``forbidden`` (403)."""


def loopback_only(_headers: Mapping[str, str], peer: str) -> str:
    """The default: programs on this machine may read, as the one tenant there is."""
    if not is_loopback(peer):
        raise NotAllowed("unauthenticated", "Only this machine may ask.", "Run the server with keys.")
    return DEFAULT_TENANT


async def tenant(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]) -> str:
    """The tenant whose data this request may read; raises NotAllowed. The only place that decides it."""
    authenticate: Authenticate = request.app.state.authenticate
    return authenticate(joined(request.headers), request.client.host if request.client else "")


def joined(headers: Headers) -> dict[str, str]:
    """Headers by lower-case name; those that came twice joined by commas, so that neither is overlooked."""
    return {name: ",".join(headers.getlist(name)) for name in headers}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever sent a request: what they may read, and the instant at which they are answered."""

    store: Store
    tenant: str
    as_of: datetime

    @property
    def as_of_ns(self) -> int:
        """The instant in Unix nanoseconds, exact to the microsecond."""
        return instants.from_datetime(self.as_of)


def reader(request: Request, allowed: Annotated[str, Depends(tenant)]) -> Reader:
    """Whoever sent ``request``."""
    return Reader(request.app.state.store, allowed, request.app.state.clock())


Caller = Annotated[Reader, Depends(reader)]
