"""What the routes for operators have in common: whom they admit, how log lines name them, how they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from collector.errors import Refusal
from collector.http.browser import is_of_page
from collector.http.message import Response
from collector.principal import key_hint
from collector.replies import JSON
from common.loopback import is_loopback_host
from common.scopes import Scope

if TYPE_CHECKING:
    from collector.http.message import Head
    from collector.principal import Principal


def admit(head: Head, principal: Principal) -> None:
    """Raise Refusal ``forbidden`` for a request of a web page without a key."""
    if principal.key_id:
        return
    # Without a key, only programs on this machine are admitted, by their address. A browser on this machine has that
    # address too, whatever page it shows.
    if is_of_page(head) or not _is_here(head.headers.get("host", "")):
        raise Refusal(
            "forbidden",
            "This comes from a web page, or under a host name that is not this machine's.",
            key_hint(Scope.OPERATE),
        )


def who(principal: Principal) -> str:
    """What ``principal`` is called in log lines."""
    return f"key {principal.key_id}" if principal.key_id else "a program on this machine"


def as_json(value: Any, status: int = 200) -> Response:
    """An answer in JSON that no cache may keep."""
    return Response(status, JSON, orjson.dumps(value), {"cache-control": "no-store"})


def _is_here(host: str) -> bool:
    """Whether a Host header names this machine, with or without a port."""
    name, _, port = host.rpartition(":")
    return is_loopback_host(name if port.isdigit() and not host.endswith("]") else host)
