"""How many files and connections this process may have open, and how many of them are connections."""

from __future__ import annotations

import logging
import resource
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from server.settings import Settings

_LOG = logging.getLogger(__name__)

_ENOUGH: Final = 65_536
_PORTS: Final = 4
"""OTLP/HTTP, OTLP/gRPC, pages and API, SQL."""

_FOR_FILES: Final = 0.5
"""Share of the descriptors that no connection may take: the store and the durable log must always be able to open a
file."""


def fit_connections(settings: Settings) -> Settings:
    """``settings`` with no more connections than this process can open; raises its limit of open files first."""
    most = connections_per_port(settings.max_connections, raise_limit())
    return settings.model_copy(update={"max_connections": most})


def raise_limit() -> int:
    """Raise this process's limit of open files as far as it may, and return it.

    Many systems start programs with a soft limit of 1,024, for programs that use ``select``; this is none.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= limit:
        return _ENOUGH if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def connections_per_port(setting: int, descriptors: int) -> int:
    """``setting``, or fewer where ``descriptors`` do not suffice for so many at every port; 0 is no limit."""
    most = max(1, int(descriptors * (1 - _FOR_FILES)) // _PORTS)
    if not setting or setting <= most:
        return setting
    _LOG.warning(
        "Only %d files may be open, so each port takes %d connections and not %d. Raise the limit with: ulimit -n",
        descriptors,
        most,
        setting,
    )
    return most
