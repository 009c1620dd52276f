"""Which names the API answers to.

A web page can point a name of its own at this machine and then read what it serves (DNS rebinding); the browser tells
that name in the Host header.
"""

import re
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from query_api import problems

_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[^:\[\]]+))(?::\d+)?", re.IGNORECASE)


class KnownHosts:
    """ASGI middleware: a request for another host than ``hosts`` is answered 421. Any port will do.

    IPv6 addresses stand in ``hosts`` without brackets; letters count alike in either case.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app if scope["type"] != "http" or self._known(scope) else problems.MISDIRECTED
        await app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        sent = Headers(scope=scope).getlist("host")
        match = _HOST.fullmatch(sent[0]) if len(sent) == 1 else None
        return match is not None and (match["v6"] or match["name"]).lower() in self._hosts
