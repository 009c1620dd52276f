"""What a small request may cost the store: it keeps a step once per typed id, and the resource with every item.

A step without a case id is one row for each value of its ``flow.ref.*`` attributes, and each row carries all of them:
the cost grows with the square. So it is bounded here, where the sender can still be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flowtrail import conventions

from collector.errors import Refusal
from collector.signals import points
from common.units import MIB
from store.intake import Signal

if TYPE_CHECKING:
    from collector.signals import Shape

MAX_REFS: Final = 1000
"""Values of ``flow.ref.*`` on one span."""

MAX_RESOURCE_COPIES: Final = 64 * MIB
"""Bytes of resources and scopes, each as often as it has spans, log records or data points."""

MAX_REF_COPIES: Final = 256 * MIB
"""Bytes of spans, each as often as it has ``flow.ref.*`` values."""

_REF: Final = conventions.REF_PREFIX
_HARMLESS_SQUARES: Final = 8 * 32 * MIB
"""A value takes six bytes and more, so below this the copies within the spans of a request stay near 32 MiB."""

_HARMLESS_BODY_BYTES: Final = 16 * 1024
"""A body up to here cannot have so many refs that it matters."""

_HARMLESS_RESOURCE_BODY_BYTES: Final = 64 * 1024


def may_have_refs(body: bytes) -> bool:
    """Whether the spans of a request must be measured; most are too small or have no refs."""
    return len(body) > _HARMLESS_BODY_BYTES and _REF.encode() in body


def may_have_too_many_refs(body: bytes, squares: int) -> bool:
    """Whether the refs of a request must be counted; ``squares``: see WireCount."""
    return squares > _HARMLESS_SQUARES and _REF.encode() in body


def too_many_refs(span: Any) -> str:
    """Why ``span`` cannot be taken; empty if it has few enough ``flow.ref.*`` values."""
    refs = sum(_values(one.value) for one in span.attributes if one.key.startswith(_REF))
    return f"more than {MAX_REFS} flow.ref.* values" if refs > MAX_REFS else ""


def expect_few_resource_copies(shape: Shape, message: Any, size: int) -> None:
    """Raise Refusal ``too_large`` if ``message``, ``size`` bytes long, has large resources with many items each."""
    if size <= _HARMLESS_RESOURCE_BODY_BYTES:
        return
    groups, scopes, leaves = shape.levels
    copies_of = _metric_copies if shape.signal is Signal.METRICS else _copies
    copies = 0
    for group in getattr(message, groups):
        resource = group.resource.ByteSize()
        for scope in getattr(group, scopes):
            copies += copies_of(resource + scope.scope.ByteSize(), getattr(scope, leaves))
    if copies > MAX_RESOURCE_COPIES:
        raise _too_many_copies("resources and scopes, each stored with every item of theirs,", MAX_RESOURCE_COPIES)


def _copies(above: int, leaves: Any) -> int:
    return above * len(leaves)


def _metric_copies(above: int, metrics: Any) -> int:
    """A metric's name, description and unit are stored with every data point, too."""
    total = 0
    for metric in metrics:
        if count := len(points(metric)):
            total += count * (above + len(metric.name) + len(metric.description) + len(metric.unit))
    return total


def expect_few_ref_copies(spans: list[Any]) -> None:
    """Raise Refusal ``too_large`` if these spans, each stored once per ref, come to too much."""
    if sum(map(_ref_copies, spans)) > MAX_REF_COPIES:
        raise _too_many_copies("spans, each stored once per flow.ref.* value,", MAX_REF_COPIES)


def _ref_copies(span: Any) -> int:
    case = next((one.value for one in span.attributes if one.key == conventions.CASE_ID), None)
    if case is not None and case.string_value:
        return 0  # stored once, under its case
    refs = types = 0
    for one in span.attributes:
        if one.key.startswith(_REF):
            values = _values(one.value)
            refs += values
            types += values * len(one.key)
    return refs * (types + span.ByteSize()) if refs > 1 else 0


def _values(value: Any) -> int:
    """How many values the store reads out of an attribute; of an array in JSON, the most there can be."""
    text = value.string_value
    if text.startswith("["):
        return int(text.count(",")) + 1
    return max(1, len(value.array_value.values))


def _too_many_copies(what: str, limit: int) -> Refusal:
    hint = "Send smaller batches, or put less into each resource and span."
    return Refusal("too_large", f"Stored, the {what} would take more than {limit // MIB} MiB.", hint)
