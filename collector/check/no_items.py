"""Requests that hold something, but nothing that is read: sent in an old format, or to the wrong address.

A request that holds nothing at all is a success, as OTLP demands. One with fields that nobody reads and not a single
item is not: its sender would go on, and everything would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.unknown_fields import UnknownFieldSet

from collector.check import wrong_signal
from collector.errors import Refusal
from collector.signals import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.signals import Shape

_OLD_FIELD: Final = 1000
"""In OTLP before 0.16, a resource held its spans, logs and metrics in a field of this number."""

_OLD: Final = "This is OTLP from before version 0.16 (2022), with instrumentation libraries: update the exporter."
_SHOWN: Final = 3


def expect_nothing_unread(shape: Shape, message: Any, body: bytes) -> None:
    """Raise Refusal for a decoded request without items that has unknown fields."""
    numbers = sorted(set(_unknown(shape, message)))
    if not numbers:
        return
    hint = wrong_signal.hint(body, shape.signal) or (_OLD if _OLD_FIELD in numbers else _check(shape))
    raise _refusal(shape, [f"number {number}" for number in numbers], hint)


def expect_no_names_unread(shape: Shape, names: Sequence[str]) -> None:
    """Raise Refusal for a request in JSON without items, in which nobody reads ``names`` (paths, joined by dots)."""
    if names:
        raise _refusal(shape, list(names), _hint(shape, names))


def _refusal(shape: Shape, names: Sequence[str], hint: str) -> Refusal:
    shown = ", ".join(name[:80] for name in names[:_SHOWN])
    return Refusal("invalid_data", f"The body holds no {shape.noun}; unknown fields: {shown}.", hint)


def _hint(shape: Shape, names: Sequence[str]) -> str:
    first = names[0].partition(".")[0]
    for other in SHAPES.values():
        if other is not shape and first == _camel(other.levels[0]):
            return f"This looks like OTLP {other.signal}: send it to {other.path}."
    if any("instrumentationLibrary" in name for name in names):
        return _OLD
    if any("_" in name for name in names):
        return f"Names in OTLP's JSON are lowerCamelCase, such as {_camel(shape.levels[0])}."
    if first in {"flow", "case", "step", "events"}:
        return "This looks like an event: send it to /v1/events."
    return _check(shape)


def _check(shape: Shape) -> str:
    return f"Check that the exporter sends OTLP {shape.signal}: an object with {_camel(shape.levels[0])}."


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _unknown(shape: Shape, message: Any) -> Iterator[int]:
    """The numbers of unknown fields on the way down to the items."""
    groups, scopes, _ = shape.levels
    yield from _of(message)
    for group in getattr(message, groups):
        yield from _of(group)
        for scope in getattr(group, scopes):
            yield from _of(scope)


def _of(message: Any) -> Iterator[int]:
    return (field.field_number for field in UnknownFieldSet(message))
