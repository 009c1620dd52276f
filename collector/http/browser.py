"""Requests that a browser sends on behalf of a page: without a key, no page may write here.

A page that somebody happens to look at can post text or a form to 127.0.0.1 without asking anybody, and JSON too once
it has its own name point there. What it cannot do is leave out what browsers add to such requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.errors import Refusal

if TYPE_CHECKING:
    from collector.http.message import Head
    from collector.principal import Principal


def expect_no_page(head: Head, principal: Principal) -> None:
    """Raise Refusal ``forbidden`` for a request of a web page, unless it has a key.

    A page that sends ``Authorization`` makes the browser ask first, and no answer here ever allows it.
    """
    if not principal.key_id and is_of_page(head):
        raise Refusal(
            "forbidden",
            "This comes from a web page, and pages may not send without a key.",
            "Send Authorization: Bearer <key>; a key is made with flowtrail keys create --scope ingest.",
        )


def is_of_page(head: Head) -> bool:
    """Whether a browser marks the request as its own."""
    return "origin" in head.headers or "sec-fetch-site" in head.headers
