"""Why a log record cannot be taken. It needs neither ids nor a time, but what it has must be one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.signals import SHAPES, scopes
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.check.rules import TimeWindow


def faults(message: Any, window: TimeWindow) -> Iterator[str]:
    """For each record of an ExportLogsServiceRequest in order why it cannot be taken; empty if it can."""
    for _, records in scopes(SHAPES[Signal.LOGS], message):
        for record in records:
            yield _record_fault(record, window)


def _record_fault(record: Any, window: TimeWindow) -> str:
    # OTLP: an id of zeros is none.
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
