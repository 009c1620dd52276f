"""Whose data a request may read. Only the key that it carries decides this."""

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

Raises NotAllowed. It runs on the event loop at every request, so it must not block.
"""

_SCHEME: Final = HTTPBearer(
    scheme_name="key",
    description="A key with the scope read. While no such key exists, the server's own machine needs none.",
    auto_error=False,
)


class NotAllowed(FlowtrailError):
    """The request may not read. Codes: ``unauthenticated`` (401), ``forbidden`` (403), ``too_many_attempts`` (429)."""


def loopback_only(_headers: Mapping[str, str], peer: str) -> str:
    """The default: programs on this machine may read the default tenant's data, others may read nothing."""
    if not is_loopback(peer):
        raise NotAllowed(
            "unauthenticated",
            "Without keys, only programs on the server's own machine may read.",
            "Make a key: flowtrail keys create --scope read.",
        )
    return DEFAULT_TENANT


async def tenant(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]) -> str:
    """The tenant whose data this request may read; raises NotAllowed. Every endpoint gets the tenant from here."""
    authenticate: Authenticate = request.app.state.authenticate
    return authenticate(joined(request.headers), request.client.host if request.client else "")


def joined(headers: Headers) -> dict[str, str]:
    """Headers by lower-case name. A repeated header is joined with commas: a second key must not be hidden."""
    return {name: ",".join(headers.getlist(name)) for name in headers}


@dataclass(frozen=True, slots=True)
class Reader:
    """What a request may read, and the instant that its answer is about."""

    store: Store
    tenant: str
    as_of: datetime

    @property
    def as_of_ns(self) -> int:
        """``as_of`` in Unix nanoseconds, exact to the microsecond."""
        return instants.from_datetime(self.as_of)


def reader(request: Request, allowed: Annotated[str, Depends(tenant)]) -> Reader:
    """The reader for ``request``; a FastAPI dependency, used as ``caller: Caller``."""
    return Reader(request.app.state.store, allowed, request.app.state.clock())


Caller = Annotated[Reader, Depends(reader)]
