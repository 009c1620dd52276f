"""How far an import got: written beside the data, so that one that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from pathlib import Path

    from importing.mapping.mapping import Mapping

_EVERY_S: Final = 1.0
_EDGE: Final = 1 << 20


class Checkpoint:
    """Events acknowledged of one log, by one mapping, at one address, in a file of ``folder``."""

    def __init__(self, folder: Path, log: Path, mapping: Mapping, address: str) -> None:
        self._path = folder / f"{_fingerprint(log, mapping, address)}.json"
        self._log = log
        self._written = 0.0

    def read(self) -> int:
        """Events that need not be sent again; 0 where nothing is known."""
        try:
            return max(0, int(orjson.loads(self._path.read_bytes())["events"]))
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def reached(self, events: int, *, now: bool = False) -> None:
        """So many events, counted from the first, are acknowledged. Written once a second, or ``now``."""
        if not now and time.monotonic() - self._written < _EVERY_S:
            return
        self._written = time.monotonic()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_bytes(orjson.dumps({"log": str(self._log), "events": events}))
        draft.replace(self._path)

    def forget(self) -> None:
        """The import is complete."""
        self._path.unlink(missing_ok=True)


def _fingerprint(log: Path, mapping: Mapping, address: str) -> str:
    """The same only for the same bytes at both ends of the log, the same mapping and the same address."""
    digest = hashlib.sha256(mapping.model_dump_json().encode())
    digest.update(f"{address} {log.stat().st_size}".encode())
    with log.open("rb") as file:
        digest.update(file.read(_EDGE))
        file.seek(max(0, log.stat().st_size - _EDGE))
        digest.update(file.read(_EDGE))
    return digest.hexdigest()[:32]
