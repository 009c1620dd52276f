"""The interface for traces of the server's own work. They are off by default.

The server may send these traces to itself. A request that carries them is not traced, otherwise each trace would cause
another.
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
"""A resource attribute of the server's own traces. It marks a request that carries them."""

_SELF_TRACE_BYTES: Final = SELF_TRACE_ATTRIBUTE.encode()


class WorkSpan(Protocol):
    """A span of the server's own work, which may or may not be reported. It lasts as long as its ``with`` block.

    ::

        with tracing.span("insert", lambda: not only_self_traces(envelopes)) as span:
            span.set_attribute("flowtrail.requests", len(envelopes))
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def set_attribute(self, name: str, value: str | int, /) -> None:
        """Add an attribute. Never a part of what was sent, and never a key."""


class Tracing(Protocol):
    """Where spans are reported. Thread-safe."""

    enabled: bool
    """Whether anything is traced at all. If not, callers need not look for the mark in a batch."""

    def span(self, name: str, traced: Callable[[], bool], /) -> WorkSpan:
        """Start a root span. ``traced`` says whether it may be reported; it is only called if the span was sampled."""

    def child_span(self, name: str, /) -> WorkSpan:
        """Start a child of the current span. It is reported if its parent is."""

    def close(self) -> None:
        """Send the remaining spans, for a few seconds at most. Blocks."""


class _NoSpan:
    """A span that is not reported."""

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
"""The default: nothing is reported."""


def is_self_trace(body: bytes) -> bool:
    """Whether a request carries the server's own traces."""
    return _SELF_TRACE_BYTES in body


def only_self_traces(envelopes: Sequence[Envelope]) -> bool:
    """Whether a batch holds nothing but the server's own traces."""
    return all(is_self_trace(envelope.request) for envelope in envelopes)
