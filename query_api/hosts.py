"""The host names that the API accepts: protection against DNS rebinding.

A web page can point a name of its own at this machine and then read what is served here. The browser sends that name
in the Host header, so a request with an unknown Host is refused.
"""

import re
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from query_api import problems

_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[^:\[\]]+))(?::\d+)?", re.IGNORECASE)


class KnownHosts:
    """ASGI middleware that answers 421 unless the Host header names one of ``hosts``, with or without a port.

    Write IPv6 addresses without brackets. Upper and lower case are the same.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app if scope["type"] != "http" or self._known(scope) else problems.MISDIRECTED
        await app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        # Two Host headers are refused: a proxy and this server might each believe another one.
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        return match is not None and (match["v6"] or match["name"]).lower() in self._hosts
