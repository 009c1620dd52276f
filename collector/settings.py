"""Every setting of the collector, with its unit, its default and what 0 means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.units import GIB, MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorSettings:
    """Settings of one collector. Sizes are in bytes, times in seconds unless the name says otherwise."""

    host: str = "127.0.0.1"
    """Address both ports bind to. Default: this machine only; ``0.0.0.0`` for every interface."""

    http_port: int = 4318
    """TCP port of OTLP/HTTP, health and metrics. Default 4318, OpenTelemetry's own. 0 = any free port."""

    grpc_port: int = 4317
    """TCP port of OTLP/gRPC. Default 4317, OpenTelemetry's own. 0 = any free port."""

    log_dir: Path = Path(".flowtrail/collector")
    """Folder of the durable log, the writer's progress and the dead letters. One collector at a time may use it."""

    log_cap_bytes: int = 4 * GIB
    """Bytes acknowledged but not yet stored at which senders are told to wait (503). Default 4 GiB. 0 = no cap."""

    log_cap_age_s: float = 259_200.0
    """Seconds the oldest request may wait in the log to be stored before senders are told to wait (503). Default
    259,200, three days: a long weekend without the store. 0 = any age."""

    log_near_cap: float = 0.9
    """Share of either cap at which /readyz says no; requests are still taken. Default 0.9. 0 = only at the cap."""

    duplicate_window_s: float = 600.0
    """Seconds for which a request that comes again is known and not stored again. Default 600. 0 = never known."""

    duplicate_entries: int = 500_000
    """Requests known at most, about 110 bytes of memory each; above it the oldest are forgotten before their time.
    Default 500,000. 0 = none are known."""

    segment_bytes: int = 64 * MIB
    """Size at which a new log file is begun. Default 64 MiB. 0 = a new file for every group of requests."""

    commit_interval_ms: float = 2.0
    """Least milliseconds between two fsyncs of the log, so that many requests share one. Default 2. 0 = no pause."""

    batch_bytes: int = 8 * MIB
    """Bytes of requests that make a full insert. Default 8 MiB. 0 = one request per insert."""

    batch_max_age_ms: int = 200
    """Milliseconds a request may wait for its insert to fill up. Default 200. 0 = insert at once."""

    max_request_bytes: int = 20 * MIB
    """Largest request body, before and after decompression. Default 20 MiB, OTLP's advice. 0 = empty bodies only."""

    max_spans_per_request: int = 100_000
    """Spans, log records or data points one request may hold; of attributes, events and links 20 times as many.
    Default 100,000. 0 = no limit."""

    max_events_per_request: int = 1_000
    """Events one request to /v1/events may hold. Default 1,000. 0 = no limit."""

    end_before_start_s: float = 1.0
    """Seconds by which a span may end before it begins; beyond it the span is rejected. Clocks step back a little when
    they are set. Default 1. 0 = not at all."""

    future_tolerance_s: float = 86_400.0
    """Seconds by which a time may lie in the future; beyond it the item is rejected. Default 86,400, a day: clocks in a
    wrong time zone are let through. 0 = any future up to the year 2262."""

    oldest_year: int = 2000
    """Year (UTC) before which a time is not believed. It tells nanoseconds from seconds, and lets any history in.
    Default 2000. 0 = any time but 0."""

    max_inflight_bytes: int = 256 * MIB
    """Request bytes held in memory until acknowledged; more is told to wait (503). Default 256 MiB. 0 = no limit."""

    max_connections: int = 1024
    """Open connections of each port; more are told to wait (503, over gRPC refused). Default 1024. 0 = no limit."""

    max_grpc_requests: int = 64
    """gRPC requests read and handled at a time, over all connections; 1,000 more wait, the rest is told to come back.
    Each takes up to max_request_bytes before its bytes can be counted. Default 64. 0 = no limit."""

    quota_burst_s: float = 10.0
    """Seconds' worth of its quota a key may send at once. Default 10. 0 = one request at a time, and no bytes."""

    header_timeout_s: float = 10.0
    """Seconds a sender may take for the head of a request. Default 10. 0 = for ever."""

    request_timeout_s: float = 60.0
    """Seconds a sender may take for a whole request. Default 60. 0 = for ever."""

    idle_timeout_s: float = 75.0
    """Seconds an idle kept-alive connection stays open. Default 75. 0 = for ever."""

    retry_after_s: int = 2
    """Seconds a sender is asked to wait when it must come back later. Default 2. 0 = at once."""

    retry_first_s: float = 0.1
    """Seconds before a failed insert is tried again; doubles each time. Default 0.1. 0 = at once, for ever."""

    retry_longest_s: float = 10.0
    """Longest pause between two repetitions of an insert. Default 10. 0 = no pause at all."""

    dead_letter_cap_bytes: int = GIB
    """Disk for spans refused at the door; beyond it they are counted but not kept. Default 1 GiB. 0 = keep none.

    What was acknowledged and then refused by the store is always kept, whatever the cap."""

    drain_timeout_s: float = 10.0
    """Seconds a stop waits for requests and inserts under way; the rest stays in the log. Default 10. 0 = no wait."""
