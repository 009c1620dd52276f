"""Questions of an operator's command to a running collector, over HTTP."""

from __future__ import annotations

from typing import Any, Final

import httpx

from collector.errors import CollectorError

_TIMEOUT_S: Final = 60.0


class OperatorHttp:
    """The address ``path`` of the collector at ``url``; ``key`` is sent along if there is one."""

    def __init__(self, url: str, path: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._path = path
        self._headers = {"authorization": f"Bearer {key}"} if key else {}

    def ask(self, method: str, below: str = "", **request: Any) -> dict[str, Any]:
        """The object that it answers. Raises CollectorError ``unreachable``, ``forbidden`` or ``refused``."""
        try:
            answer = httpx.request(
                method, f"{self._url}{self._path}{below}", headers=self._headers, timeout=_TIMEOUT_S, **request
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CollectorError(
                "unreachable",
                f"The collector at {self._url} cannot be reached: {error}.",
                "Check that it runs there, or give its address with --url.",
            ) from None
        try:
            said: dict[str, Any] = answer.json()
        except ValueError:
            said = {}
        if answer.is_success and said:
            return said
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            reason = str(said.get("message", "The collector refuses.")).rstrip(".")
            hint = "" if self._headers else "Give a key with --key or FLOWTRAIL_KEY."
            raise CollectorError("forbidden", f"{reason}.", hint)
        raise CollectorError("refused", str(said.get("message") or f"{self._url} answers {answer.status_code}."))
