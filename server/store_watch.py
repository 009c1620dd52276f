"""The size of the store, looked up in the background: a scrape of the metrics must not wait for a query."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.telemetry.telemetry import Telemetry
    from store.client import Store

_LOG = logging.getLogger(__name__)

PREFIX: Final = "flowtrail_store_"
_EVERY_S: Final = 30.0


class StoreWatch:
    """One thread that looks every ``every_s`` seconds. A figure that it could not get is absent from the metrics."""

    def __init__(self, store: Store, telemetry: Telemetry, every_s: float = _EVERY_S) -> None:
        self._store = store
        self._every_s = every_s
        self._latest: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flowtrail-store-watch", daemon=True)
        texts = {
            "bytes": "Disk space of all tables.",
            "rows": "Rows in all tables.",
            "parts": "Active parts of all tables.",
            "free_bytes": "Free space on the fullest disk of the store.",
        }
        telemetry.gauges({name: (text, self._reader(name)) for name, text in texts.items()}, prefix=PREFIX)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the current query."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Look now. A figure that the store does not return is forgotten."""
        size = self._query("store/size")
        free = self._query("store/free")
        figures = {"bytes": size.get("Bytes"), "rows": size.get("Rows"), "parts": size.get("Parts")}
        figures["free_bytes"] = free.get("Bytes")
        # Replaced, never changed: scrapes read it on other threads.
        self._latest = {name: value for name, value in figures.items() if value is not None}

    def _query(self, query: str) -> dict[str, float]:
        try:
            return {name: float(value) for name, value in self._store.query(query)[0].items() if value is not None}
        except StoreError as error:
            _LOG.debug("The size of the store is not known at present: %s", error)
            return {}

    def _reader(self, name: str) -> Callable[[], float | None]:
        return lambda: self._latest.get(name)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(self._every_s)
