"""A collector on an event loop of its own, so that tests can use ordinary clients."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

import grpc
import httpx

from collector.settings import CollectorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from collector.service import Collector

Result = TypeVar("Result")

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}


def settings(directory: Path, **changes: Any) -> CollectorSettings:
    """Settings for tests: free ports, short pauses."""
    quick = {"batch_max_age_ms": 10, "retry_first_s": 0.01, "retry_longest_s": 0.05, "retry_after_s": 1}
    return CollectorSettings(**{"http_port": 0, "grpc_port": 0, "log_dir": directory, **quick, **changes})


def eventually(true: Callable[[], bool], timeout_s: float = 60) -> None:
    """Wait until something is true; fail if it takes too long."""
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class Running:
    """``with Running(Collector(...)) as running: running.http.post(...)``."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._stopped = False

    def call(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.call(self.collector.start())
        except BaseException:
            self._end_loop()
            raise
        self.http_port = self.collector.http_port
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.http_port}")
        self.grpc = grpc.insecure_channel(f"127.0.0.1:{self.collector.grpc_port}")
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.close()
        self.grpc.close()
        if not self._stopped:
            self.stop()
        self._end_loop()

    def stop(self) -> bool:
        self._stopped = True
        return self.call(self.collector.stop())

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        """POST protobuf to /v1/traces; header names with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post("/v1/traces", content=body, headers=PROTOBUF | named)

    def metrics(self) -> dict[str, float]:
        lines = self.http.get("/metrics").text.splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
