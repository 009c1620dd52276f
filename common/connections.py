"""The open connections of a port, and which of them makes room when there are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE: Final = 64
"""Connections beyond the limit that are open only to be told that they are too many."""


class Connection(Protocol):
    """One open connection."""

    @property
    def answering(self) -> bool:
        """Whether a whole request has come in and its answer is not complete yet."""
        ...

    def abort(self) -> None:
        """Close the connection at once."""
        ...


C = TypeVar("C", bound=Connection)


class Connections(Generic[C]):
    """The open connections of a port, at most ``limit`` of them; 0 for any number.

    A connection that costs its owner one byte must not keep out one that asks something. So a new connection takes the
    place of the oldest one that waits for its client, as nginx does. It is refused if all of them are being answered.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # A dict keeps the order in which they came; a set does not.
        self._open: dict[C, None] = {}
        self._aborted: set[C] = set()

    def __iter__(self) -> Iterator[C]:
        return iter(tuple(self._open))

    def enter(self, connection: C) -> bool:
        """Count a new connection. False if it must be refused because there is no room."""
        room = not self._limit or len(self._open) - len(self._aborted) < self._limit or self._make_room()
        self._open[connection] = None
        return room

    def leave(self, connection: C) -> None:
        """Forget a connection that is closed."""
        self._open.pop(connection, None)
        self._aborted.discard(connection)

    def is_full(self) -> bool:
        """Whether a further connection cannot even be refused with an answer."""
        return bool(self._limit) and len(self._open) >= self._limit + GRACE

    def _make_room(self) -> bool:
        oldest = next((one for one in self._open if not one.answering and one not in self._aborted), None)
        if oldest is None:
            return False
        # It leaves when the event loop closes it, which may be after several others have entered.
        self._aborted.add(oldest)
        oldest.abort()
        return True
