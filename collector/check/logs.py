"""Checks log records. A record needs neither ids nor a time, but those that it has must be valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.signals import SHAPES, scopes
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.check.rules import TimeWindow


def faults(message: Any, window: TimeWindow) -> Iterator[str]:
    """For each record of an ExportLogsServiceRequest, in order: why it is rejected, empty if it is not."""
    for _, records in scopes(SHAPES[Signal.LOGS], message):
        for record in records:
            yield _record_fault(record, window)


def _record_fault(record: Any, window: TimeWindow) -> str:
    # An id of zeros only is accepted: to OTLP it means "no id".
    if record.trace_id and len(record.trace_id) != 16:
        return "trace_id does not have 16 bytes"
    if record.span_id and len(record.span_id) != 8:
        return "span_id does not have 8 bytes"
    time_ns, observed_ns = record.time_unix_nano, record.observed_time_unix_nano
    if not (time_ns or observed_ns or record.HasField("body") or record.attributes or record.event_name):
        return "time, body and attributes are all missing"
    return (window.fault(time_ns, "time_unix_nano") if time_ns else "") or (
        window.fault(observed_ns, "observed_time_unix_nano") if observed_ns else ""
    )
