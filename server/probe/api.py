"""The queries of the probe to the query API."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import quote

from server.client import API, ClientError, ServerClient
from server.probe.errors import NotThere, ProbeError
from server.probe.known_case import FLOW


class Api:
    """A client of ``/api/v1``, to use in a ``with``; ``key`` may be empty.

    Every query raises NotThere while there is no answer, and ProbeError if the address or the key is wrong.
    """

    def __init__(self, url: str, key: str, timeout_s: float = 10.0) -> None:
        self._server = ServerClient(url, key, "--api-url", timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def case(self, case_id: str) -> Any:
        """The case in full."""
        return self._get(f"/flows/{FLOW}/cases/{quote(case_id, safe='')}")

    def trail(self, case_id: str) -> Any:
        return self._get(f"/flows/{FLOW}/cases/{quote(case_id, safe='')}/trail")

    def search(self, text: str) -> Any:
        return self._get("/search", q=text)

    def kpi(self, kpi: str, **params: str) -> Any:
        return self._get(f"/flows/{FLOW}/kpis/{kpi}", **params)

    def cases(self, **params: str) -> Any:
        return self._get(f"/flows/{FLOW}/cases", **params)

    def _get(self, path: str, **params: str) -> Any:
        try:
            return self._server.request("GET", f"{API}{path}", params=params)
        except ClientError as error:
            if error.code == "invalid":
                raise ProbeError(error.code, error.message, error.hint) from None
            if error.code == "forbidden":
                raise ProbeError(
                    error.code,
                    f"The query API at {self._server.url} refuses the key. {error.message}",
                    "Give --key a key with the scopes ingest and read. flowtrail keys create makes one.",
                ) from None
            if error.code == "unreachable":
                raise NotThere(f"the query API at {self._server.url} does not answer ({error.message})") from None
            raise NotThere(f"the query API answers: {error.message}") from None
