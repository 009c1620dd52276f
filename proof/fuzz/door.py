"""A running collector in front of a real store, with a count of what it said it took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

from google.protobuf.message import DecodeError

from collector.check.text_repair import repaired_protobuf
from collector.service import Collector
from collector.signals import SHAPES, count_items
from proof.fuzz.answers import rejected
from store.intake import Signal, insert_envelopes
from tests.collector.running import PROTOBUF, Running, eventually, settings
from tests.collector.spans import request

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.signals import Shape
    from store.client import Store

_TABLES: Final = {
    Signal.TRACES: ("otel_traces",),
    Signal.LOGS: ("otel_logs",),
    Signal.METRICS: tuple(
        f"otel_metrics_{kind}" for kind in ("gauge", "sum", "histogram", "exponential_histogram", "summary")
    ),
}


@dataclass
class Door:
    """``with Door(path, store) as door: door.count(shape, body, door.post(shape, body))``, then ``expect_all()``."""

    path: Path
    store: Store
    taken: Counter[Signal] = field(default_factory=Counter)
    _seen: set[bytes] = field(default_factory=set)

    def __enter__(self) -> Self:
        for tables in _TABLES.values():
            for table in tables:
                self.store.command(f"SYSTEM STOP MERGES {table}")  # a merge would fold rows with the same ids
        limits = {
            "header_timeout_s": 2,
            "request_timeout_s": 5,
            "max_request_bytes": 2_000_000,
            "batch_max_age_ms": 500,
        }
        self.running = Running(
            Collector(settings(self.path, **limits), partial(insert_envelopes, self.store))
        ).__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.running.__exit__(*error)

    def post(self, shape: Shape, body: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.running.http.post(shape.path, content=body, headers=PROTOBUF | named)

    def count(self, shape: Shape, body: bytes, answer: httpx.Response) -> bool:
        """Look at the answer to ``body`` (protobuf, decompressed) and count what was taken; whether it was taken."""
        return self.count_taken(shape, body, rejected(shape, answer))

    def count_taken(self, shape: Shape, body: bytes, not_taken: int | None) -> bool:
        if not_taken is None:
            return False
        fingerprint = sha256(shape.path.encode() + body).digest()
        if fingerprint not in self._seen:  # the same request twice is stored once
            self._seen.add(fingerprint)
            self.taken[shape.signal] += _items(shape, body) - not_taken
        return True

    def expect_all(self) -> None:
        """Everything taken is a row or in a dead letter, and a good request is still taken."""
        good = request(3)
        assert self.post(SHAPES[Signal.TRACES], good).status_code == 200
        self.taken[Signal.TRACES] += 3
        assert self.running.http.get("/healthz").status_code == 200
        eventually(lambda: self.running.collector.pending_bytes == 0, 120)
        buried = self._buried()
        for signal, tables in _TABLES.items():
            rows = sum(self.store.rows(f"SELECT count() AS n FROM {table}")[0]["n"] for table in tables)  # noqa: S608
            assert (signal, rows + buried[signal]) == (signal, self.taken[signal])

    def _buried(self) -> Counter[Signal]:
        """Items that were acknowledged, then refused by the store."""
        found: Counter[Signal] = Counter()
        for letter in self.running.collector.dead_letters.list():
            if letter.origin == "store":
                found[Signal(letter.signal)] += letter.items
        return found


def decodable(shape: Shape, body: bytes) -> bool:
    """Whether protobuf's own parser takes ``body``."""
    try:
        shape.request.FromString(body)
    except DecodeError:
        return False
    return True


def _items(shape: Shape, body: bytes) -> int:
    """The items of a body that was accepted. Its texts need not be UTF-8."""
    readable, _ = repaired_protobuf(body, shape.request.DESCRIPTOR)
    return count_items(shape.signal, readable)
