"""Long work that a running server does, asked for over HTTP: begun, watched, stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from collector.errors import CollectorError
from server.operator_http import OperatorHttp

if TYPE_CHECKING:
    from cases.progress import Progress

_POLL_S: Final = 0.5
_PATIENCE: Final = 20
"""Questions in a row that may go unanswered before the server is taken for gone."""


class JobClient:
    """The work at ``path`` of the collector at ``url``; ``key`` is sent along if there is one."""

    def __init__(self, url: str, path: str, key: str) -> None:
        self._http = OperatorHttp(url, path, key)

    def run(self, body: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """Begin it, wait for its end and return its result; Ctrl-C stops it there as well. Raises CollectorError."""
        job = self._http.ask("POST", json=body)
        below = f"/{job['id']}"
        try:
            while job["state"] == "running":
                progress.tell(job["stage"], job["done"], job["total"])
                time.sleep(_POLL_S)
                job = self._patiently(below)
        except KeyboardInterrupt:
            self._http.ask("DELETE", below)
            raise
        if job["state"] != "done":
            raise CollectorError("failed", str(job["error"]))
        progress.tell("done", job["total"], job["total"])
        result: dict[str, Any] = job["result"]
        return result

    def _patiently(self, below: str) -> dict[str, Any]:
        """How far it is; a server that is busy for a while is asked again."""
        for _ in range(_PATIENCE - 1):
            try:
                return self._http.ask("GET", below)
            except CollectorError as error:
                if error.code != "unreachable":
                    raise
            time.sleep(_POLL_S)
        return self._http.ask("GET", below)
