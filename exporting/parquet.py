"""Events as Parquet: the columns of CSV, but times, numbers and lists keep their types."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from flowtrail import conventions as words

from exporting.table import TIMES, columns, row
from exporting.values import LISTS, NUMBERS, number, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporting.events import ExportedEvent

_ROWS: Final = 10_000
"""Rows of a row group, which is held in memory."""


def write_parquet(events: Iterable[ExportedEvent], names: Iterable[str]) -> Iterator[bytes]:
    """The file in pieces, a row group each; ``names``: the attributes that get a column."""
    header = columns(names)
    schema = pa.schema([(name, _type(name)) for name in header])
    sink = _Sink()
    rest = iter(events)
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        while portion := list(islice(rest, _ROWS)):
            writer.write_table(_table(portion, header, schema))
            yield sink.drained()
    yield sink.drained()  # the footer, which the end of the block above has written


def _table(events: list[ExportedEvent], header: list[str], schema: Any) -> Any:
    columns_of_text = zip(*(row(event, header) for event in events), strict=True)
    arrays = []
    for name, texts in zip(header, columns_of_text, strict=True):
        if name in TIMES:
            # From the numbers: a text would have to be parsed again.
            times = [None if name == "end" and event.started else getattr(event, name) for event in events]
            arrays.append(pa.array(times, pa.int64()).cast(_type(name)))
        else:
            arrays.append(pa.array([_value(name, text) for text in texts], _type(name)))
    return pa.Table.from_arrays(arrays, schema=schema)


def _type(name: str) -> Any:
    if name in TIMES:
        return pa.timestamp("ns", "UTC")
    if name == words.ATTEMPT:
        return pa.int64()
    if name in NUMBERS:
        return pa.float64()
    return pa.list_(pa.string()) if name.startswith(LISTS) else pa.string()


def _value(name: str, text: str) -> Any:
    if not text:
        return None
    if name == words.ATTEMPT:
        return int(text) if text.isdecimal() else None
    if name in NUMBERS:
        return number(text)
    return values_of(text) if name.startswith(LISTS) else text


class _Sink:
    """A file that Arrow writes to and from which each piece is removed when it has been written."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        self.closed = True

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def drained(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
