"""Recognises requests that a browser sends for a web page. Without a key, no page may write here.

Any page that somebody opens can post text or a form to 127.0.0.1 without permission, and JSON too once the page's own
host name resolves to that address (DNS rebinding). But it cannot leave out the headers that browsers add.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.errors import Refusal
from collector.principal import key_hint
from common.scopes import Scope

if TYPE_CHECKING:
    from collector.http.message import Head
    from collector.principal import Principal


def expect_no_page(head: Head, principal: Principal) -> None:
    """Raise Refusal ``forbidden`` for a request of a web page without a key.

    Pages with a key do not come this far either: before it sends ``Authorization``, the browser asks for permission (a
    CORS preflight), which the collector never grants.
    """
    if not principal.key_id and is_of_page(head):
        raise Refusal(
            "forbidden",
            "This comes from a web page, and pages may not send without a key.",
            key_hint(Scope.INGEST),
        )


def is_of_page(head: Head) -> bool:
    """Whether a browser sent the request: it has a header that only browsers set."""
    return "origin" in head.headers or "sec-fetch-site" in head.headers
