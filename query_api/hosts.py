"""Refuses requests under a host name that is not this server's; see :mod:`common.hosts`."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from common.hosts import HostNames
from query_api import problems


class KnownHosts:
    """ASGI middleware that answers 421 unless the Host header names one of ``hosts``, with or without a port."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = HostNames(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = scope["type"] != "http" or self._hosts.includes(",".join(Headers(scope=scope).getlist("host")))
        await (self._app if known else problems.MISDIRECTED)(scope, receive, send)
