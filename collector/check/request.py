"""The check at the door: whether it is a request of its signal, and whether each of its items can be taken.

Decoding happens in C and finds every malformed request; a clean request is never encoded again. What a large request
holds is counted before it is decoded (``census``), and what it would cost the store (``copies``). What makes an item
unusable is told by ``check_spans``, ``check_logs`` and ``check_metrics``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from collector.check import logs as check_logs
from collector.check import metrics as check_metrics
from collector.check import spans as check_spans
from collector.check import wrong_signal
from collector.check.amplification import (
    expect_few_ref_copies,
    expect_few_resource_copies,
    may_have_refs,
    may_have_too_many_refs,
    too_many_refs,
)
from collector.check.rules import CheckRules
from collector.check.wire_count import WireCount, count_on_wire, expect_few
from collector.errors import Refusal
from collector.signals import SHAPES, items, scopes, select
from common.units import MIB
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.check.rules import TimeWindow
    from collector.settings import CollectorSettings
    from collector.signals import Shape
    from store.intake import Envelope

_FAULTS: Final[dict[Signal, Callable[[Any, TimeWindow], Iterator[str]]]] = {
    Signal.TRACES: check_spans.faults,
    Signal.LOGS: check_logs.faults,
    Signal.METRICS: check_metrics.faults,
}

_ANY_TIME: Final = CheckRules()

_SMALL_BODY_BYTES: Final = MIB
"""Decoded, it takes 100 MiB at worst."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``request`` holds the good ``items``, ``rejected_request`` the rest, ``rejected`` their reasons.

    ``warnings``: what is odd about good items, and how many it is odd about.
    """

    request: bytes
    items: int
    rejected_request: bytes = b""
    rejected: Counter[str] | None = None
    warnings: Counter[str] | None = None
    noun: str = "span(s)"

    @property
    def rejected_items(self) -> int:
        return self.rejected.total() if self.rejected else 0

    @property
    def reason(self) -> str:
        """The reasons in one English sentence; empty if nothing was rejected."""
        return _reason(self.rejected or {}, self.noun)

    @property
    def message(self) -> str:
        """The reasons and the warnings, for the sender."""
        return "; ".join(filter(None, (self.reason, _reason(self.warnings or {}, self.noun))))


def check(body: bytes, signal: Signal = Signal.TRACES, rules: CheckRules = _ANY_TIME, now_ns: int = 0) -> CheckResult:
    """Check one request in protobuf at ``now_ns`` (Unix nanoseconds).

    Raises Refusal ``invalid_data`` if it cannot be decoded at all or has no good item, ``too_large`` if it holds more
    items than allowed or would take unreasonable room in the store.
    """
    shape = SHAPES[signal]
    census = _census(body, signal, rules.max_items)
    message = _decode(shape, body)
    expect_few_resource_copies(shape, message, len(body))
    window = rules.window(now_ns)
    many_refs = signal is Signal.TRACES and may_have_too_many_refs(body, census.squares)
    if signal is Signal.TRACES and not many_refs and check_spans.all_good(message, window):
        spans = sum(len(spans) for _, spans in scopes(shape, message))
        expect_few(spans, rules.max_items)
        return CheckResult(body, spans)
    found = list(_FAULTS[signal](message, window))
    expect_few(len(found), rules.max_items)
    if many_refs:
        found = [fault or too_many_refs(span) for fault, span in zip(found, items(shape, message), strict=True)]
        good = (span for fault, span in zip(found, items(shape, message), strict=True) if not fault)
        expect_few_ref_copies(list(good))
    warnings = Counter(check_spans.warnings(message, found)) if signal is Signal.TRACES else None
    if any(found):
        return replace(_divide(shape, body, found), warnings=warnings)
    return CheckResult(body, len(found), warnings=warnings, noun=shape.noun)


def expect_acceptable(envelope: Envelope, settings: CollectorSettings, now_ns: int) -> None:
    """Raise Refusal unless all of a request would be taken now: for a dead letter that goes in again."""
    checked = check(envelope.request, envelope.signal, CheckRules.of(settings), now_ns)
    if checked.rejected:
        raise Refusal("invalid_data", f"Still not acceptable: {checked.reason}.")


def _census(body: bytes, signal: Signal, max_items: int) -> WireCount:
    """Count before decoding only where a body of its size and kind could do harm: counting takes time, too."""
    if len(body) > max(_SMALL_BODY_BYTES, 2 * max_items) or (signal is Signal.TRACES and may_have_refs(body)):
        return count_on_wire(body, max_items, signal)
    return WireCount()


def _reason(rejected: Mapping[str, int], noun: str) -> str:
    return "; ".join(f"{count} {noun}: {why}" for why, count in rejected.items())


def _decode(shape: Shape, body: bytes) -> Any:
    try:
        return shape.request.FromString(body)
    except DecodeError as error:
        raise Refusal(
            "invalid_data",
            f"The body is not an {shape.request.DESCRIPTOR.name} in protobuf: {error}.",
            wrong_signal.hint(body, shape.signal)
            or f"Check that the exporter sends OTLP {shape.signal} and that the content type fits the body.",
        ) from None


def _divide(shape: Shape, body: bytes, found: list[str]) -> CheckResult:
    """Part good and bad items; raises Refusal ``invalid_data`` if all are bad, which needs no parting."""
    rejected = Counter(filter(None, found))
    if rejected.total() == len(found):
        raise Refusal(
            "invalid_data",
            f"Nothing of the request can be taken: {_reason(rejected, shape.noun)}.",
            wrong_signal.hint(body, shape.signal) or f"Check that the exporter sends OTLP {shape.signal}.",
        )
    good = select(shape.signal, body, [not fault for fault in found])
    bad = select(shape.signal, body, [bool(fault) for fault in found])
    return CheckResult(good, len(found) - rejected.total(), bad, rejected, noun=shape.noun)
