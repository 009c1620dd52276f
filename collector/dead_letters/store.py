"""The files of dead letters.

One file per letter: a line of JSON about it, then its bytes. A file appears whole: it is written under another name,
synced and renamed. While a letter is replayed it is set aside under another name (see ``replay``).
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from collector.errors import CollectorError
from collector.files import private_directory, sync_directory, write_whole
from store.intake import Envelope, Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)

SUFFIX: Final = ".letter"
ASIDE: Final = ".replaying"
_ID: Final = re.compile(r"[0-9A-Za-z._-]+")
_BLOCK: Final = 4096

Origin = Literal["door", "store", "log"]
"""Who refused: the check at the collector's door, the store for good, or the log because bytes on disk were damaged."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known about a dead letter. Ids sort by time of receipt.

    ``content``: ``request`` (of ``signal``, with ``items`` items; can be replayed) or ``raw`` (damaged bytes of the
    log, whose tenant, time and signal are not known). ``size`` is in bytes.
    """

    id: str
    origin: Origin
    reason: str
    tenant: str
    received_ns: int
    content: Literal["request", "raw"]
    items: int
    size: int
    signal: str

    def envelope(self, body: bytes) -> Envelope:
        """The request as it goes into the log again."""
        return Envelope(self.tenant, self.received_ns, body, Signal(self.signal))


class DeadLetters:
    """The dead letters in ``directory``. ``cap_bytes`` only limits ``keep_if_room``. Thread-safe."""

    def __init__(self, directory: Path, cap_bytes: int) -> None:
        self._directory = directory
        self._cap_bytes = cap_bytes
        self._lock = threading.Lock()
        private_directory(directory)
        sizes = [path.stat().st_size for path in directory.glob(f"*{SUFFIX}")]
        self._count = len(sizes)
        self._bytes = sum(map(_on_disk, sizes))

    def tidy(self) -> None:
        """Delete files that a crash left half written. Only for the collector that owns the directory."""
        for unfinished in self._directory.glob("*.new"):
            unfinished.unlink()

    @property
    def count(self) -> int:
        """Letters that wait for a decision."""
        return self._count

    @property
    def disk_bytes(self) -> int:
        """Disk space that they take, in bytes."""
        return self._bytes

    def keep(self, letter: Letter, body: bytes) -> bool:
        """Write ``letter`` to disk. False if its id exists already. Raises OSError."""
        head = json.dumps(asdict(letter), ensure_ascii=False).encode() + b"\n"
        path = self._path(letter.id)
        with self._lock:
            if path.exists():
                return False
            write_whole(path, head, body)
            self._count += 1
            self._bytes += _on_disk(len(head) + len(body))
        return True

    def keep_if_room(self, letter: Letter, body: bytes) -> bool:
        """Write ``letter``, unless the cap is reached or the disk fails. False if it was not kept."""
        if self._bytes + _on_disk(len(body)) > self._cap_bytes:
            return False
        try:
            self.keep(letter, body)
        except OSError as error:
            _LOG.warning("A dead letter could not be written: %s", error)
            return False
        return True

    def list(self, after: str = "") -> Iterator[Letter]:
        """Every letter whose id comes after ``after``, oldest first."""
        for path in sorted(path for path in self._directory.glob(f"*{SUFFIX}") if path.stem > after):
            # A letter may be deleted while the list is read.
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                yield _letter(file.readline())

    def read(self, letter_id: str) -> tuple[Letter, bytes]:
        """A letter and its bytes. Raises CollectorError ``not_found``."""
        try:
            return _parsed(self._path(letter_id).read_bytes())
        except FileNotFoundError:
            raise unknown_letter(letter_id) from None

    def delete(self, letter_id: str) -> None:
        """Delete a letter. Raises CollectorError ``not_found``."""
        path = self._path(letter_id)
        self._forget(path, path.unlink)

    def set_aside(self, letter_id: str, note: str) -> Path:
        """Take a letter off the list while it is replayed, with ``note`` in its name. Raises CollectorError."""
        path = self._path(letter_id)
        aside = path.with_name(f"{letter_id}@{note}{ASIDE}")
        self._forget(path, lambda: path.rename(aside))
        return aside

    def restore(self, aside: Path) -> None:
        """Put a letter that was set aside on the list again."""
        with self._lock:
            self._bytes += _on_disk(aside.stat().st_size)
            aside.rename(self._path(aside.name.partition("@")[0]))
            self._count += 1
            sync_directory(self._directory)

    def asides(self) -> Iterator[tuple[Path, str, Letter, bytes]]:
        """The letters that are set aside: file, note, letter and its bytes."""
        for path in sorted(self._directory.glob(f"*{ASIDE}")):
            yield path, path.name.removesuffix(ASIDE).partition("@")[2], *_parsed(path.read_bytes())

    def _forget(self, path: Path, remove: Callable[[], object]) -> None:
        with self._lock:
            try:
                size = path.stat().st_size
                remove()
            except FileNotFoundError:
                raise unknown_letter(path.stem) from None
            sync_directory(self._directory)
            self._count -= 1
            self._bytes -= _on_disk(size)

    def _path(self, letter_id: str) -> Path:
        if not _ID.fullmatch(letter_id):
            raise unknown_letter(letter_id)
        return self._directory / f"{letter_id}{SUFFIX}"


def letter_id(received_ns: int, suffix: str) -> str:
    """An id that sorts by time of receipt, for example ``01767268800000000000-3f2a9c0d1b7e``."""
    return f"{received_ns:020d}-{suffix}"


def _parsed(content: bytes) -> tuple[Letter, bytes]:
    head, _, body = content.partition(b"\n")
    return _letter(head), body


def _letter(head: bytes) -> Letter:
    fields: dict[str, Any] = json.loads(head)
    return Letter(**fields)


def _on_disk(size: int) -> int:
    """The disk space of a file of ``size`` bytes: whole blocks, so that many tiny letters cannot exceed the cap."""
    return -(-size // _BLOCK) * _BLOCK


def unknown_letter(letter_id: str) -> CollectorError:
    """The error for an id that no letter has."""
    message = f"There is no dead letter {letter_id[:100]!r}."
    return CollectorError("not_found", message, "List the letters to see their ids.")
