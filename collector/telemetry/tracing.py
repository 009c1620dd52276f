"""Traces of the server's own work: off unless somebody asks for them, and never about themselves.

Requests that carry these traces, sent here by this very program, leave no trace again; otherwise each would make more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from store.intake import Envelope

SERVICE_NAME: Final = "flowtrail-server"
"""``service.name`` of the server's own traces."""

SELF_TRACE_ATTRIBUTE: Final = "flowtrail.self-trace"
"""A resource attribute of the server's own traces, by which a request that carries them is known."""

_SELF_TRACE_BYTES: Final = SELF_TRACE_ATTRIBUTE.encode()


class WorkSpan(Protocol):
    """A piece of work that is traced, or not; it lasts as long as its ``with`` block."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def set_attribute(self, name: str, value: str | int, /) -> None:
        """Say something about it; never what was sent, nor a key."""


class Tracing(Protocol):
    """Where pieces of work are reported. Thread-safe."""

    enabled: bool
    """Whether anything is traced at all, so that nobody looks for marks in vain."""

    def span(self, name: str, traced: Callable[[], bool], /) -> WorkSpan:
        """A piece of work of its own; ``traced`` is asked only if this one is among those that are reported."""

    def child_span(self, name: str, /) -> WorkSpan:
        """A part of the work around it; reported if that is."""

    def close(self) -> None:
        """Send what is left, for some seconds at most. Blocks."""


class _NoSpan:
    """Work that is not reported."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def set_attribute(self, _name: str, _value: str | int) -> None:
        pass


NO_SPAN: Final = _NoSpan()


class _NoTracing:
    enabled = False

    def span(self, _name: str, _traced: Callable[[], bool]) -> WorkSpan:
        return NO_SPAN

    def child_span(self, _name: str) -> WorkSpan:
        return NO_SPAN

    def close(self) -> None:
        pass


NO_TRACING: Final[Tracing] = _NoTracing()
"""The default: nothing is reported, and it costs nothing."""


def is_self_trace(body: bytes) -> bool:
    """Whether a request carries the server's own traces."""
    return _SELF_TRACE_BYTES in body


def only_self_traces(envelopes: Sequence[Envelope]) -> bool:
    """Whether a batch holds nothing else."""
    return all(is_self_trace(envelope.request) for envelope in envelopes)
