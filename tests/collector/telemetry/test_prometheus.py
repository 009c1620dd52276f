from __future__ import annotations

import threading

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from collector.telemetry.prometheus import MAX_SERIES, Counter, Gauges, render
from tests.collector.running import eventually
from tests.collector.spans import request, spoilt

NAME = "flowtrail_collector_"


def families(page: str) -> dict[str, list]:
    """Family name → samples, as Prometheus' own parser reads the page."""
    return {family.name: family.samples for family in text_string_to_metric_families(page)}


def test_the_page_is_what_prometheus_reads(running, sink):
    running.post(spoilt(2, span_id=b""))
    running.post(request(3))
    running.post(b"\xff")
    running.http.get("/nowhere")
    eventually(lambda: running.collector.pending_bytes == 0)
    answer = running.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    metrics = families(answer.text)
    spans = {"protocol": "http/protobuf", "signal": "traces"}
    assert [(s.labels, s.value) for s in metrics[NAME + "items"]] == [(spans, 5)]
    outcomes = {s.labels["outcome"]: s.value for s in metrics[NAME + "requests"]}
    assert outcomes == {"ok": 1, "partial": 1, "invalid_data": 1, "not_found": 1}
    (rejected,) = metrics[NAME + "rejected_items"]
    assert (rejected.labels["signal"], rejected.value) == ("traces", 1)
    values = running.metrics()
    assert values[NAME + "ack_seconds_count"] == 2
    assert values[NAME + "fsync_seconds_count"] >= 1
    assert values[NAME + "dead_letters"] == 1
    assert values[NAME + "log_pending_bytes"] == values[NAME + "log_oldest_pending_seconds"] == 0


def test_the_process_is_measured(running):
    values = running.metrics()
    assert values["process_resident_memory_bytes"] > 1e6
    assert values["process_cpu_seconds_total"] > 0
    assert values["process_open_fds"] > 2


def test_labels_are_escaped_and_a_gauge_without_a_value_is_absent():
    registry = CollectorRegistry()
    Counter("c_total", "text", ["why"], registry).add(2, why='a "b"\n\\c')
    gauges = Gauges(registry)
    gauges.add("none", "text", lambda: None)
    gauges.add("one", "text", lambda: 1)
    metrics = families(render(registry))
    assert metrics["c"][0].labels == {"why": 'a "b"\n\\c'}
    assert metrics["one"][0].value == 1
    assert "none" not in metrics


def test_a_counter_has_a_limited_number_of_series():
    registry = CollectorRegistry()
    counter = Counter("c_total", "text", ["why", "signal"], registry)
    for number in range(MAX_SERIES + 50):
        counter.add(why=f"reason {number}", signal="logs")
    counter.add(why="reason 7", signal="logs")
    samples = families(render(registry))["c"]
    assert len(samples) == MAX_SERIES + 1
    assert counter.value(why="other") == 50
    assert counter.value(why="reason 7") == 2
    assert counter.value() == MAX_SERIES + 51


def test_an_unknown_label_is_a_defect():
    with pytest.raises(ValueError, match="colour"):
        Counter("c_total", "text", ["why"], CollectorRegistry()).add(colour="red")


def test_threads_lose_no_count():
    counter = Counter("c_total", "text", ["why"], CollectorRegistry())

    def work() -> None:
        for number in range(1000):
            counter.add(why=str(number % 5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value() == 4000
