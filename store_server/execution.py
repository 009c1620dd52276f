"""A query on a connection that is set up for it, and its answer: whole, or piece by piece."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from store_server.answer import Answer, Summary, begun, continued
from store_server.errors import engine_errors, refusal
from store_server.native import Blocks, columns_of, taken

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Mapping

_NATIVE: Final = "native"
_BUFFERS: Final = "Buffers"
PLAIN_TYPES: Final = {"print_pretty_type_names": "0"}
"""To be set for :attr:`Query.described`: types as the format Native writes them."""


@dataclass(frozen=True, slots=True)
class Query:
    """``selects``: its rows may be many. ``revision``: the protocol version that the client named, 0 for none.

    With a ``revision``, ``text`` ends with neither FORMAT nor SETTINGS.
    """

    text: str
    format: str
    params: Mapping[str, str] = field(default_factory=dict)
    selects: bool = False
    revision: int = 0

    @property
    def described(self) -> bool:
        """Whether its answer is Native with what a protocol version adds."""
        return self.revision > 0 and self.format.lower() == _NATIVE


def answered(connection: Any, query: Query, stack: contextlib.ExitStack) -> Answer:
    """Run ``query``; ``stack`` is closed when its answer has been sent. Raises ServerError."""
    answer = _native(connection, query, stack) if query.described else _answered(connection, query, stack)
    answer.format = query.format
    return answer


def _answered(connection: Any, query: Query, stack: contextlib.ExitStack) -> Answer:
    if not (query.selects and continued(query.format)):
        return _whole(connection, query)
    with engine_errors():
        stream = connection.send_query(query.text, query.format, params=dict(query.params))
    stack.callback(stream.cancel)
    return begun(stream)


def _whole(connection: Any, query: Query) -> Answer:
    with engine_errors():
        result = connection.query(query.text, query.format, params=dict(query.params))
    summary = Summary()
    summary.add(result)
    return Answer(result.bytes() or b"", summary)


def _native(connection: Any, query: Query, stack: contextlib.ExitStack) -> Answer:
    buffers = replace(query, format=_BUFFERS)
    if not query.selects:
        native, answer = _whole(connection, query), _whole(connection, buffers)
        columns = _columns_of_both(native.head, answer.head)
        return Answer(Blocks(columns, query.revision).take(answer.head), answer.summary)
    blocks = Blocks(_columns(connection, query), query.revision)
    answer = _answered(connection, buffers, stack)
    answer.head = blocks.take(answer.head)
    if answer.rest is not None:
        answer.rest = taken(answer.rest, blocks)
    return answer


def _columns(connection: Any, query: Query) -> list[tuple[str, str]]:
    described = Query(f"DESCRIBE TABLE ({query.text})", "JSONCompactEachRow", query.params)
    rows = (json.loads(line) for line in _whole(connection, described).head.splitlines())
    return [(row[0], row[1]) for row in rows]


def _columns_of_both(native: bytes, buffers: bytes) -> list[tuple[str, str]]:
    try:
        return columns_of(native, buffers)
    except (IndexError, UnicodeDecodeError, ValueError) as error:
        raise refusal(1001, "STD_EXCEPTION", "The answer changed while it was read. Ask again.") from error
