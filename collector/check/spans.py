"""Checks spans: their ids and their times."""

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
    """Whether every span is free of faults and warnings. Written flat, because it runs for every span.

    False does not mean that a span is rejected: an end that is missing, or slightly before the start, is accepted with
    a warning. ``faults`` decides.
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
    """For each span of an ExportTraceServiceRequest, in order: why it is rejected, empty if it is not."""
    for _, spans in scopes(SHAPES[Signal.TRACES], message):
        for span in spans:
            yield id_fault("trace_id", span.trace_id, _NO_TRACE) or _span_fault(span, window)


def warnings(message: Any, span_faults: list[str]) -> Iterator[str]:
    """What is unusual about spans that are accepted. ``span_faults``: the faults of all spans, in order."""
    spans = (span for _, spans in scopes(SHAPES[Signal.TRACES], message) for span in spans)
    for span, fault in zip(spans, span_faults, strict=True):
        if fault:
            continue
        if not span.end_time_unix_nano:
            yield "end_time_unix_nano is missing; kept with a duration of 0"
        elif span.end_time_unix_nano < span.start_time_unix_nano:
            yield "the end is a little before the start; kept with a duration of 0"


def id_fault(name: str, value: bytes, zero: bytes) -> str:
    """Why an id is rejected; empty if it is not. ``zero``: zeros of the right length, which are no valid id."""
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
    if not end:
        return ""  # a missing end is accepted, with a duration of 0 and a warning
    if end > window.latest:
        return window.fault(end, "end_time_unix_nano")
    return "the end is before the start" if end < start - window.backwards else ""
