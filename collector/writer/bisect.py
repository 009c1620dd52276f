"""Divide what the store refuses, so that everything but the poison is stored, and each part once.

A refused batch is cut in halves by count, those that are refused again, and so on: of n requests with k poisoned ones
it takes about 2 k log n inserts. Each part has a token of its own, made of the batch's token and the part's path.

What was refused may have left rows behind: ClickHouse writes a table before it works out the views on it. So a refused
part is written down as refused, then taken back, and only then divided. After a crash the walk goes on at the part that
was written down last; its parent is taken back once more, and what lies before it is finished.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from collector.signals import split_request
from store.errors import StoreError, StoreOutOfMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from store.intake import Envelope

FINISHED: Final = "finished"
"""The cursor behind the last part."""

_REFUSED_FOR_GOOD: Final = "!"
"""Stands behind the path of a part that becomes a dead letter."""

_PARTS_OF_REQUESTS: Final = 64
"""So many dead letters of a batch, and requests are not divided any more: one of nothing but poison would hold up all
others for hours."""

Cursor = str
"""The path of the part that comes next, 0 for a first half and 1 for a second: ``0.1``. '' is the whole."""


@dataclass(frozen=True, slots=True)
class Bisection:
    """Stores what can be stored of some envelopes of one signal.

    ``insert`` stores envelopes under a token and raises StoreError only for a refusal: the data are no good, or too
    much for the store's memory. ``take_back`` removes what a refused token left in the store. ``bury`` takes what is
    refused on its own, with the token of that part and the reason. ``mark`` writes down how far the division got.
    """

    insert: Callable[[Sequence[Envelope], str], None]
    take_back: Callable[[str], None]
    bury: Callable[[Envelope, str, str], None]
    mark: Callable[[Cursor], None]

    def store(self, envelopes: Sequence[Envelope], token: str, cursor: Cursor = "") -> int:
        """Store ``envelopes`` from ``cursor`` on; returns how many requests, or parts of one, were buried."""
        if cursor == FINISHED:
            return 0
        steps, for_good = cursor.removesuffix(_REFUSED_FOR_GOOD), cursor.endswith(_REFUSED_FOR_GOOD)
        walk = _Walk(self, token, for_good=for_good)
        walk.go_on(envelopes, "", steps.split(".") if steps else [])
        if cursor or walk.divided:
            self.mark(FINISHED)
        return walk.buried


class _Walk:
    def __init__(self, parts: Bisection, token: str, *, for_good: bool) -> None:
        self._parts = parts
        self._token = token
        self._for_good = for_good
        self.divided = False
        self.buried = 0

    def go_on(self, envelopes: Sequence[Envelope], path: Cursor, steps: Sequence[str]) -> None:
        """Go down to the part where a crash interrupted the walk, then on from there."""
        if not steps:
            self._visit(envelopes, path)
            return
        self.divided = True
        self._parts.take_back(self._named(path))
        parts = halves(envelopes)
        if parts is None:  # the same requests are always divided in the same way
            raise AssertionError(path)
        left, right = parts
        if steps[0] == "0":
            self.go_on(left, _below(path, "0"), steps[1:])
            self._next(right, _below(path, "1"))
        else:
            self.go_on(right, _below(path, "1"), steps[1:])

    def _next(self, envelopes: Sequence[Envelope], path: Cursor) -> None:
        self._parts.mark(path)
        self._visit(envelopes, path)

    def _visit(self, envelopes: Sequence[Envelope], path: Cursor) -> None:
        if self._for_good:  # the crash came after the decision
            self._for_good = False
            self._bury(envelopes[0], path, "The store refused it for good; the reason was lost in a crash.")
            return
        try:
            self._parts.insert(envelopes, self._named(path))
        except StoreError as refusal:
            self.divided = True
            parts = None if self._stays_whole(envelopes, refusal) else halves(envelopes)
            if parts is None:
                self._parts.mark(path + _REFUSED_FOR_GOOD)
                self._bury(envelopes[0], path, str(refusal))
            else:
                self._divide(*parts, path)

    def _divide(self, left: Sequence[Envelope], right: Sequence[Envelope], path: Cursor) -> None:
        self._parts.mark(_below(path, "0"))
        self._parts.take_back(self._named(path))
        self._visit(left, _below(path, "0"))
        self._next(right, _below(path, "1"))

    def _stays_whole(self, envelopes: Sequence[Envelope], refusal: StoreError) -> bool:
        """Too much for the memory, item by item, would take for ever; so would a request of nothing but poison."""
        too_many = isinstance(refusal, StoreOutOfMemory) or self.buried >= _PARTS_OF_REQUESTS
        return len(envelopes) == 1 and too_many

    def _bury(self, envelope: Envelope, path: Cursor, reason: str) -> None:
        token = self._named(path)
        self._parts.bury(envelope, token, reason)
        self._parts.take_back(token)
        self.buried += 1

    def _named(self, path: Cursor) -> str:
        return _below(self._token, path) if path else self._token


def halves(envelopes: Sequence[Envelope]) -> tuple[Sequence[Envelope], Sequence[Envelope]] | None:
    """Two halves: of the requests, or of the items of the only request; None for a single item."""
    if len(envelopes) > 1:
        middle = len(envelopes) // 2
        return envelopes[:middle], envelopes[middle:]
    requests = split_request(envelopes[0].signal, envelopes[0].request)
    if requests is None:
        return None
    left, right = (replace(envelopes[0], request=request) for request in requests)
    return [left], [right]


def _below(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step
