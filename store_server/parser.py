"""The engine as the one who says what a statement means: it writes it anew, and shows its tree, without running it.

A second parser beside the engine's would differ from it somewhere. So nothing that a reader sent is looked at, or run,
before the engine has read it and written it again in its own way of writing (``formatQuerySingleLine``).
"""

from __future__ import annotations

import contextlib
import queue
import re
from typing import TYPE_CHECKING, Any, Final

from store_server.errors import ServerError, engine_errors, syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_WHOSE: Final = re.compile(r": In scope SELECT formatQuery.*(?=\. \(|: While|$)", re.DOTALL)
"""Where the engine quotes our own question instead of the statement."""

_UNREADABLE: Final = "The statement holds bytes that are not UTF-8. Write such a text as unhex('…')."


class Parser:
    """``connect`` opens a connection that can read nothing and change nothing. They are kept for later statements."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def canonical(self, statement: bytes) -> str:
        """The statement as the engine writes it, in one line, every name and text between ASCII quotes.

        Raises ServerError for what the engine cannot read, several statements, or a text that the engine would read
        differently when it is read again.
        """
        once = f"formatQuerySingleLine(unhex('{statement.hex()}'))"
        with self._connection() as connection, engine_errors():
            result = connection.query(f"SELECT {once} AS once, once = formatQuerySingleLine(once)", "TSVRaw")
            text, _, same = (result.bytes() or b"").rstrip(b"\n").rpartition(b"\t")
        if same != b"1":
            raise syntax("The statement changes its meaning when it is written again. Write it more simply.")
        try:
            return bytes(text).decode()
        except UnicodeDecodeError:
            raise syntax(_UNREADABLE) from None

    def tree(self, canonical: str, params: Mapping[str, str]) -> str:
        """The engine's tree of a canonical statement, a node a line."""
        with self._connection() as connection, engine_errors():
            result = connection.query(f"EXPLAIN AST {canonical}", "TSVRaw", params=dict(params))
            return str((result.bytes() or b"").decode())

    def close(self) -> None:
        """Let go of the connections."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Any]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        except ServerError as error:
            raise ServerError(_WHOSE.sub("", error.text)) from None
        finally:
            self._idle.put(connection)
