"""Checks data points: name, time, value, and whether the buckets of a histogram fit together."""

from __future__ import annotations

from operator import lt
from typing import TYPE_CHECKING, Any, Final

from collector.signals import SHAPES, points, scopes
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.check.rules import TimeWindow

_NO_RECORDED_VALUE: Final = 1
"""Flag of a point without a value, which marks the end of a series. Source: metrics.proto, DataPointFlags."""

_MOST_BUCKETS: Final = 10_000
"""SDKs use at most 160. A bucket takes one byte on the wire and eight in the store."""


def faults(message: Any, window: TimeWindow) -> Iterator[str]:
    """For each data point of an ExportMetricsServiceRequest, in order: why it is rejected, empty if it is not."""
    for _, metrics in scopes(SHAPES[Signal.METRICS], message):
        for metric in metrics:
            kind = metric.WhichOneof("data")
            fault = _FAULTS.get(kind, _number_fault)
            nameless = "" if metric.name else "the metric's name is missing"
            for point in points(metric):
                yield nameless or _time_fault(point, window) or fault(point)


def _time_fault(point: Any, window: TimeWindow) -> str:
    start, time = point.start_time_unix_nano, point.time_unix_nano
    fault = window.fault(time, "time_unix_nano")
    if fault or not start:
        return fault
    if start < window.earliest:
        return window.fault(start, "start_time_unix_nano")
    return "the time is before the start" if time < start - window.backwards else ""


def _number_fault(point: Any) -> str:
    if point.WhichOneof("value") is None and not point.flags & _NO_RECORDED_VALUE:
        return "the value is missing"
    return ""


def _histogram_fault(point: Any) -> str:
    counts, bounds = point.bucket_counts, point.explicit_bounds
    if len(counts) > _MOST_BUCKETS:
        return f"more than {_MOST_BUCKETS} buckets"
    if len(counts) != len(bounds) + 1 and (counts or bounds):
        return "bucket_counts must have one element more than explicit_bounds"
    if counts and sum(counts) != point.count:
        return "bucket_counts do not sum up to count"
    if not all(map(lt, bounds, bounds[1:])):
        return "explicit_bounds do not increase"
    return ""


def _exponential_fault(point: Any) -> str:
    positive, negative = point.positive.bucket_counts, point.negative.bucket_counts
    if len(positive) + len(negative) > _MOST_BUCKETS:
        return f"more than {_MOST_BUCKETS} buckets"
    if sum(positive) + sum(negative) + point.zero_count != point.count:
        return "bucket_counts and zero_count do not sum up to count"
    return ""


def _summary_fault(point: Any) -> str:
    if len(point.quantile_values) > _MOST_BUCKETS:
        return f"more than {_MOST_BUCKETS} quantiles"
    if not all(0 <= value.quantile <= 1 for value in point.quantile_values):
        return "a quantile is not between 0 and 1"
    return ""


_FAULTS: Final[dict[str | None, Callable[[Any], str]]] = {
    "histogram": _histogram_fault,
    "exponential_histogram": _exponential_fault,
    "summary": _summary_fault,
}
