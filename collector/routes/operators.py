"""What the addresses for operators share: who is let in, how they are named in the log, how they are answered."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import orjson

from collector.errors import Refusal
from collector.http.browser import is_of_page
from collector.http.message import Response
from collector.replies import JSON

if TYPE_CHECKING:
    from collector.http.message import Head
    from collector.sender import Sender


def admit(head: Head, sender: Sender) -> None:
    """Without a key the address of the sender is all there is, and a browser lends it to every page it shows."""
    if sender.key_id:
        return
    if is_of_page(head) or not _is_here(head.headers.get("host", "")):
        raise Refusal(
            "forbidden",
            "This comes from a web page, or under a name that is not this machine's.",
            "Send Authorization: Bearer <key>; a key is made with flowtrail keys create --scope operate.",
        )


def who(sender: Sender) -> str:
    """``sender`` in a line of the log."""
    return f"key {sender.key_id}" if sender.key_id else "a program on this machine"


def as_json(value: Any, status: int = 200) -> Response:
    """An answer that nobody keeps."""
    return Response(status, JSON, orjson.dumps(value), {"cache-control": "no-store"})


def _is_here(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
