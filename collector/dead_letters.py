"""Dead letters: what cannot be stored, with the reason, until somebody replays or deletes it.

One file per letter: a line of JSON about it, then its bytes. Files appear whole (written aside, fsynced, renamed).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from collector.errors import CollectorError
from collector.segment import sync_directory
from store.intake import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)

SUFFIX: Final = ".letter"
_ID: Final = re.compile(r"[0-9A-Za-z._-]+")
_BLOCK: Final = 4096

Origin = Literal["door", "store", "log"]
"""Who refused: the collector at the door, the store for good, or the log because the bytes were damaged on disk."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known about a dead letter; ``id`` sorts by the time it was received.

    ``content`` is ``request`` (an ExportTraceServiceRequest, can be replayed) or ``raw`` (damaged bytes of the log).
    """

    id: str
    origin: Origin
    reason: str
    tenant: str
    received_ns: int
    content: Literal["request", "raw"]
    spans: int
    size: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the letters of a replay: ids taken again, and ids kept with the reason."""

    taken: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


class DeadLetters:
    """The dead letters in ``directory``. ``cap_bytes`` limits only what ``keep_if_room`` keeps. Thread-safe."""

    def __init__(self, directory: Path, cap_bytes: int) -> None:
        self._directory = directory
        self._cap_bytes = cap_bytes
        self._lock = threading.Lock()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        sizes = [path.stat().st_size for path in directory.glob(f"*{SUFFIX}")]
        self._count = len(sizes)
        self._bytes = sum(map(_on_disk, sizes))

    def tidy(self) -> None:
        """Remove what a crash left half written; only for the collector that owns the directory."""
        for unfinished in self._directory.glob("*.new"):
            unfinished.unlink()

    @property
    def count(self) -> int:
        """Letters that wait for a decision."""
        return self._count

    @property
    def disk_bytes(self) -> int:
        """Disk they take, in bytes."""
        return self._bytes

    def keep(self, letter: Letter, body: bytes) -> None:
        """Write ``letter`` to disk; raises OSError if the disk refuses. The same id written twice is one letter."""
        head = json.dumps(asdict(letter), ensure_ascii=False).encode() + b"\n"
        path = self._path(letter.id)
        with self._lock:
            is_new = not path.exists()
            _write_whole(path, head, body)
            if is_new:
                self._count += 1
                self._bytes += _on_disk(len(head) + len(body))

    def keep_if_room(self, letter: Letter, body: bytes) -> bool:
        """Write ``letter`` unless the cap is reached or the disk refuses; False if it was not kept."""
        if self._bytes + _on_disk(len(body)) > self._cap_bytes:
            return False
        try:
            self.keep(letter, body)
        except OSError as error:
            _LOG.warning("A dead letter could not be written: %s", error)
            return False
        return True

    def list(self) -> Iterator[Letter]:
        """Every letter, oldest first."""
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:  # deleted meanwhile
                yield _letter(file.readline())

    def read(self, letter_id: str) -> tuple[Letter, bytes]:
        """One letter and its bytes; raises CollectorError ``not_found``."""
        try:
            head, _, body = self._path(letter_id).read_bytes().partition(b"\n")
        except FileNotFoundError:
            raise _unknown(letter_id) from None
        return _letter(head), body

    def delete(self, letter_id: str) -> None:
        """Throw a letter away for good; raises CollectorError ``not_found``."""
        path = self._path(letter_id)
        with self._lock:
            try:
                size = path.stat().st_size
                path.unlink()
            except FileNotFoundError:
                raise _unknown(letter_id) from None
            sync_directory(self._directory)
            self._count -= 1
            self._bytes -= _on_disk(size)

    def replay(self, submit: Callable[[Envelope], None], ids: Iterable[str] | None = None) -> Replayed:
        """Hand letters (all by default) to ``submit`` again and delete those it takes.

        ``submit`` returns once the envelope is safe and raises CollectorError if it refuses. A crash between the two
        hands the letter in again; spans carry ids, so they count once.
        """
        taken: list[str] = []
        kept: list[tuple[str, str]] = []
        for letter_id in [letter.id for letter in self.list()] if ids is None else ids:
            refusal = self._replay_one(letter_id, submit)
            if refusal is None:
                taken.append(letter_id)
            else:
                kept.append((letter_id, refusal))
        return Replayed(tuple(taken), tuple(kept))

    def _replay_one(self, letter_id: str, submit: Callable[[Envelope], None]) -> str | None:
        try:
            letter, body = self.read(letter_id)
            if letter.content == "raw":
                return "These are damaged bytes of the log, not a request; look at them or delete them."
            submit(Envelope(letter.tenant, letter.received_ns, body))
            self.delete(letter_id)
        except CollectorError as error:
            return str(error)
        return None

    def _path(self, letter_id: str) -> Path:
        if not _ID.fullmatch(letter_id):
            raise _unknown(letter_id)
        return self._directory / f"{letter_id}{SUFFIX}"


def letter_id(received_ns: int, suffix: str) -> str:
    """An id that sorts by time and is the same whenever the same thing is buried again."""
    return f"{received_ns:020d}-{suffix}"


def _write_whole(path: Path, head: bytes, body: bytes) -> None:
    aside = path.with_suffix(".new")
    try:
        with aside.open("wb") as file:
            file.writelines((head, body))
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _letter(head: bytes) -> Letter:
    fields: dict[str, Any] = json.loads(head)
    return Letter(**fields)


def _on_disk(size: int) -> int:
    """Disk a file of ``size`` bytes takes: whole blocks, so that many tiny letters cannot slip under the cap."""
    return -(-size // _BLOCK) * _BLOCK


def _unknown(name: str) -> CollectorError:
    return CollectorError("not_found", f"There is no dead letter {name!r}.", "List the letters to see their ids.")
