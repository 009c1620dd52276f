"""Divide a batch that the store refuses, so that everything but the poison is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collector.check import split_request
from store.errors import StoreError, StoreOutOfMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from store.intake import Envelope


@dataclass(frozen=True, slots=True)
class Isolation:
    """Divides a refused batch.

    ``insert`` stores envelopes under a token and raises StoreError only for a refusal: the data are no good, or too
    much for the store's memory. ``bury`` takes what is refused on its own, with the token of that part and the refusal.
    """

    insert: Callable[[Sequence[Envelope], str], None]
    bury: Callable[[Envelope, str, StoreError], None]

    def divide(self, envelopes: Sequence[Envelope], token: str, refusal: StoreError) -> list[Envelope]:
        """Store ``envelopes``, refused as a whole, in halves and halves of halves; returns what was stored.

        Halves are cut by count, so the same batch always gives the same parts under the same tokens.
        """
        parts = halves(envelopes, refusal)
        if parts is None:
            self.bury(envelopes[0], token, refusal)
            return []
        left, right = parts
        return self._store(left, f"{token}.0") + self._store(right, f"{token}.1")

    def _store(self, envelopes: Sequence[Envelope], token: str) -> list[Envelope]:
        try:
            self.insert(envelopes, token)
        except StoreError as refusal:
            return self.divide(envelopes, token, refusal)
        return list(envelopes)


def halves(envelopes: Sequence[Envelope], refusal: StoreError) -> tuple[Sequence[Envelope], Sequence[Envelope]] | None:
    """Two halves: of the requests, or of the spans of the only request; None for what is refused as it is.

    That is a single span, or a request that is too much for the store's memory: span by span that would take for ever.
    """
    if len(envelopes) > 1:
        middle = len(envelopes) // 2
        return envelopes[:middle], envelopes[middle:]
    if isinstance(refusal, StoreOutOfMemory):
        return None
    requests = split_request(envelopes[0].request)
    if requests is None:
        return None
    left, right = (replace(envelopes[0], request=request) for request in requests)
    return [left], [right]
