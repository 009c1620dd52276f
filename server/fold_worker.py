"""Folds the cases of new batches beside the collector, so that an insert never waits for a fold."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from store.errors import StoreError

if TYPE_CHECKING:
    from cases.fold import Folder

_LOG = logging.getLogger(__name__)
_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0
_FORGET_EVERY_S = 3600.0


class FoldWorker:
    """One thread that folds whenever it is woken. What it has not folded when it stops, the next start folds."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flowtrail-fold", daemon=True)
        self._busy = False
        self.batches = 0
        self.failures = 0
        self.seconds = 0.0
        self._forgot = -_FORGET_EVERY_S
        self.trouble: str | None = None

    def start(self) -> None:
        """Start the thread; it begins with what an earlier stop left behind."""
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """There are new batches."""
        self._wake.set()

    @property
    def idle(self) -> bool:
        """Nothing is being folded or waits to be."""
        return not self._busy and not self._wake.is_set()

    def stop(self) -> None:
        """End after the run under way."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = _RETRY_S
        while not self._stopping.is_set():
            self._wake.wait()
            self._busy = True
            self._wake.clear()
            if self._stopping.is_set():
                return
            if self._fold():
                pause = _RETRY_S
            else:
                self._stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_RETRY_S)
                self._wake.set()
            self._busy = False

    def _failed(self, error: Exception) -> bool:
        self.failures += 1
        self.trouble = f"Cases are not up to date: {error}"
        _LOG.warning("The fold waits: %s", error)
        return False

    def _forget(self) -> None:
        if time.monotonic() - self._forgot > _FORGET_EVERY_S:
            self._folder.forget_folded()
            self._forgot = time.monotonic()

    def _fold(self) -> bool:
        """Fold what is pending; False when the store could not do it now."""
        began = time.perf_counter()
        try:
            while not self._stopping.is_set() and (folded := self._folder.fold_pending()):
                self.batches += folded
            self._forget()
        except StoreError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a defect must not end the thread unseen
            _LOG.exception("The fold met a defect")
            return self._failed(error)
        finally:
            self.seconds += time.perf_counter() - began
        self.trouble = None
        return True
