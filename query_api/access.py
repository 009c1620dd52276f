"""Who asks, and whose data they may see. Today everybody who reaches the API sees the one tenant there is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request

from cases import instants
from store.client import Store

DEFAULT_TENANT: Final = "default"


def tenant(request: Request) -> str:
    """The tenant whose data this request may read. The only place that decides it."""
    del request  # The key it carries will name the tenant.
    return DEFAULT_TENANT


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
    """The sender of ``request``."""
    return Reader(request.app.state.store, allowed, request.app.state.clock())


Sender = Annotated[Reader, Depends(reader)]
