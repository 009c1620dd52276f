"""Every setting of the collector, with its unit, its default and what 0 means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB


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
    """Spans one request may hold; of attributes, events and links 20 times as many. Default 100,000. 0 = no limit."""

    max_inflight_bytes: int = 256 * MIB
    """Request bytes held in memory until acknowledged; more is told to wait (503). Default 256 MiB. 0 = no limit."""

    max_connections: int = 1024
    """Open HTTP connections; more are told to wait (503) and closed. Default 1024. 0 = no limit."""

    header_timeout_s: float = 10.0
    """Seconds a sender may take for the head of a request. Default 10. 0 = for ever."""

    request_timeout_s: float = 60.0
    """Seconds a sender may take for a whole request. Default 60. 0 = for ever."""

    idle_timeout_s: float = 75.0
    """Seconds an idle kept-alive connection stays open. Default 75. 0 = for ever."""

    retry_after_s: int = 5
    """Seconds a sender is asked to wait when it must come back later. Default 5. 0 = at once."""

    retry_first_s: float = 0.1
    """Seconds before a failed insert is tried again; doubles each time. Default 0.1. 0 = at once, for ever."""

    retry_longest_s: float = 10.0
    """Longest pause between two repetitions of an insert. Default 10. 0 = no pause at all."""

    dead_letter_cap_bytes: int = GIB
    """Disk for spans refused at the door; beyond it they are counted but not kept. Default 1 GiB. 0 = keep none.

    What was acknowledged and then refused by the store is always kept, whatever the cap."""

    drain_timeout_s: float = 10.0
    """Seconds a stop waits for requests and inserts under way; the rest stays in the log. Default 10. 0 = no wait."""
