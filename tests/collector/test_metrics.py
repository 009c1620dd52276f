from __future__ import annotations

import re

from collector.metrics import Counter, Gauge, Histogram, render
from tests.collector.running import eventually
from tests.collector.spans import request, spoilt

LINE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? [-+0-9.e]+(Inf|NaN)?')


def test_the_page_is_prometheus_text(running, sink):
    running.post(spoilt(2, span_id=b""))
    running.post(request(3))
    running.post(b"\xff")
    running.http.get("/nowhere")
    eventually(lambda: running.collector.pending_bytes == 0)
    answer = running.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.text.endswith("\n")
    lines = answer.text.splitlines()
    assert [line for line in lines if not line.startswith("# ") and not LINE.fullmatch(line)] == []
    values = running.metrics()
    name = "flowtrail_collector_"
    assert values[name + 'spans_total{protocol="http/protobuf"}'] == 5
    assert values[name + 'requests_total{outcome="ok",protocol="http/protobuf"}'] == 1
    assert values[name + 'requests_total{outcome="partial",protocol="http/protobuf"}'] == 1
    assert values[name + 'requests_total{outcome="invalid_data",protocol="http/protobuf"}'] == 1
    assert values[name + 'rejected_spans_total{reason="span_id is missing"}'] == 1
    assert values[name + "ack_seconds_count"] == 2
    assert values[name + "fsync_seconds_count"] >= 1
    assert values[name + "dead_letters"] == 1
    assert values[name + "log_pending_bytes"] == values[name + "log_oldest_pending_seconds"] == 0


def test_buckets_add_up_and_labels_are_escaped():
    histogram = Histogram("h", "text", (1, 2.5))
    for value in (0.5, 1, 2, 9):
        histogram.observe(value)
    counter = Counter("c", "text")
    counter.add(2, why='a "b"\n\\c')
    gauge = Gauge("g", "text", lambda: None)
    page = render([histogram, counter, gauge]).splitlines()
    assert page[2:7] == [
        'h_bucket{le="1"} 2',
        'h_bucket{le="2.5"} 3',
        'h_bucket{le="+Inf"} 4',
        "h_sum 12.5",
        "h_count 4",
    ]
    assert page[-1] == r'c{why="a \"b\"\n\\c"} 2'
