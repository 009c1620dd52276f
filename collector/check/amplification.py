"""Limits on what a small request may cost the store.

The store keeps a resource once per item. It keeps a step without a case id once per value of its ``flow.ref.*``
attributes, and each row carries all of them, so the cost grows with the square of their number. Both are limited here,
where the sender still gets an answer.
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
"""Bytes of resources and scopes, each multiplied by its number of spans, log records or data points."""

MAX_REF_COPIES: Final = 256 * MIB
"""Bytes of spans, each multiplied by its number of ``flow.ref.*`` values."""

_REF: Final = conventions.REF_PREFIX
_HARMLESS_SQUARES: Final = 8 * 32 * MIB
"""Bytes². A value takes at least six bytes, so below this the copies of a request's spans stay near 32 MiB."""

_HARMLESS_BODY_BYTES: Final = 16 * 1024
"""A smaller body cannot hold enough refs to matter."""

_HARMLESS_RESOURCE_BODY_BYTES: Final = 64 * 1024
"""The same for resources."""


def may_have_refs(body: bytes) -> bool:
    """Whether the sizes of a request's spans must be counted. Most requests are too small or have no refs."""
    return len(body) > _HARMLESS_BODY_BYTES and _REF.encode() in body


def may_have_too_many_refs(body: bytes, squares: int) -> bool:
    """Whether the refs of a request must be counted. ``squares``: see ``WireCount``."""
    return squares > _HARMLESS_SQUARES and _REF.encode() in body


def too_many_refs(span: Any) -> str:
    """Why ``span`` is rejected; empty if it does not have too many ``flow.ref.*`` values."""
    refs = sum(_values(attribute.value) for attribute in span.attributes if attribute.key.startswith(_REF))
    return f"more than {MAX_REFS} flow.ref.* values" if refs > MAX_REFS else ""


def expect_few_resource_copies(shape: Shape, message: Any, size: int) -> None:
    """Raise Refusal ``too_large`` if ``message``, ``size`` bytes long, has large resources with many items."""
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
        raise _too_many_copies("resources and scopes, each stored with every item of its own,", MAX_RESOURCE_COPIES)


def _copies(above: int, leaves: Any) -> int:
    return above * len(leaves)


def _metric_copies(above: int, metrics: Any) -> int:
    """The name, description and unit of a metric are stored with every data point, too."""
    total = 0
    for metric in metrics:
        if count := len(points(metric)):
            total += count * (above + len(metric.name) + len(metric.description) + len(metric.unit))
    return total


def expect_few_ref_copies(spans: list[Any]) -> None:
    """Raise Refusal ``too_large`` if these spans, each stored once per ref, would take too much space."""
    if sum(map(_ref_copies, spans)) > MAX_REF_COPIES:
        raise _too_many_copies("spans, each stored once per flow.ref.* value,", MAX_REF_COPIES)


def _ref_copies(span: Any) -> int:
    case = next((attribute.value for attribute in span.attributes if attribute.key == conventions.CASE_ID), None)
    if case is not None and case.string_value:
        return 0  # stored once, under its case
    refs = names = 0
    for attribute in span.attributes:
        if attribute.key.startswith(_REF):
            values = _values(attribute.value)
            refs += values
            names += values * len(attribute.key)  # on the wire a name stands once, in the store beside each value
    return refs * (names + span.ByteSize()) if refs > 1 else 0


def _values(value: Any) -> int:
    """How many values the store reads from an attribute."""
    text = value.string_value
    if text.startswith("["):  # an array in JSON: its commas are an upper bound
        return int(text.count(",")) + 1
    return max(1, len(value.array_value.values))


def _too_many_copies(what: str, limit: int) -> Refusal:
    hint = "Send smaller batches, or put less into each resource and span."
    return Refusal("too_large", f"Stored, the {what} would take more than {limit // MIB} MiB.", hint)
