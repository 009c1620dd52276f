"""The check of a whole request.

Protobuf decodes in C and detects every malformed request. A request without faults is not encoded again: its bytes go
on as they came.
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
from collector.check.no_items import expect_nothing_unread
from collector.check.rules import CheckRules
from collector.check.text_repair import repaired_protobuf, repairs
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
"""Decoded, it takes at most 100 MiB."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``request`` holds the good ``items``, ``rejected_request`` the others, ``rejected`` their reasons.

    ``warnings``: what is unusual about good items. Both count how many items have each reason. ``repaired``: texts in
    ``request`` that were not UTF-8.
    """

    request: bytes
    items: int
    rejected_request: bytes = b""
    rejected: Counter[str] | None = None
    warnings: Counter[str] | None = None
    noun: str = "span(s)"
    repaired: int = 0

    @property
    def rejected_items(self) -> int:
        return self.rejected.total() if self.rejected else 0

    @property
    def reason(self) -> str:
        """The reasons as English text: ``2 span(s): span_id is missing``. Empty if nothing was rejected."""
        return _reason(self.rejected or {}, self.noun)

    @property
    def message(self) -> str:
        """The reasons and the warnings, for the sender."""
        return "; ".join(filter(None, (self.reason, _reason(self.warnings or {}, self.noun), repairs(self.repaired))))


def check(body: bytes, signal: Signal = Signal.TRACES, rules: CheckRules = _ANY_TIME, now_ns: int = 0) -> CheckResult:
    """Check one request in protobuf at ``now_ns`` (Unix nanoseconds).

    Texts that are not UTF-8 are repaired. Raises Refusal ``invalid_data`` if it cannot be decoded or has no good item,
    ``too_large`` if it holds more items than allowed or would take too much space in the store.
    """
    shape = SHAPES[signal]
    count = _count(body, signal, rules.max_items)
    try:
        message = _decode(shape, body)
    except Refusal:
        return _check_repaired(body, signal, rules, now_ns)
    expect_few_resource_copies(shape, message, len(body))
    window = rules.window(now_ns)
    many_refs = signal is Signal.TRACES and may_have_too_many_refs(body, count.squares)
    # The fast path, which nearly every request of spans takes: no list of faults, no second encoding.
    if signal is Signal.TRACES and not many_refs and check_spans.all_good(message, window):
        spans = sum(len(spans) for _, spans in scopes(shape, message))
        expect_few(spans, rules.max_items)
        if not spans:
            expect_nothing_unread(shape, message, body)
        return CheckResult(body, spans)
    faults = list(_FAULTS[signal](message, window))
    expect_few(len(faults), rules.max_items)
    if not faults:
        expect_nothing_unread(shape, message, body)
    if many_refs:
        faults = [fault or too_many_refs(span) for fault, span in zip(faults, items(shape, message), strict=True)]
        good = (span for fault, span in zip(faults, items(shape, message), strict=True) if not fault)
        expect_few_ref_copies(list(good))
    warnings = Counter(check_spans.warnings(message, faults)) if signal is Signal.TRACES else None
    if any(faults):
        return replace(_split(shape, body, faults), warnings=warnings)
    return CheckResult(body, len(faults), warnings=warnings, noun=shape.noun)


def _check_repaired(body: bytes, signal: Signal, rules: CheckRules, now_ns: int) -> CheckResult:
    """Check a body that cannot be decoded, once its texts are in UTF-8. Raises Refusal if they were not the reason."""
    shape = SHAPES[signal]
    try:
        readable, texts = repaired_protobuf(body, shape.request.DESCRIPTOR)
    except ValueError:
        readable, texts = body, 0
    _decode(shape, readable)
    return replace(check(readable, signal, rules, now_ns), repaired=texts)


def expect_acceptable(envelope: Envelope, settings: CollectorSettings, now_ns: int) -> None:
    """Raise Refusal unless every item of a request would be accepted now. For a dead letter that is replayed."""
    checked = check(envelope.request, envelope.signal, CheckRules.of(settings), now_ns)
    if checked.rejected:
        raise Refusal("invalid_data", f"Still not acceptable: {checked.reason}.")


def _count(body: bytes, signal: Signal, max_items: int) -> WireCount:
    """Count before decoding, but only if a body of this size and kind can do harm: counting takes time, too."""
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


def _split(shape: Shape, body: bytes, faults: list[str]) -> CheckResult:
    """Separate good items from bad ones. Raises Refusal ``invalid_data`` if all are bad."""
    rejected = Counter(filter(None, faults))
    if rejected.total() == len(faults):
        raise Refusal(
            "invalid_data",
            f"Nothing in the request can be accepted: {_reason(rejected, shape.noun)}.",
            wrong_signal.hint(body, shape.signal) or f"Check that the exporter sends OTLP {shape.signal}.",
        )
    good = select(shape.signal, body, [not fault for fault in faults])
    bad = select(shape.signal, body, [bool(fault) for fault in faults])
    return CheckResult(good, len(faults) - rejected.total(), bad, rejected, noun=shape.noun)
