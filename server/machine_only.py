"""Shows the dashboards on this machine only: they have no sign-in, so this holds until they have a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from access.door import is_from_this_machine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

_PAGE: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Flowtrail</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem}</style>
<h1>These pages are shown on the server's own machine only</h1>
<p>Flowtrail's dashboards have no sign-in. Whoever reaches them sees what their key may read.</p>
<p><strong>What to do:</strong> create a key with <code>flowtrail keys create --scope read</code>, start the server with
<code>FLOWTRAIL_API_KEY</code> set to it, and make sure that only people who may see the data reach this address, for
example with a reverse proxy that asks them to sign in.</p></html>
"""
_HEADERS: Final = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-length", str(len(_PAGE)).encode()),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"),
]


class MachineOnly:
    """ASGI middleware: requests from other machines, also through a proxy that says so, get 403 and a page."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Handle one request."""
        if scope["type"] != "http" or _is_from_this_machine(scope):
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 403, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else _PAGE})


def _is_from_this_machine(scope: MutableMapping[str, Any]) -> bool:
    names = {name.decode("latin-1").lower(): "" for name, _ in scope["headers"]}
    return is_from_this_machine(names, (scope.get("client") or ("", 0))[0])
