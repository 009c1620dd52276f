"""Why a span cannot be taken: ids it cannot be found by, times that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from collector.signals import SHAPES, scopes
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.check.rules import TimeWindow

_NO_TRACE: Final = bytes(16)
_NO_SPAN: Final = bytes(8)


def all_good(message: Any, window: TimeWindow) -> bool:
    """Whether every span is as most are. Written flat: it runs for every span that comes in.

    False may also mean an end that is missing or, within the tolerance, before its start: see ``faults``.
    """
    earliest, latest = window.earliest, window.latest
    for _, spans in scopes(SHAPES[Signal.TRACES], message):
        for span in spans:
            trace_id = span.trace_id
            span_id = span.span_id
            if len(trace_id) != 16 or len(span_id) != 8 or trace_id == _NO_TRACE or span_id == _NO_SPAN:
                return False
            if not earliest <= span.start_time_unix_nano <= span.end_time_unix_nano <= latest:
                return False
    return True


def faults(message: Any, window: TimeWindow) -> Iterator[str]:
    """For each span of an ExportTraceServiceRequest in order why it cannot be taken; empty if it can."""
    for _, spans in scopes(SHAPES[Signal.TRACES], message):
        for span in spans:
            yield id_fault("trace_id", span.trace_id, _NO_TRACE) or _span_fault(span, window)


def warnings(message: Any, found: list[str]) -> Iterator[str]:
    """What is odd about spans that can be taken. ``found``: their faults, in order."""
    spans = (span for _, spans in scopes(SHAPES[Signal.TRACES], message) for span in spans)
    for span, fault in zip(spans, found, strict=True):
        if fault:
            continue
        if not span.end_time_unix_nano:
            yield "end_time_unix_nano is missing; kept with a duration of 0"
        elif span.end_time_unix_nano < span.start_time_unix_nano:
            yield "the end is a little before the start; kept with a duration of 0"


def id_fault(name: str, value: bytes, zero: bytes) -> str:
    """Why an id as long as ``zero`` cannot be used; empty if it can."""
    if not value:
        return f"{name} is missing"
    if len(value) != len(zero):
        return f"{name} does not have {len(zero)} bytes"
    return f"{name} is all zero" if value == zero else ""


def _span_fault(span: Any, window: TimeWindow) -> str:
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    return (
        id_fault("span_id", span.span_id, _NO_SPAN)
        or window.fault(start, "start_time_unix_nano")
        or _end_fault(start, end, window)
    )


def _end_fault(start: int, end: int, window: TimeWindow) -> str:
    """An end that is not given is none: the span is kept with a duration of 0."""
    if not end:
        return ""
    if end > window.latest:
        return window.fault(end, "end_time_unix_nano")
    return "the end is before the start" if end < start - window.backwards else ""
