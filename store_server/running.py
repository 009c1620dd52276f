"""What runs now, so that it can be stopped: by its asker when they hang up, or with KILL QUERY."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from store_server.canonical import unquoted
from store_server.errors import denied, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store_server.call import Call
    from store_server.visitor import Visitor

_TEXT: Final = r"'(?:[^'\\]|\\.)*'"
_KILL: Final = re.compile(
    rf"KILL QUERY WHERE query_id (?:= ({_TEXT})|IN \(({_TEXT}(?:, {_TEXT})*)\)) (?:ASYNC|SYNC|TEST)", re.DOTALL
)


@dataclass
class Running:
    """The calls under way, by their tags."""

    _calls: dict[str, tuple[Visitor, str]] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def entered(self, call: Call, visitor: Visitor) -> Iterator[None]:
        """``call`` is under way within the block."""
        with self._lock:
            self._calls[call.tag] = (visitor, call.query_id)
        try:
            yield
        finally:
            with self._lock:
                self._calls.pop(call.tag, None)
                self._stopped.discard(call.tag)

    def stop(self, tag: str) -> None:
        """Note that nobody waits for the call any more."""
        with self._lock:
            self._stopped.add(tag)

    def expect_wanted(self, call: Call) -> None:
        """Raise ServerError 394 if somebody stopped ``call`` already."""
        if call.tag in self._stopped:
            raise refusal(394, "QUERY_WAS_CANCELLED", "Query was cancelled")

    def asked_to_kill(self, text: str, visitor: Visitor) -> dict[str, str]:
        """Which calls of ``visitor`` a canonical KILL QUERY means: their query ids by their tags."""
        match = _KILL.fullmatch(text)
        if match is None:
            raise denied("Readers stop a query by its id: KILL QUERY WHERE query_id = '…'.")
        ids = {unquoted(value) for value in re.findall(_TEXT, match[1] or match[2], re.DOTALL)}
        with self._lock:
            mine = {tag: query_id for tag, (who, query_id) in self._calls.items() if who == visitor}
        return {tag: query_id for tag, query_id in mine.items() if query_id in ids}
