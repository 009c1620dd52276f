"""Requests to a collector over OTLP/HTTP, several under way at a time; a busy collector is given time."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from importing.errors import ImportFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"
_LATER: Final = frozenset({429, 502, 503, 504})
_TIMEOUT_S: Final = 60.0
_UNDER_WAY: Final = 3


@dataclass(frozen=True, slots=True)
class Target:
    """A collector: its address, the key to send with ('' for none), how long to wait for it, in seconds."""

    url: str
    key: str = ""
    patience_s: float = 300.0

    def client(self) -> httpx.Client:
        """A client that sends the key along. Only an address that needs certificates pays for reading them."""
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        secure = self.url.startswith("https")
        return httpx.Client(headers=headers, timeout=_TIMEOUT_S, trust_env=False, verify=secure)

    @property
    def traces(self) -> str:
        base = self.url.rstrip("/")
        return base if base.endswith("/v1/traces") else f"{base}/v1/traces"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the collector said: how many spans it did not take, and why."""

    rejected: int = 0
    reason: str = ""


class CollectorClient:
    """Sends requests in order of their submission and reports each when it is acknowledged, in that order."""

    def __init__(self, target: Target, pause: Callable[[float], None] = time.sleep) -> None:
        if urlsplit(target.url).scheme not in {"http", "https"}:
            raise ImportFailed(
                "invalid_address", f"{target.url!r} is not an address.", "Such as http://127.0.0.1:4318."
            )
        self._target = target
        self._pause = pause
        self._client = target.client()
        self._threads = ThreadPoolExecutor(_UNDER_WAY, thread_name_prefix="flowtrail-send")
        self._waiting: deque[tuple[Future[Acknowledgement], Callable[[Acknowledgement], None]]] = deque()

    def send(self, body: bytes, done: Callable[[Acknowledgement], None], content_type: str = PROTOBUF) -> None:
        """Send ``body``; ``done`` is called once it is acknowledged. Waits while too many are under way.

        Raises ImportFailed for an earlier request that the collector refused for good.
        """
        while len(self._waiting) >= _UNDER_WAY:
            self._settle()
        self._waiting.append((self._threads.submit(self._deliver, body, content_type), done))

    def flush(self) -> None:
        """Wait until everything is acknowledged."""
        while self._waiting:
            self._settle()

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def _settle(self) -> None:
        future, done = self._waiting.popleft()
        done(future.result())

    def _deliver(self, body: bytes, content_type: str) -> Acknowledgement:
        give_up = time.monotonic() + self._target.patience_s
        pause = 0.5
        while True:
            try:
                answer = self._client.post(self._target.traces, content=body, headers={"content-type": content_type})
            except httpx.TransportError as error:
                why, wait = f"cannot be reached: {error or type(error).__name__}", pause
            else:
                if answer.status_code not in _LATER:
                    return _receipt(answer, self._target)
                why, wait = f"has no room: {_said(answer)}", max(_retry_after(answer), pause)
            if time.monotonic() + wait > give_up:
                raise ImportFailed(
                    "unavailable",
                    f"The collector at {self._target.url} {why}.",
                    "ImportRun the import again with --resume when it does: it goes on where it stopped.",
                )
            self._pause(wait)
            pause = min(2 * pause, 15.0)


def _receipt(answer: httpx.Response, target: Target) -> Acknowledgement:
    if answer.is_success:
        if "json" in answer.headers.get("content-type", ""):
            part = answer.json().get("partialSuccess", {})
            return Acknowledgement(int(part.get("rejectedSpans", 0)), part.get("errorMessage", ""))
        response = ExportTraceServiceResponse.FromString(answer.content)
        return Acknowledgement(response.partial_success.rejected_spans, response.partial_success.error_message)
    said = _said(answer)
    if answer.status_code in {401, 403}:
        raise ImportFailed(
            "forbidden", f"The collector refuses: {said.rstrip('.')}.", "Give a key with --key or FLOWTRAIL_KEY."
        )
    if answer.status_code == 400 and said:
        return Acknowledgement(-1, said)
    raise ImportFailed(
        "refused", f"{target.traces} answers {answer.status_code}: {said}", "Is this the OTLP/HTTP port of a collector?"
    )


def _said(answer: httpx.Response) -> str:
    """What went wrong in the collector's words."""
    try:
        if "json" in answer.headers.get("content-type", ""):
            return str(answer.json().get("message", ""))[:500]
        return str(Status.FromString(answer.content).message)[:500]
    except Exception:  # noqa: BLE001 - whatever answers there, its status is told
        return answer.text[:200]


def _retry_after(answer: httpx.Response) -> float:
    try:
        return min(float(answer.headers.get("retry-after", "0")), 60.0)
    except ValueError:
        return 0.0
