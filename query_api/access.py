"""Whose data a request may read. Only the key that it carries decides this."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers

from cases import instants
from common.errors import FlowtrailError
from common.fair_turns import FairTurns  # noqa: TC001 - FastAPI reads the annotations of this module
from common.loopback import is_loopback
from common.tenants import DEFAULT_TENANT
from store.client import Store

Authenticate = Callable[[Mapping[str, str], str], str]
"""Headers by lower-case name (repeated ones joined by commas) and the peer's IP address ('' if unknown) → the tenant.

Raises NotAllowed. It runs on the event loop at every request, so it must not block.
"""

TURNS: Final = 6
"""Requests that read at the same time. The store has eight clients; the writer and the fold must always find one."""

_TURN_S: Final = 30.0

_SCHEME: Final = HTTPBearer(
    scheme_name="key",
    description="A key with the scope read. While no such key exists, the server's own machine needs none.",
    auto_error=False,
)


class NotAllowed(FlowtrailError):
    """The request may not read.

    Codes: ``unauthenticated`` (401), ``forbidden`` (403), ``too_many_attempts`` (429), ``overloaded`` (503).
    """


def loopback_only(_headers: Mapping[str, str], peer: str) -> str:
    """The default: programs on this machine may read the default tenant's data, others may read nothing."""
    if not is_loopback(peer):
        raise NotAllowed(
            "unauthenticated",
            "Without keys, only programs on the server's own machine may read.",
            "Make a key: flowtrail keys create --scope read.",
        )
    return DEFAULT_TENANT


async def tenant(
    request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]
) -> AsyncIterator[str]:
    """The tenant whose data this request may read, and its turn to read. Every endpoint gets the tenant from here.

    Raises NotAllowed, also ``overloaded`` if other requests of the tenant take all its turns.
    """
    authenticate: Authenticate = request.app.state.authenticate
    turns: FairTurns = request.app.state.turns
    name = authenticate(joined(request.headers), request.client.host if request.client else "")
    try:
        await turns.acquire(name, _TURN_S)
    except TimeoutError:
        raise NotAllowed("overloaded", "Too many requests are being answered.", "Try again in a few seconds.") from None
    try:
        yield name
    finally:
        turns.release(name)


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
