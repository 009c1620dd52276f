"""What the addresses for operators share: who is let in, how they are named in the log, how they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from collector.errors import Refusal
from collector.http.browser import is_of_page
from collector.http.message import Response
from collector.replies import JSON
from common.loopback import is_loopback_host

if TYPE_CHECKING:
    from collector.http.message import Head
    from collector.principal import Principal


def admit(head: Head, principal: Principal) -> None:
    """Without a key the address of the sender is all there is, and a browser lends it to every page it shows."""
    if principal.key_id:
        return
    if is_of_page(head) or not _is_here(head.headers.get("host", "")):
        raise Refusal(
            "forbidden",
            "This comes from a web page, or under a name that is not this machine's.",
            "Send Authorization: Bearer <key>; a key is made with flowtrail keys create --scope operate.",
        )


def who(principal: Principal) -> str:
    """``principal`` in a line of the log."""
    return f"key {principal.key_id}" if principal.key_id else "a program on this machine"


def as_json(value: Any, status: int = 200) -> Response:
    """An answer that nobody keeps."""
    return Response(status, JSON, orjson.dumps(value), {"cache-control": "no-store"})


def _is_here(host: str) -> bool:
    """Whether a Host header names this machine, with or without a port."""
    name, _, port = host.rpartition(":")
    return is_loopback_host(name if port.isdigit() and not host.endswith("]") else host)
