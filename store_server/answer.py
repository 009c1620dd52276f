"""What the engine answers: whole, or piece by piece where its format can be continued."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from store_server.errors import engine_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Formats whose pieces follow each other as they are. The engine writes those "WithNames" anew for each piece, so their
# heads would have to be cut off again; they, JSON and columnar files are answered whole.
_CONTINUED: Final = re.compile(
    r"native|(tabseparated|tsv)(raw)?|csv|rowbinary|values|lineasstring|rawblob|json(compact|strings|compactstrings)?eachrow"
    r"|jsonlines|ndjson|buffers",
    re.IGNORECASE,
)
_HEAD_BYTES: Final = 1 << 20


def continued(name: str) -> bool:
    """Whether an answer in this format can be sent piece by piece."""
    return _CONTINUED.fullmatch(name) is not None


@dataclass
class Summary:
    """What ``X-ClickHouse-Summary`` tells."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    elapsed_s: float = 0

    def add(self, result: Any) -> None:
        """Count a piece of an answer."""
        self.read_rows = max(self.read_rows, result.storage_rows_read() or result.rows_read())
        self.read_bytes = max(self.read_bytes, result.storage_bytes_read() or result.bytes_read())
        self.written_rows += result.rows_written()
        self.written_bytes += result.bytes_written()
        self.result_rows += result.rows_read()
        self.elapsed_s = max(self.elapsed_s, result.elapsed())

    def as_texts(self) -> dict[str, str]:
        return {
            "read_rows": str(self.read_rows),
            "read_bytes": str(self.read_bytes),
            "written_rows": str(self.written_rows),
            "written_bytes": str(self.written_bytes),
            "result_rows": str(self.result_rows),
            "elapsed_ns": str(int(self.elapsed_s * 1e9)),
        }


@dataclass
class Answer:
    """``head`` is all of it unless there is a ``rest``; then ``close`` must be called, which stops what still runs.

    ``format`` is '' for a statement that answers nothing, such as SET or INSERT.
    """

    head: bytes
    summary: Summary
    format: str = ""
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None


def begun(stream: Any) -> Answer:
    """Read ``stream`` until it ends or a mebibyte is there. Raises ServerError if it fails before that."""
    answer = Answer(b"", Summary())
    pieces = _pieces(stream, answer.summary)
    head = bytearray()
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD_BYTES:
            answer.rest = pieces
            break
    answer.head = bytes(head)
    return answer


def _pieces(stream: Any, summary: Summary) -> Iterator[bytes]:
    while True:
        with engine_errors():
            piece = stream.fetch()
        if piece is None:
            return
        summary.add(piece)
        yield piece.bytes() or b""
