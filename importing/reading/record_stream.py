"""A log that is open: its reader, chosen by its format, and how far it was read."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from importing.errors import ImportFailed
from importing.reading.file_format import opened
from importing.reading.readers.csv import read_csv
from importing.reading.readers.ocel import read_ocel
from importing.reading.readers.ocel_json import Ocel1Json, OcelJson
from importing.reading.readers.ocel_sqlite import OcelSqlite
from importing.reading.readers.ocel_xml import OcelXml
from importing.reading.readers.parquet import read_parquet
from importing.reading.readers.xes import read_xes
from importing.reading.spool import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack
    from pathlib import Path

    from importing.errors import Unreadable
    from importing.mapping.mapping import Mapping
    from importing.reading.readers.ocel import OcelSource
    from importing.record import Record


@dataclass(frozen=True, slots=True)
class RecordStream:
    """``groups``: its records, a case each where the file has them so (``in_cases``), else in any portions.

    ``size`` is the bytes of the file as it lies there, packed or not; ``position()`` how many of them were read.
    """

    kind: str
    size: int
    in_cases: bool
    groups: Iterator[list[Record]]
    position: Callable[[], int]


def open_records(
    path: Path, kind: str, mapping: Mapping, stack: ExitStack, complain: Callable[[Unreadable], None]
) -> RecordStream:
    """The log at ``path``, which is of ``kind``; ``complain`` hears of records that cannot be read.

    What it opens is closed with ``stack``. Raises ImportFailed ``not_found``, ``unreadable`` or ``unknown_format``.
    """
    source = _Source(path, stack)
    if kind == "xes":
        return source.log(kind, read_xes(source.opened(), path.name), in_cases=True)
    if kind == "csv":
        return source.log(kind, read_csv(source.opened(), path.name, mapping.csv, complain))
    if kind == "parquet":
        return source.log(kind, read_parquet(path))
    connection = stack.enter_context(database())
    found: OcelSource
    if kind == "ocel-json":
        found = OcelJson(source.opened, path.name)
    elif kind == "ocel1-json":
        found = Ocel1Json(source.opened, path.name)
    elif kind == "ocel-xml":
        found = OcelXml(source.opened, path.name)
    elif kind == "ocel-sqlite":
        found = OcelSqlite(path, connection)
    else:
        raise ImportFailed("unknown_format", f"{kind!r} is no format that can be read.")
    return source.log(kind, read_ocel(found, path.name, connection, complain))


class _Source:
    """Opens the file, and knows how far the one opened last was read."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path = path
        self._stack = stack
        self._stream: IO[bytes] | None = None

    def opened(self) -> IO[bytes]:
        self._stream = self._stack.enter_context(opened(self._path))
        return self._stream

    def position(self) -> int:
        raw: Any = self._stream
        if isinstance(raw, gzip.GzipFile):
            raw = raw.fileobj
        return int(raw.tell()) if raw is not None and not raw.closed else 0

    def log(self, kind: str, groups: Iterator[list[Record]], *, in_cases: bool = False) -> RecordStream:
        return RecordStream(kind, self._path.stat().st_size, in_cases, _whole(groups, self._path), self.position)


def _whole(groups: Iterator[list[Record]], path: Path) -> Iterator[list[Record]]:
    """``groups``; a file that is cut short, or not what its first bytes say, ends in a sentence."""
    try:
        yield from groups
    except (OSError, EOFError, zlib.error) as error:
        raise ImportFailed(
            "unreadable", f"{path} cannot be read to its end: {error}.", "What stands before was read; fetch it again."
        ) from None
