"""The settings of the collector, each with its unit, its default and what 0 means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.units import GIB, MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorSettings:
    """Settings of one collector. Sizes are in bytes, times in seconds unless the name says otherwise."""

    host: str = "127.0.0.1"
    """Address that both ports bind to. Default: this machine only. ``0.0.0.0`` for all interfaces."""

    http_port: int = 4318
    """TCP port of OTLP/HTTP, health and metrics. Default 4318, OpenTelemetry's own. 0 = any free port."""

    grpc_port: int = 4317
    """TCP port of OTLP/gRPC. Default 4317, OpenTelemetry's own. 0 = any free port."""

    known_hosts: tuple[str, ...] | None = None
    """Host names under which the HTTP port is asked; others are refused (421). Default None: any name."""

    log_dir: Path = Path(".flowtrail/collector")
    """Directory of the durable log, the writer's progress and the dead letters. Used by one collector at a time."""

    log_cap_bytes: int = 4 * GIB
    """Bytes acknowledged but not yet stored at which new requests are refused (503). Default 4 GiB. 0 = no cap."""

    log_cap_age_s: float = 259_200.0
    """Seconds that the oldest request may wait in the log before new requests are refused (503). Default 259,200, three
    days: a long weekend without the store. 0 = any age."""

    log_near_cap: float = 0.9
    """Share of either cap at which /readyz answers 503; requests are still accepted. Default 0.9. 0 = at the cap."""

    duplicate_window_s: float = 600.0
    """Seconds within which a request that is sent again is recognised and not stored again. Default 600. 0 = never."""

    duplicate_entries: int = 500_000
    """Requests that are remembered for this, about 110 bytes of memory each. Beyond it the oldest are forgotten early.
    Default 500,000. 0 = none."""

    segment_bytes: int = 64 * MIB
    """Size at which a new segment of the log begins. Default 64 MiB. 0 = a new segment for every group of requests."""

    commit_interval_ms: float = 2.0
    """Least milliseconds between two fsyncs of the log, so that requests share one. Default 2. 0 = no pause."""

    batch_bytes: int = 8 * MIB
    """Bytes of requests that make a full insert. Default 8 MiB. 0 = one request per insert."""

    batch_max_age_ms: int = 200
    """Milliseconds that a request may wait until its batch is full. Default 200. 0 = insert at once."""

    max_request_bytes: int = 20 * MIB
    """Largest request body, before and after decompression. Default 20 MiB, OTLP's advice. 0 = empty bodies only."""

    max_spans_per_request: int = 100_000
    """Spans, log records or data points in one request; attributes, events and links may be 20 times as many.
    Default 100,000. 0 = no limit."""

    max_events_per_request: int = 1_000
    """Events in one request to /v1/events. Default 1,000. 0 = no limit."""

    end_before_start_s: float = 1.0
    """Seconds by which a span may end before it starts; beyond that it is rejected. A clock that is being set may step
    back a little. Default 1. 0 = not at all."""

    future_tolerance_s: float = 86_400.0
    """Seconds by which a time may lie in the future; beyond that the item is rejected. Default 86,400, a day: a clock
    in the wrong time zone is accepted. 0 = any time up to the year 2262."""

    oldest_year: int = 2000
    """Year (UTC) before which a time is rejected. It detects times in the wrong unit and still lets history in.
    Default 2000. 0 = any time but 0."""

    max_inflight_bytes: int = 256 * MIB
    """Bytes of unacknowledged requests in memory; beyond that new ones are refused (503). Default 256 MiB. 0 = no
    limit."""

    max_connections: int = 1024
    """Open connections of each port; more are refused (503; gRPC closes them). Default 1024. 0 = no limit."""

    max_grpc_requests: int = 64
    """gRPC requests handled at the same time, over all connections. 1,000 more wait, further ones are refused. Each
    takes up to max_request_bytes before its bytes can be counted. Default 64. 0 = no limit."""

    quota_burst_s: float = 10.0
    """Seconds' worth of its quota that a key may send at once. Default 10. 0 = one request at a time, and no bytes."""

    header_timeout_s: float = 10.0
    """Seconds that a sender may take for the head of a request. Default 10. 0 = no limit."""

    request_timeout_s: float = 60.0
    """Seconds that a sender may take for a whole request. Default 60. 0 = no limit."""

    idle_timeout_s: float = 75.0
    """Seconds that an idle connection stays open. Default 75. 0 = no limit."""

    retry_after_s: int = 2
    """Seconds after which a refused sender is asked to try again. Default 2. 0 = at once."""

    retry_first_s: float = 0.1
    """Seconds before a failed insert is tried again; doubles each time. Default 0.1. 0 = no pause, however often."""

    retry_longest_s: float = 10.0
    """Longest pause between two attempts of an insert, in seconds. Default 10. 0 = no pause."""

    dead_letter_cap_bytes: int = GIB
    """Disk space for items that the check rejected; beyond it they are counted but not kept. Default 1 GiB. 0 = none.

    What was acknowledged and then refused by the store is always kept, whatever the cap."""

    drain_timeout_s: float = 10.0
    """Seconds that a stop waits for requests and inserts; the rest stays in the log. Default 10. 0 = no wait."""
