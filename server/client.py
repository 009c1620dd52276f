"""One client of a running server, for every command: the query API and the collector's addresses for operators."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from common.errors import FlowtrailError
from common.loopback import is_loopback_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TIMEOUT_S: Final = 300.0
"""Seconds; an export or a large figure may take long."""

API: Final = "/api/v1"


class ClientError(FlowtrailError):
    """A server that did not do what it was asked.

    Codes: ``invalid`` (the address), ``unreachable``, ``forbidden``, or the code of the server's own answer, which is
    ``refused`` where it names none.
    """


class ServerClient:
    """Asks the server at ``url``; ``key`` is sent along if there is one. ``option`` is the one that names another url.

    with ServerClient("http://127.0.0.1:8080", key, "--api-url") as server:
        flows = server.ask("GET", "/api/v1/flows")["flows"]
    """

    def __init__(self, url: str, key: str = "", option: str = "--url", timeout_s: float = TIMEOUT_S) -> None:
        self.url = url.rstrip("/")
        self._option = option
        self._key = bool(key)
        headers = {"authorization": f"Bearer {key}"} if key else {}
        try:
            # A proxy of the environment is for other machines: its own answer is not the server's.
            proxied = not is_loopback_host(httpx.URL(self.url).host)
            self._client = httpx.Client(base_url=self.url, headers=headers, timeout=timeout_s, trust_env=proxied)
        except httpx.InvalidURL as error:
            raise ClientError("invalid", f"{url!r} is not an address: {error}.", f"Give {option} another.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """The JSON that the server answers. ``request``: ``params`` or ``json``, as in httpx. Raises ClientError."""
        try:
            answer = self._client.request(method, path, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None
        return self._object(answer)

    @contextmanager
    def stream(self, path: str, params: Mapping[str, str]) -> Iterator[Iterator[bytes]]:
        """The body that the server answers, piece by piece as it comes. Raises ClientError, also in the middle."""
        try:
            with self._client.stream("GET", path, params=params) as answer:
                if not answer.is_success:
                    answer.read()
                    self._object(answer)
                yield answer.iter_bytes()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None

    def _object(self, answer: httpx.Response) -> Any:
        try:
            document = answer.json()
        except ValueError:
            document = None
        if answer.is_success and document is not None:
            return document
        if answer.is_success:
            raise ClientError(
                "refused",
                f"{self.url} answers {answer.status_code}, and not in JSON.",
                f"Give {self._option} another address.",
            )
        problem = document if isinstance(document, dict) else {}
        # The query API answers application/problem+json, the collector an object with code, message and hint.
        reason = str(problem.get("detail") or problem.get("message") or f"{self.url} answers {answer.status_code}.")
        hint = str(problem.get("hint") or "")
        hint = "" if hint in reason else hint  # the collector's message ends with it
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise ClientError("forbidden", reason, hint if self._key else "Give a key with --key or FLOWTRAIL_KEY.")
        raise ClientError(str(problem.get("code") or "refused"), reason, hint)

    def _unreachable(self, error: Exception) -> ClientError:
        return ClientError(
            "unreachable",
            f"The server at {self.url} cannot be reached: {error}.",
            f"Check that it runs there, or give its address with {self._option}.",
        )
