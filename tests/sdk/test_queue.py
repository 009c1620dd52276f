from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import flowtrail
import pytest
from flowtrail import testing
from flowtrail._queue import SpanQueue
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

if TYPE_CHECKING:
    from collections.abc import Sequence


class Gate:
    """A sender that holds batches until it is opened."""

    def __init__(self, *, opened=True):
        self.open = threading.Event()
        self.batches = []
        self.hurried = []
        self.closed = False
        if opened:
            self.open.set()

    def deliver(self, spans):
        self.batches.append([s.name for s in spans])
        self.open.wait(30)
        return len(spans)

    def hurry(self, until, *, last):
        self.hurried.append(last)

    def close(self):
        self.closed = True

    def after_fork(self):
        pass


def span(name="s"):
    return ReadableSpan(name, resource=Resource.get_empty())


def make(gate, **sizes):
    return SpanQueue(gate, **{"max_size": 100, "batch_size": 10, "delay_s": 600.0, **sizes})


def test_a_full_batch_goes_without_waiting(wait_for):
    gate = Gate()
    queue = make(gate)
    for n in range(10):
        queue.put(span(str(n)))
    wait_for(lambda: queue.stats().exported == 10)
    assert gate.batches == [[str(n) for n in range(10)]]
    queue.close(5)


def test_a_batch_that_is_not_full_goes_after_the_delay(wait_for):
    queue = make(Gate(), delay_s=0.01)
    queue.put(span())
    wait_for(lambda: queue.stats().exported == 1)
    queue.close(5)


def test_what_finds_no_room_is_dropped_counted_and_told_once(wait_for, caplog):
    gate = Gate(opened=False)
    queue = make(gate, max_size=5, batch_size=5)
    queue.put(span(), urgent=True)
    wait_for(lambda: gate.batches)
    for _ in range(25):
        queue.put(span())
    stats = queue.stats()
    assert (stats.dropped, stats.pending, stats.exported) == (20, 6, 0)
    assert len(caplog.records) == 1
    gate.open.set()
    assert queue.flush(10)
    assert queue.stats() == flowtrail.Stats(exported=6, dropped=20, failed=0, pending=0)
    queue.close(5)


def test_putting_never_waits_for_the_exporter(wait_for):
    gate = Gate(opened=False)
    queue = make(gate)
    queue.put(span(), urgent=True)
    wait_for(lambda: gate.batches)
    done = threading.Event()

    def host():
        for _ in range(1000):
            queue.put(span())
        done.set()

    threading.Thread(target=host, daemon=True).start()
    assert done.wait(10)
    queue.close(0.01)


def test_flush_keeps_its_deadline_and_says_so():
    gate = Gate(opened=False)
    queue = make(gate)
    queue.put(span())
    assert not queue.flush(0.01)
    gate.open.set()
    assert queue.flush(10)
    queue.close(5)


def test_flush_with_nothing_to_do_is_at_once():
    assert make(Gate()).flush(0)


def test_closing_gives_up_at_the_deadline_and_counts_the_rest(wait_for):
    gate = Gate(opened=False)
    queue = make(gate, batch_size=1)
    for _ in range(3):
        queue.put(span())
    wait_for(lambda: gate.batches)
    assert not queue.close(0.01)
    assert gate.closed
    given_up = flowtrail.Stats(exported=0, dropped=2, failed=1, pending=0)
    assert queue.stats() == given_up
    gate.open.set()  # delivered after all, and counted already
    wait_for(lambda: not queue._thread.is_alive())
    assert queue.stats() == given_up


def test_the_sender_hears_that_somebody_waits_and_when_it_is_the_last_time():
    gate = Gate()
    queue = make(gate)
    queue.put(span())
    assert queue.flush(10)
    assert queue.close(10)
    assert gate.hurried == [False, True]


def test_after_closing_everything_is_dropped_and_counted():
    queue = make(Gate())
    assert queue.close(1)
    assert queue.close(1)
    queue.put(span())
    assert queue.flush(1)
    assert queue.stats().dropped == 1


def test_every_span_is_counted_once_whatever_threads_do():
    gate = Gate()
    queue = make(gate, max_size=50, delay_s=0.001)

    def host():
        for _ in range(500):
            queue.put(span())

    threads = [threading.Thread(target=host) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue.close(10)
    stats = queue.stats()
    assert (stats.exported + stats.dropped, stats.failed, stats.pending) == (4000, 0, 0)
    assert sum(map(len, gate.batches)) == stats.exported


class Broken(SpanExporter):
    def __init__(self, outcome):
        self.outcome = outcome

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize("outcome", [RuntimeError("broken"), SpanExportResult.FAILURE], ids=str)
def test_an_exporter_that_fails_or_raises_costs_its_batch_and_nothing_else(outcome, caplog):
    runtime = flowtrail.Runtime("wms", exporter=Broken(outcome))
    flow = flowtrail.Flow("f", runtime=runtime)
    for _ in range(2):
        with flow.case("SO-1").step("a"):
            pass
        assert runtime.flush(10)
    assert runtime.stats() == flowtrail.Stats(exported=0, dropped=0, failed=2, pending=0)
    assert len(caplog.records) == 1
    runtime.shutdown(5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_sends_its_own_spans_and_not_its_parents():
    reader, writer = os.pipe()
    with testing.capture("wms", schedule_delay_s=600.0) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with flow.case("SO-1").step("parent"):
            pass
        child = os.fork()
        if child == 0:
            with flow.case("SO-1").step("child"):
                pass
            os.write(writer, ",".join(s.name for s in captured.spans()).encode())
            os._exit(0)
        os.waitpid(child, 0)
        assert os.read(reader, 100) == b"child"
        assert [s.name for s in captured.spans()] == ["parent"]
    os.close(reader)
    os.close(writer)
