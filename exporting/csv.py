"""Events as CSV (RFC 4180): one row for each event of each case."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from exporting.table import columns, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporting.events import ExportedEvent

_FLUSH: Final = 64 * 1024


def write_csv(events: Iterable[ExportedEvent], names: Iterable[str]) -> Iterator[bytes]:
    """The table in pieces of about 64 KiB; ``names``: the attributes that get a column."""
    header = columns(names)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    for event in events:
        writer.writerow(row(event, header))
        if buffer.tell() >= _FLUSH:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")  # a lone surrogate must not break off the export
