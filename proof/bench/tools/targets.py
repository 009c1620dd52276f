"""The targets beside what a run found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS: Final[tuple[tuple[str, str, Callable[[dict[str, Any]], float]], ...]] = (
    (
        "queryable, all tables and folds on: spans/s (best setting)",
        "≥ 100,000",
        lambda found: max(row["folded_per_s"] for row in found["ingest"] if "folded_per_s" in row),
    ),
    ("… beside the raw INSERT … SELECT with folds", "≥ 0.70", lambda found: _to_ceiling(found, "with")),
    ("… beside the raw INSERT … SELECT, both without folds", "≥ 0.70", lambda found: _to_ceiling(found, "without")),
    ("acknowledge at 1,000 requests/s, p99 ms", "< 50", lambda found: found["latency"][0]["ack_p99_ms"]),
    (
        "stored bytes a span, all tables",
        "≤ 85",
        lambda found: max(row["bytes_per_span"] for row in found["ingest"]),
    ),
    (
        "resident memory of the server at full load, peak MiB",
        "≤ 1,536",
        lambda found: max(row["resident_peak_mib"] for row in [*found["ingest"], found["sustained"]]),
    ),
    ("step → visible in the trail, p95 ms", "< 2,000", lambda found: found["questions"]["visible_ms"]["p95"]),
    ("trail in the store, p95 ms", "< 50", lambda found: found["questions"]["trail_store_ms"]["p95"]),
    ("trail over HTTP, p95 ms", "< 100", lambda found: found["questions"]["trail_http_ms"]["p95"]),
    ("trace by id in the store, p95 ms", "< 30", lambda found: found["questions"]["trace_by_id_store_ms"]["p95"]),
    ("KPI page in the store, p95 ms", "< 500", lambda found: found["kpis"]["page"]["default"]["p95_ms"]),
    ("a step of the SDK beside a bare span", "≤ 1.5", lambda found: found["sdk_step"]["ratio"]),
)


def beside(found: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each target whose section was measured."""
    rows = []
    for name, target, read in TARGETS:
        try:
            rows.append({"name": name, "target": target, "measured": float(read(found))})
        except (KeyError, IndexError, ValueError, TypeError):
            continue
    return rows


def _to_ceiling(found: dict[str, Any], folds: str) -> float:
    """The running product, over the network and through the durable log, beside the bare engine."""
    ceiling = next(row for row in found["compare"] if row["way"] == "ceiling" and row["folds"] == folds)
    figure = {"with": "folded_per_s", "without": "stored_per_s"}[folds]
    ours = [row[figure] for row in found["ingest"] if ("folded_per_s" in row) == (folds == "with")]
    return float(max(ours) / ceiling["spans_per_s"])
