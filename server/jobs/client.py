"""Long work that a running server does, asked for over HTTP: begun, watched, stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from server.client import ClientError, ServerClient

if TYPE_CHECKING:
    from cases.progress import Progress

_POLL_S: Final = 0.5
_PATIENCE: Final = 20
"""Questions in a row that may go unanswered before the server is taken for gone."""


class JobClient:
    """The work at ``path`` of the collector at ``url``; ``key`` is sent along if there is one."""

    def __init__(self, url: str, path: str, key: str) -> None:
        self._server = ServerClient(url, key)
        self._path = path

    def run(self, body: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """Begin it, wait for its end and return its result; Ctrl-C stops it there as well. Raises ClientError."""
        job = self._server.ask("POST", self._path, json=body)
        address = f"{self._path}/{job['id']}"
        try:
            while job["state"] == "running":
                progress.tell(job["stage"], job["done"], job["total"])
                time.sleep(_POLL_S)
                job = self._patiently(address)
        except KeyboardInterrupt:
            self._server.ask("DELETE", address)
            raise
        if job["state"] != "done":
            raise ClientError("failed", str(job["error"]))
        progress.tell("done", job["total"], job["total"])
        result: dict[str, Any] = job["result"]
        return result

    def _patiently(self, address: str) -> Any:
        """How far it is; a server that is busy for a while is asked again."""
        for _ in range(_PATIENCE - 1):
            try:
                return self._server.ask("GET", address)
            except ClientError as error:
                if error.code != "unreachable":
                    raise
            time.sleep(_POLL_S)
        return self._server.ask("GET", address)
