"""Recognises OTLP that was sent to the address of another signal.

The field numbers of the signals coincide, so such a request may decode as something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from collector.check import logs as check_logs
from collector.check import metrics as check_metrics
from collector.check import spans as check_spans
from collector.check.rules import TimeWindow
from collector.signals import SHAPES, items
from common.units import SECOND_NS
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_READ_BYTES: Final = 256 * 1024
"""A larger body is not decoded again for the sake of a better hint."""

_SINCE_2000: Final = TimeWindow(earliest=946_684_800 * SECOND_NS)


def hint(body: bytes, signal: Signal) -> str:
    """Where to send ``body``, which was refused as ``signal``, if it is clearly another signal; empty if it is not."""
    if len(body) > _READ_BYTES:
        return ""
    for other, looks_real in _LOOKS_REAL.items():
        if other is not signal and looks_real(body):
            shape = SHAPES[other]
            return f"This looks like OTLP {other}: send it to {shape.path}, or over gRPC to {shape.service}."
    return ""


def _is_traces(body: bytes) -> bool:
    return _all_good(body, Signal.TRACES, check_spans.faults)


def _is_metrics(body: bytes) -> bool:
    return _all_good(body, Signal.METRICS, check_metrics.faults)


def _is_logs(body: bytes) -> bool:
    """Nearly anything is a valid log record, so here each must have a time."""
    message = _decode(body, Signal.LOGS)
    records = [] if message is None else list(items(SHAPES[Signal.LOGS], message))
    timed = all(record.time_unix_nano or record.observed_time_unix_nano for record in records)
    return bool(records) and timed and not any(check_logs.faults(message, _SINCE_2000))


def _all_good(body: bytes, signal: Signal, faults: Callable[[Any, TimeWindow], Iterator[str]]) -> bool:
    message = _decode(body, signal)
    item_faults = [] if message is None else list(faults(message, _SINCE_2000))
    return bool(item_faults) and not any(item_faults)


def _decode(body: bytes, signal: Signal) -> Any:
    try:
        return SHAPES[signal].request.FromString(body)
    except DecodeError:
        return None


_LOOKS_REAL: Final = {Signal.TRACES: _is_traces, Signal.METRICS: _is_metrics, Signal.LOGS: _is_logs}
