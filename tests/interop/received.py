"""What a sender's spans, log records and metrics look like in the store, whatever language sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from store.client import Store

_SPANS: Final = "SELECT * FROM otel_traces WHERE TraceId = {trace:String} ORDER BY SpanName"
_LOGS: Final = "SELECT * FROM otel_logs WHERE TraceId = {trace:String}"


@dataclass(frozen=True, slots=True)
class Sent:
    """Ids in hex of a trace with a span ``inner`` in a span ``outer``, sent by ``system`` about case ``case_id``."""

    system: str
    case_id: str
    trace: str
    outer: str
    inner: str


def expect_trace(store: Store, sent: Sent) -> None:
    """Both spans, once, with every field that was set."""
    inner, outer = _only(store.rows(_SPANS, trace=sent.trace), 2)
    assert [(row["SpanId"], row["ParentSpanId"]) for row in (outer, inner)] == [
        (sent.outer, ""),
        (sent.inner, sent.outer),
    ]
    assert [row["SpanKind"] for row in (outer, inner)] == ["Server", "Client"]
    assert outer["SpanAttributes"] == {"flow.name": "interop", "flow.case.id": sent.case_id, "flow.step": "outer"}
    assert inner["SpanAttributes"] == {
        "text": "ü",
        "yes": "true",
        "whole": "42",
        "part": "0.5",
        "list": '["a","b"]',
    }
    assert (inner["StatusCode"], inner["StatusMessage"], outer["StatusCode"]) == ("Error", "not there", "Unset")
    assert list(inner["Events.Name"]) == ["looked"]
    assert list(inner["Events.Attributes"]) == [{"at": "shelf"}]
    assert list(inner["Links.SpanId"]) == [sent.outer]
    for row in (outer, inner):
        assert (row["ServiceName"], row["ScopeName"], row["ScopeVersion"]) == (sent.system, "interop", "1.2.3")
        assert row["ResourceAttributes"]["service.name"] == sent.system
        assert row["Tenant"] == "default"


def expect_log(store: Store, sent: Sent) -> None:
    """The log record, once, joined to the span it was written in."""
    (row,) = store.rows(_LOGS, trace=sent.trace)
    assert (row["SpanId"], row["ServiceName"], row["Body"]) == (sent.outer, sent.system, "nothing on the shelf")
    assert (row["SeverityText"], row["SeverityNumber"]) == ("WARN", 13)
    assert row["LogAttributes"] == {"flow.name": "interop", "flow.case.id": sent.case_id}


def expect_metrics(store: Store, sent: Sent) -> None:
    """A counter, a gauge and a histogram, once each; the counter is a business measure too."""
    assert _metric(store, "sum", sent, "flow.kpi.picked")["Value"] == 3
    assert _metric(store, "gauge", sent, "shelf.temperature")["Value"] == 21.5
    walk = _metric(store, "histogram", sent, "shelf.walk")
    assert (walk["Count"], walk["Sum"]) == (1, 4)
    (measure,) = store.rows(
        "SELECT Flow, Measure, Value FROM measures WHERE System = {system:String}", system=sent.system
    )
    assert (measure["Flow"], measure["Measure"], float(measure["Value"])) == ("interop", "picked", 3)


def _metric(store: Store, kind: str, sent: Sent, name: str) -> dict[str, Any]:
    rows = store.rows(
        f"SELECT * FROM otel_metrics_{kind} WHERE ServiceName = {{system:String}} AND MetricName = {{name:String}}",  # noqa: S608
        system=sent.system,
        name=name,
    )
    (row,) = rows
    return row


def _only(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    assert len(rows) == count
    return rows
