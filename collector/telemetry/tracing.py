"""Traces of the server's own work: off unless somebody asks for them, and never about themselves.

Requests that carry these traces, sent here by this very program, leave no trace again; otherwise each would make more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from store.intake import Envelope

SERVICE: Final = "flowtrail-server"
"""``service.name`` of the server's own traces."""

MARK: Final = "flowtrail.self-trace"
"""A resource attribute of the server's own traces, by which a request that carries them is known."""

_MARK_BYTES: Final = MARK.encode()


class Work(Protocol):
    """A piece of work that is traced, or not; it lasts as long as its ``with`` block."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def set(self, name: str, value: str | int, /) -> None:
        """Say something about it; never what was sent, nor a key."""


class Tracing(Protocol):
    """Where pieces of work are reported. Thread-safe."""

    enabled: bool
    """Whether anything is traced at all, so that nobody looks for marks in vain."""

    def work(self, name: str, traced: Callable[[], bool], /) -> Work:
        """A piece of work of its own; ``traced`` is asked only if this one is among those that are reported."""

    def part(self, name: str, /) -> Work:
        """A part of the work around it; reported if that is."""

    def close(self) -> None:
        """Send what is left, for some seconds at most. Blocks."""


class _Nothing:
    """Work that is not reported."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def set(self, _name: str, _value: str | int) -> None:
        pass


NOTHING: Final = _Nothing()


class _NoTracing:
    enabled = False

    def work(self, _name: str, _traced: Callable[[], bool]) -> Work:
        return NOTHING

    def part(self, _name: str) -> Work:
        return NOTHING

    def close(self) -> None:
        pass


NO_TRACING: Final[Tracing] = _NoTracing()
"""The default: nothing is reported, and it costs nothing."""


def is_own(body: bytes) -> bool:
    """Whether a request carries the server's own traces."""
    return _MARK_BYTES in body


def only_own(envelopes: Sequence[Envelope]) -> bool:
    """Whether a batch holds nothing else."""
    return all(is_own(envelope.request) for envelope in envelopes)
