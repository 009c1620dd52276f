"""The books of the chaos test: which span was sent and which was acknowledged, beside what it said."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proof.chaos.orders import Step


class SpanKey(NamedTuple):
    """Ids in lower-case hex, as the store writes them."""

    trace_id: str
    span_id: str


def log_key(number: int) -> SpanKey:
    """Log records have no id of their own; their number stands for it."""
    return SpanKey("log", str(number))


class Ledger:
    """Thread-safe. A span is written down before it is sent, so nothing in the store can be unknown here."""

    def __init__(self) -> None:
        self.sent: dict[SpanKey, tuple[Step, str]] = {}
        """Each span's step and the system that sent it."""
        self.acknowledged: set[SpanKey] = set()
        self.damaged: set[SpanKey] = set()
        """Spans in records of the log that were damaged by hand: they must be in dead letters instead."""
        self.rejected = 0
        """Spans that the collector said it does not take; there must be none."""
        self._lock = threading.Lock()

    def send(self, key: SpanKey, step: Step, system: str) -> None:
        with self._lock:
            self.sent[key] = (step, system)

    def acknowledge(self, keys: Iterable[SpanKey]) -> None:
        with self._lock:
            self.acknowledged.update(keys)

    def reject(self, spans: int) -> None:
        with self._lock:
            self.rejected += spans

    def damage(self, keys: Iterable[SpanKey]) -> None:
        with self._lock:
            self.damaged.update(keys)
