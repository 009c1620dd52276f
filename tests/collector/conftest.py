from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.service import Collector
from tests.collector.running import Running, settings
from tests.collector.sinks import MemorySink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def running(tmp_path: Path, sink: MemorySink) -> Iterator[Running]:
    """A collector with small limits and a sink in memory."""
    limits = {"max_request_bytes": 200_000, "header_timeout_s": 0.5, "request_timeout_s": 1.0, "idle_timeout_s": 30}
    with Running(Collector(settings(tmp_path, **limits), sink)) as running:
        yield running
