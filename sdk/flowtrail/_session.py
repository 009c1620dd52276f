"""The HTTP session under OpenTelemetry's exporter: it keeps the host's headers back, and tries again.

The exporter sees only how it ended, so its own retries never begin.
"""

from __future__ import annotations

import math
import time
from email.utils import parsedate_to_datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import requests

from ._log import BoundedLog, logger
from ._retries import Retries

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_RETRYABLE: Final = frozenset({429, 502, 503, 504})
_UNREACHABLE: Final = (requests.ConnectionError, requests.Timeout)
_WAITING: Final = "Flowtrail's receiver did not take a batch, which is tried again (failed tries so far: %d): %s"


class GivenUpError(requests.RequestException):
    """The time for retries is over. No ``ConnectionError``, for those the exporter would try again itself."""


class Session(requests.Session):
    """Retries within the ``timeout`` of a request; ``unwanted`` headers (in lower case) are left out."""

    def __init__(self, unwanted: AbstractSet[str]) -> None:
        super().__init__()
        self._unwanted = unwanted
        self._log = BoundedLog()
        self.retries = Retries()

    def request(self, method: str, url: str, **how: Any) -> requests.Response:  # type: ignore[override]
        """Try until the request is answered for good; raises GivenUpError when the timeout (seconds) is over."""
        headers = how.pop("headers", None) or {}
        how["headers"] = {name: value for name, value in headers.items() if name not in self._unwanted}
        deadline = time.monotonic() + how.pop("timeout")
        cause: object = "there was no time left to try"
        for failures in count(1):
            left = self.retries.left(deadline)
            if left <= 0:
                break
            try:
                response = super().request(method, url, timeout=left, **how)
            except _UNREACHABLE as error:
                cause, asked_s = error, None
            else:
                if response.status_code not in _RETRYABLE:
                    return response
                cause, asked_s = f"{response.status_code} {response.reason}", retry_after(response)
            logger.debug("Try %d failed: %s", failures, cause)
            if not self.retries.pause(failures, asked_s, deadline):
                break
            self._log.count("waiting", 1, _WAITING, cause)
        raise GivenUpError(f"given up: {cause}")

    def after_fork(self) -> None:
        """In a forked child: nobody waits here, and the parent's thread may have held the locks."""
        self._log = BoundedLog()
        self.retries = Retries()


def retry_after(response: requests.Response) -> float | None:
    """Seconds that the receiver asks to wait for, or ``None``: it does not say, or says nonsense."""
    text = response.headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
