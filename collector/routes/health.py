"""For operators and their tools: ``GET /healthz``, ``/readyz`` and ``/metrics``. They are open to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from collector.http.message import Response
from collector.http.route import Route, Routes
from collector.replies import JSON
from collector.telemetry import prometheus

if TYPE_CHECKING:
    from collector.http.message import Request
    from collector.readiness import Readiness


@dataclass(frozen=True, slots=True)
class HealthRoutes:
    """The routes for the state and the metrics of one collector."""

    readiness: Readiness

    def table(self) -> Routes:
        pages = {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics}
        return {path: Route(("GET", "HEAD"), None, page) for path, page in pages.items()}

    async def _healthz(self, _request: Request) -> Response:
        return _json(200, {"alive": True})

    async def _readyz(self, _request: Request) -> Response:
        state = self.readiness.state()
        return _json(200 if state["ready"] else 503, state)

    async def _metrics(self, _request: Request) -> Response:
        return Response(200, prometheus.CONTENT_TYPE, self.readiness.telemetry.page().encode())


def _json(code: int, value: Any) -> Response:
    return Response(code, JSON, orjson.dumps(value))
