"""Sinks instead of the store: one in memory that can be down or refuse, one in files that survives a kill."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from typing import TYPE_CHECKING

from store.errors import StoreError, StoreOutOfMemory, StoreUnavailable
from store.intake import batch_name
from tests.collector.spans import span_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from store.intake import Envelope, Signal


class MemorySink:
    """Keeps what it gets, once per token. ``down``: not reachable. ``refuse``: whether an envelope is refused for good.

    ``memory``: bytes of requests that it accepts at once. ``leaves``: refused inserts leave rows behind, as with
    ClickHouse, until ``take_back``.
    """

    def __init__(self) -> None:
        self.down = False
        self.memory = 10**9
        self.leaves = False
        self.taken_back: list[str] = []
        self.refuse: Callable[[Envelope], bool] = lambda _envelope: False
        self.batches: dict[str, list[Envelope]] = {}
        self.tokens: list[str] = []
        self._deleted: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, envelopes: Sequence[Envelope], token: str) -> None:
        with self._lock:
            self.tokens.append(token)
            batch = batch_name(envelopes[0].signal, token)
            if self.down:
                raise StoreUnavailable("The store is away.")
            if sum(len(envelope.request) for envelope in envelopes) > self.memory:
                self._leave(batch, envelopes)
                raise StoreOutOfMemory("The store has too little memory.")
            if any(map(self.refuse, envelopes)):
                self._leave(batch, envelopes)
                raise StoreError("invalid_data", "The store does not like it.")
            if batch in self._deleted:
                raise AssertionError(f"{batch} was taken back and comes again")
            self.batches.setdefault(batch, list(envelopes))

    def take_back(self, signal: Signal, token: str) -> None:
        with self._lock:
            batch = batch_name(signal, token)
            self.taken_back.append(batch)
            if self.batches.pop(batch, None):
                self._deleted.add(batch)

    def _leave(self, batch: str, envelopes: Sequence[Envelope]) -> None:
        if self.leaves:
            self.batches.setdefault(batch, list(envelopes))

    @property
    def envelopes(self) -> list[Envelope]:
        with self._lock:
            return [envelope for batch in self.batches.values() for envelope in batch]

    @property
    def spans(self) -> list[bytes]:
        return [span_id for envelope in self.envelopes for span_id in span_ids(envelope.request)]


class FileSink:
    """Writes the batch of each token into one file that appears whole, and recognises a token by its file.

    ``die_at``: the number of the insert after which it kills the process, before anybody learns that it is stored.
    """

    def __init__(self, directory: Path, die_at: int = 0) -> None:
        self._directory = directory
        self._inserts_to_live = die_at
        directory.mkdir(exist_ok=True)

    def __call__(self, envelopes: Sequence[Envelope], token: str) -> None:
        batch = batch_name(envelopes[0].signal, token)
        path = self._directory / hashlib.sha256(batch.encode()).hexdigest()
        if path.exists():
            return
        aside = path.with_suffix(".new")
        aside.write_text("".join(f"{span.hex()}\n" for envelope in envelopes for span in span_ids(envelope.request)))
        aside.replace(path)
        self._inserts_to_live -= 1
        if self._inserts_to_live == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def spans(self) -> list[bytes]:
        files = [path for path in self._directory.iterdir() if not path.suffix]
        return [bytes.fromhex(line) for path in files for line in path.read_text().split()]
