"""The query API as the verifier asks it."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import quote

import httpx

from server.probe.errors import NotThere, VerificationError
from server.probe.known_case import FLOW


class Api:
    """A client of ``/api/v1``, to use in a ``with``; ``key`` may be empty.

    Every question raises NotThere while it has no answer, and VerificationError if the key is refused.
    """

    def __init__(self, url: str, key: str, timeout_s: float = 10.0) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._url = url.rstrip("/")
        self._client = httpx.Client(base_url=f"{self._url}/api/v1", headers=headers, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

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
            answer = self._client.get(path, params=params)
        except httpx.InvalidURL as error:
            raise VerificationError(f"{self._url!r} is not an address: {error}. Give --api-url another.") from None
        except httpx.TransportError as error:
            raise NotThere(f"the query API at {self._url} does not answer ({error})") from None
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise VerificationError(
                f"The query API at {self._url} refuses the key ({answer.status_code}). "
                "Give --key one with the scopes ingest and read; flowtrail keys create makes one."
            )
        if not answer.is_success:
            raise NotThere(f"the query API answers {answer.status_code}")
        return answer.json()
