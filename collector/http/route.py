"""The routes of the HTTP port, which the modules of ``collector.routes`` hand to the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from collector.errors import Refusal

if TYPE_CHECKING:
    from collector.http.message import Head, Request, Response
    from collector.principal import Principal
    from common.scopes import Scope


def _admit_all(_head: Head, _principal: Principal) -> None:
    """The default ``admit``."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address. ``scope``: what the sender's key must allow; None admits everybody.

    ``answer`` gets the request with its body decompressed. ``admit`` runs before the body is read, after the sender was
    authenticated. Both may raise Refusal. ``signal``: the label of its requests in the metrics.
    """

    methods: tuple[str, ...]
    scope: Scope | None
    answer: Callable[[Request], Awaitable[Response]]
    admit: Callable[[Head, Principal], None] = _admit_all
    signal: str = ""


Routes = Mapping[str, Route]
"""Path → route. A path that ends in ``/`` matches everything below it: ``/v1/dead-letters/`` matches each letter."""


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, tables: Iterable[Routes]) -> None:
        self._exact: dict[str, Route] = {}
        for table in tables:
            self._exact.update(table)
        self._below: Final = {path: route for path, route in self._exact.items() if path.endswith("/")}

    def find(self, head: Head) -> Route:
        """The route for ``head``. Raises Refusal ``not_found`` or ``method_not_allowed``."""
        route = self.at(head.path)
        if route is None:
            raise self._unknown(head.path)
        if head.method not in route.methods:
            allowed = " or ".join(route.methods)
            raise Refusal("method_not_allowed", f"{head.method} is not possible here.", f"Use {allowed}.")
        return route

    def at(self, path: str) -> Route | None:
        """The route at ``path``, for any method; None if there is none."""
        exact = self._exact.get(path)
        prefixes = [] if exact else [prefix for prefix in self._below if path.startswith(prefix)]
        return self._below[max(prefixes, key=len)] if prefixes else exact

    def _unknown(self, path: str) -> Refusal:
        hint = "OTLP goes to /v1/traces, /v1/logs and /v1/metrics."
        if path == "/v1development/profiles":
            return Refusal("not_found", "This collector takes no profiles.", hint)
        return Refusal("not_found", f"There is nothing at {path[:200]!r}.", hint)
