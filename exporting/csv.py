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
    """The table in pieces of some 64 KiB; ``names``: words on the wire that get a column."""
    wanted = columns(names)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(wanted)
    for event in events:
        writer.writerow(row(event, wanted))
        if buffer.tell() >= _FLUSH:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")
