"""The default runtime: what ``flowtrail.init`` made, used by everything that names no runtime."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Unpack

from ._checks import Checks
from ._log import logger
from ._runtime import Runtime
from ._settings import UNNAMED, resolve

if TYPE_CHECKING:
    from ._runtime import RuntimeArguments


class _Process:
    """The default of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.runtime: Runtime | None = None
        self.inert: Runtime | None = None
        self.warned = False


_process = _Process()


def init(system: str | None = None, endpoint: str | None = None, **arguments: Unpack[RuntimeArguments]) -> Runtime:
    """Make the default runtime and return it; one made before is flushed and replaced.

    ``system`` names the system that emits (``service.name``), ``endpoint`` the collector
    (``http://127.0.0.1:4318`` by default). All settings are in ``docs/sdk.md``.
    """
    runtime = Runtime(system, endpoint, **arguments)
    with _process.lock:
        before, _process.runtime = _process.runtime, runtime
    if before is not None:
        before.shutdown()
    return runtime


def get() -> Runtime:
    """The default runtime; without ``init`` one that records nothing, so that instrumented code runs anywhere."""
    if _process.runtime is not None:
        return _process.runtime
    if not _process.warned:
        _process.warned = True
        logger.warning("Flowtrail records nothing yet: call flowtrail.init(system=...) when the process starts.")
    return inert()


def made() -> Runtime | None:
    """The default runtime, if ``init`` was called."""
    return _process.runtime


def inert() -> Runtime:
    """A runtime that records nothing."""
    with _process.lock:
        if _process.inert is None:
            _process.inert = Runtime(UNNAMED, disabled=True)
        return _process.inert


def checks() -> Checks:
    """The checks of the default runtime, also before ``init``."""
    return _process.runtime.checks if _process.runtime is not None else Checks(strict=resolve({})[0].strict)


def flush(timeout_s: float = 10.0) -> bool:
    """Wait until everything queued is sent or given up; whether that came about within ``timeout_s``."""
    return _process.runtime is None or _process.runtime.flush(timeout_s)


def shutdown(timeout_s: float | None = None) -> bool:
    """Flush and stop the default runtime; whether all was sent or given up in time."""
    with _process.lock:
        before, _process.runtime = _process.runtime, None
    return before is None or before.shutdown(timeout_s)
