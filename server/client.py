"""The HTTP client of a running server, for all commands: for its query API and the routes of its collector."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from common.errors import FlowtrailError
from common.loopback import is_loopback_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TIMEOUT_S: Final = 300.0
"""Seconds. An export or a large figure may take long."""

API: Final = "/api/v1"


class ClientError(FlowtrailError):
    """A request that failed.

    Codes: ``invalid`` (the address), ``unreachable``, ``forbidden``, or the code in the response of the server;
    ``refused`` if it has none.
    """


class ServerClient:
    """Sends requests to the server at ``url``, with ``key`` if there is one.

    ``option`` is the command's option for the address; error messages name it.

    with ServerClient("http://127.0.0.1:8080", key, "--api-url") as server:
        flows = server.request("GET", "/api/v1/flows")["flows"]
    """

    def __init__(self, url: str, key: str = "", option: str = "--url", timeout_s: float = TIMEOUT_S) -> None:
        self.url = url.rstrip("/")
        self._option = option
        self._key = bool(key)
        headers = {"authorization": f"Bearer {key}"} if key else {}
        try:
            # On this machine, a proxy of the environment must not answer in the server's place.
            proxied = not is_loopback_host(httpx.URL(self.url).host)
            self._client = httpx.Client(base_url=self.url, headers=headers, timeout=timeout_s, trust_env=proxied)
        except httpx.InvalidURL as error:
            hint = f"Give {option} another one."
            raise ClientError("invalid", f"{url!r} is not an address: {error}.", hint) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def request(self, method: str, path: str, **content: Any) -> Any:
        """The JSON of the response. ``content``: ``params`` or ``json``, as in httpx. Raises ClientError."""
        try:
            response = self._client.request(method, path, **content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None
        return self._document(response)

    @contextmanager
    def stream(self, path: str, params: Mapping[str, str]) -> Iterator[Iterator[bytes]]:
        """The body of the response in pieces, as they arrive. Raises ClientError, also in the middle."""
        try:
            with self._client.stream("GET", path, params=params) as response:
                if not response.is_success:
                    response.read()
                    self._document(response)
                yield response.iter_bytes()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None

    def _document(self, response: httpx.Response) -> Any:
        try:
            document = response.json()
        except ValueError:
            document = None
        if response.is_success and document is not None:
            return document
        if response.is_success:
            raise ClientError(
                "refused",
                f"{self.url} answers {response.status_code}, and not in JSON.",
                f"Give {self._option} another address.",
            )
        problem = document if isinstance(document, dict) else {}
        # The query API returns application/problem+json, the collector an object with code, message and hint.
        reason = str(problem.get("detail") or problem.get("message") or f"{self.url} answers {response.status_code}.")
        hint = str(problem.get("hint") or "")
        hint = "" if hint in reason else hint  # the collector's message ends with it
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise ClientError("forbidden", reason, hint if self._key else "Give a key with --key or FLOWTRAIL_KEY.")
        raise ClientError(str(problem.get("code") or "refused"), reason, hint)

    def _unreachable(self, error: Exception) -> ClientError:
        return ClientError(
            "unreachable",
            f"The server at {self.url} cannot be reached: {error}.",
            f"Check that it is running, or give its address with {self._option}.",
        )
