"""A job on a running server, over HTTP: starts it, watches it, stops it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from server.client import ClientError, ServerClient

if TYPE_CHECKING:
    from cases.progress import Progress

_POLL_S: Final = 0.5
_PATIENCE: Final = 20
"""Requests in a row that may fail before the server counts as gone."""


class JobClient:
    """Runs jobs on the collector at ``url``; ``key`` is sent along if there is one."""

    def __init__(self, url: str, key: str) -> None:
        self._server = ServerClient(url, key)

    def run(self, path: str, body: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """Start the job at ``path``, wait for its end and return its result. Ctrl-C stops it. Raises ClientError.

        cases = JobClient("http://127.0.0.1:4318", "").run("/v1/rebuilds", {"flow": "order-to-cash"}, Progress())
        """
        job = self._server.request("POST", path, json=body)
        address = f"{path}/{job['id']}"
        try:
            while job["state"] == "running":
                progress.tell(job["stage"], job["done"], job["total"])
                time.sleep(_POLL_S)
                job = self._patiently(address)
        except KeyboardInterrupt:
            # The job runs in the server, so the end of this command would not stop it.
            self._server.request("DELETE", address)
            raise
        if job["state"] != "done":
            raise ClientError("failed", str(job["error"]))
        progress.tell("done", job["total"], job["total"])
        result: dict[str, Any] = job["result"]
        return result

    def _patiently(self, address: str) -> Any:
        """The job as it is now; a server that is busy for a while is asked again."""
        for _ in range(_PATIENCE - 1):
            try:
                return self._server.request("GET", address)
            except ClientError as error:
                if error.code != "unreachable":
                    raise
            time.sleep(_POLL_S)
        return self._server.request("GET", address)
