"""Splits what the store refuses, so that everything but the poisoned items is stored, each part once.

A refused batch is split into halves, a refused half again, and so on: to find k poisoned requests among n takes about
2 k log2(n) inserts. Each part has a token of its own, made of the batch's token and the part's path.

A refused insert may leave rows behind, because ClickHouse writes to a table before it computes the views on it. So for
a refused part three steps follow in this order: it is written down that the part is refused, its rows are removed
(``take_back``), and it is split. After a crash the work continues at the part that was written down last. The rows of
its parents are removed once more, and everything before it is done.
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
"""The cursor when everything is done."""

_REFUSED_FOR_GOOD: Final = "!"
"""Follows the path of a part that becomes a dead letter."""

_MAX_SPLIT_LETTERS: Final = 64
"""After so many dead letters of one batch, requests are not split into items any more: a request in which every item is
poisoned would hold up all others for hours."""

Cursor = str
"""The path of the next part: 0 is a first half, 1 a second half, '' the whole batch.

``0.1`` is the second half of the first half.
"""


@dataclass(frozen=True, slots=True)
class Bisection:
    """Stores what can be stored of some envelopes of one signal.

    ``insert(envelopes, token)`` raises StoreError only for a refusal: the data are invalid, or too much for the store's
    memory. ``take_back(token)`` removes the rows that a refused insert left. ``bury(envelope, token, reason)`` makes a
    dead letter of what is refused on its own. ``mark(cursor)`` writes down the progress.
    """

    insert: Callable[[Sequence[Envelope], str], None]
    take_back: Callable[[str], None]
    bury: Callable[[Envelope, str, str], None]
    mark: Callable[[Cursor], None]

    def store(self, envelopes: Sequence[Envelope], token: str, cursor: Cursor = "") -> int:
        """Store ``envelopes``, from ``cursor`` on. Returns how many dead letters that made."""
        if cursor == FINISHED:
            return 0
        steps, for_good = cursor.removesuffix(_REFUSED_FOR_GOOD), cursor.endswith(_REFUSED_FOR_GOOD)
        run = _Run(self, token, for_good=for_good)
        run.resume(envelopes, "", steps.split(".") if steps else [])
        if cursor or run.split:
            self.mark(FINISHED)
        return run.buried


class _Run:
    """One run of a bisection. ``for_good``: the part at the cursor had been refused for good before the crash."""

    def __init__(self, bisection: Bisection, token: str, *, for_good: bool) -> None:
        self._bisection = bisection
        self._token = token
        self._for_good = for_good
        self.split = False
        self.buried = 0

    def resume(self, envelopes: Sequence[Envelope], path: Cursor, steps: Sequence[str]) -> None:
        """Go down to the part at which a crash interrupted the run, and continue from there."""
        if not steps:
            self._store(envelopes, path)
            return
        self.split = True
        self._bisection.take_back(self._token_of(path))
        parts = halves(envelopes)
        if parts is None:  # impossible: the same requests are always split in the same way
            raise AssertionError(path)
        left, right = parts
        if steps[0] == "0":
            self.resume(left, _below(path, "0"), steps[1:])
            self._store_next(right, _below(path, "1"))
        else:  # the left half was done before the crash
            self.resume(right, _below(path, "1"), steps[1:])

    def _store_next(self, envelopes: Sequence[Envelope], path: Cursor) -> None:
        self._bisection.mark(path)
        self._store(envelopes, path)

    def _store(self, envelopes: Sequence[Envelope], path: Cursor) -> None:
        if self._for_good:  # the crash came after the decision
            self._for_good = False
            self._bury(envelopes[0], path, "The store refused it for good; the reason was lost in a crash.")
            return
        try:
            self._bisection.insert(envelopes, self._token_of(path))
        except StoreError as refusal:
            self.split = True
            parts = None if self._stays_whole(envelopes, refusal) else halves(envelopes)
            if parts is None:
                self._bisection.mark(path + _REFUSED_FOR_GOOD)
                self._bury(envelopes[0], path, str(refusal))
            else:
                self._store_halves(*parts, path)

    def _store_halves(self, left: Sequence[Envelope], right: Sequence[Envelope], path: Cursor) -> None:
        # The mark comes first: once its rows are removed, a part must never be inserted under its old token again. The
        # store might take that for a repetition and skip it.
        self._bisection.mark(_below(path, "0"))
        self._bisection.take_back(self._token_of(path))
        self._store(left, _below(path, "0"))
        self._store_next(right, _below(path, "1"))

    def _stays_whole(self, envelopes: Sequence[Envelope], refusal: StoreError) -> bool:
        """Whether a single request becomes a dead letter as a whole, because splitting it would take too long."""
        too_many = isinstance(refusal, StoreOutOfMemory) or self.buried >= _MAX_SPLIT_LETTERS
        return len(envelopes) == 1 and too_many

    def _bury(self, envelope: Envelope, path: Cursor, reason: str) -> None:
        token = self._token_of(path)
        self._bisection.bury(envelope, token, reason)
        self._bisection.take_back(token)
        self.buried += 1

    def _token_of(self, path: Cursor) -> str:
        return _below(self._token, path) if path else self._token


def halves(envelopes: Sequence[Envelope]) -> tuple[Sequence[Envelope], Sequence[Envelope]] | None:
    """The two halves of several requests, or of the items of a single request. None for a single item."""
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
