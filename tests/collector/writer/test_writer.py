from __future__ import annotations

import threading

import pytest

from collector.service import Collector
from collector.telemetry.telemetry import Telemetry
from collector.writer.retry import Retrier
from store.errors import StoreUnavailable
from store.intake import Signal
from tests.collector import export
from tests.collector.running import Running, eventually, settings
from tests.collector.sinks import MemorySink
from tests.collector.spans import request, span_ids, span_names


def poisonous(envelope) -> bool:
    return "poison" in span_names(envelope.request)


def with_poison(good: int) -> bytes:
    """Good spans, one the store never takes, good spans: one request, by concatenation."""
    return request(good) + request(1, name="poison") + request(good)


def test_while_the_store_is_down_nothing_is_lost_and_the_order_is_kept(running, sink):
    sink.down = True
    sent = [request() for _ in range(20)]
    assert {running.post(body).status_code for body in sent} == {200}
    eventually(lambda: len(sink.tokens) > 3)
    ready = running.http.get("/readyz")
    assert (ready.status_code, ready.json()["ready"], ready.json()["accepting"]) == (503, False, True)
    assert "The store is away." in ready.json()["reasons"][0]
    assert running.metrics()["flowtrail_collector_store_reachable"] == 0
    assert running.metrics()["flowtrail_collector_log_pending_bytes"] > 0
    sink.down = False
    eventually(lambda: len(sink.spans) == 20)
    assert [envelope.request for envelope in sink.envelopes] == sent
    assert len(set(sink.tokens)) == len(sink.batches)
    eventually(lambda: running.http.get("/readyz").status_code == 200)


def test_a_stop_while_the_store_is_down_keeps_all_for_the_next_start_under_the_same_token(tmp_path, sink):
    sink.down = True
    sent = [request() for _ in range(5)]
    with Running(Collector(settings(tmp_path), sink)) as running:
        for body in sent:
            running.post(body)
        eventually(lambda: bool(sink.tokens))
        assert running.stop() is False
    first_token = sink.tokens[0]
    sink.down = False
    with Running(Collector(settings(tmp_path), sink)) as running:
        eventually(lambda: len(sink.spans) == 5)
        assert running.stop() is True
    assert [envelope.request for envelope in sink.envelopes] == sent
    assert next(iter(sink.batches)) == first_token


def test_a_stop_inserts_what_is_pending(tmp_path, sink):
    with Running(Collector(settings(tmp_path, batch_max_age_ms=60_000), sink)) as running:
        running.post(request(3))
        assert running.stop() is True
    assert len(sink.spans) == 3


def test_an_insert_that_hangs_is_left_behind_and_repeated_under_its_token_by_the_next_collector(tmp_path, sink):
    entered, let_go = threading.Event(), threading.Event()

    def hang(envelopes, token):
        entered.set()
        let_go.wait(30)
        sink(envelopes, token)

    with Running(Collector(settings(tmp_path, drain_timeout_s=0.1), hang)) as running:
        running.post(request(2))
        assert entered.wait(20)
        assert running.stop() is False
    with Running(Collector(settings(tmp_path), sink)):
        eventually(lambda: len(sink.spans) == 2)
        let_go.set()  # the old insert returns now, while the new one runs
        eventually(lambda: len(sink.tokens) == 2)
    assert len(sink.batches) == 1
    with Running(Collector(settings(tmp_path), sink)) as running:
        assert running.collector.pending_bytes == 0


def test_only_the_poison_of_a_batch_becomes_a_dead_letter(running, sink):
    sink.down = True  # so that one batch gathers all
    sink.refuse = poisonous
    running.post(request(1))
    eventually(lambda: bool(sink.tokens))
    sent = [request(3), with_poison(2), request(1), with_poison(1)]
    for body in sent:
        running.post(body)
    sink.down = False
    eventually(lambda: running.collector.pending_bytes == 0)
    letters = list(running.collector.dead_letters.list())
    assert [(letter.origin, letter.items, letter.reason) for letter in letters] == [
        ("store", 1, "The store does not like it.")
    ] * 2
    buried = [span_names(running.collector.dead_letters.read(letter.id)[1]) for letter in letters]
    assert buried == [["poison"], ["poison"]]
    expected = [
        span for body in sent for span, name in zip(span_ids(body), span_names(body), strict=True) if name != "poison"
    ]
    assert sink.spans[1:] == expected
    assert len(sink.spans) == len(set(sink.spans))


def test_a_batch_too_large_for_the_stores_memory_is_inserted_in_parts(running, sink):
    sink.down = True  # so that one batch gathers all
    running.post(request(1))
    eventually(lambda: bool(sink.tokens))
    sent = [request(5) for _ in range(9)]
    for body in sent:
        running.post(body)
    sink.memory = 3 * len(sent[0])
    sink.down = False
    eventually(lambda: running.collector.pending_bytes == 0)
    assert [envelope.request for envelope in sink.envelopes][1:] == sent
    assert max(map(len, sink.batches.values())) <= 3
    assert running.collector.dead_letters.count == 0
    assert running.collector.telemetry.insert_failures.value(kind="memory") > 0


def test_a_request_that_stays_too_large_for_the_stores_memory_becomes_a_dead_letter(running, sink):
    small, large = request(2), request(50)
    sink.memory = len(large) - 1
    running.post(large)
    running.post(small)
    eventually(lambda: running.collector.pending_bytes == 0)
    assert [envelope.request for envelope in sink.envelopes] == [small]
    (letter,) = running.collector.dead_letters.list()
    assert (letter.origin, letter.items) == ("store", 50)
    assert "too little memory" in letter.reason
    assert running.collector.telemetry.insert_failures.value(kind="memory") >= 5


def test_a_temporary_lack_of_memory_costs_nothing(running, sink):
    sink.memory = 0
    running.post(request(3))
    eventually(lambda: len(sink.tokens) >= 2)
    sink.memory = 10**9
    eventually(lambda: len(sink.spans) == 3)
    assert (running.collector.dead_letters.count, len(set(sink.tokens))) == (0, 1)


def test_after_a_crash_a_bisection_continues_with_the_same_parts(tmp_path, sink):
    """The store takes one half, then goes away and the collector with it."""
    sink.refuse = poisonous
    calls: list[str] = []

    def fails_after_the_first_half(envelopes, token):
        calls.append(token)
        if len(calls) > 2:
            raise StoreUnavailable("The store went away.")
        sink(envelopes, token)

    body = request(4) + request(1, name="poison") + request(3)
    with Running(Collector(settings(tmp_path), fails_after_the_first_half)) as running:
        running.post(body)
        eventually(lambda: len(calls) > 3)
        assert running.stop() is False
    assert len(sink.spans) == 4
    with Running(Collector(settings(tmp_path), sink)) as running:
        eventually(lambda: running.collector.pending_bytes == 0)
        assert running.collector.dead_letters.count == 1
    assert sorted(sink.spans) == sorted(
        span for span, name in zip(span_ids(body), span_names(body), strict=True) if name != "poison"
    )


@pytest.mark.parametrize("fault", [RuntimeError("a defect"), StoreUnavailable("away")])
def test_any_fault_but_refused_data_is_tried_again(tmp_path, fault):
    inner = MemorySink()
    faults = [fault] * 3

    def sink(envelopes, token):
        if faults:
            raise faults.pop()
        inner(envelopes, token)

    with Running(Collector(settings(tmp_path), sink)) as running:
        running.post(request(2))
        eventually(lambda: len(inner.spans) == 2)
        failures = running.collector.telemetry.insert_failures
        assert failures.value() == 3
        assert running.collector.dead_letters.count == 0


def test_after_insert_gets_each_batch_and_its_failures_stop_nothing(tmp_path, sink):
    tokens: list[str] = []

    def after_insert(envelopes, token):
        tokens.append(token)
        if len(tokens) == 1:
            raise StoreUnavailable("not now")
        if len(tokens) == 2:
            raise ValueError("a defect")

    with Running(Collector(settings(tmp_path), sink, after_insert=after_insert)) as running:
        running.post(request())
        eventually(lambda: running.collector.pending_bytes == 0)
        running.post(request())
        eventually(lambda: running.collector.pending_bytes == 0)
        assert running.collector.telemetry.insert_failures.value(kind="after_insert") == 1
    assert tokens == [*[next(iter(sink.batches))] * 2, list(sink.batches)[1]]


def test_damage_in_the_middle_of_the_log_goes_to_dead_letters_and_the_rest_is_stored(tmp_path, sink):
    sink.down = True
    sent = [request() for _ in range(3)]
    with Running(Collector(settings(tmp_path), sink)) as running:
        for body in sent:
            running.post(body)
    (file,) = tmp_path.glob("*.log")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF  # within the body of the second of three equal records
    file.write_bytes(content)
    sink.down = False
    with Running(Collector(settings(tmp_path), sink)) as running:
        eventually(lambda: running.collector.pending_bytes == 0)
        (letter,) = running.collector.dead_letters.list()
    assert (letter.origin, letter.content) == ("log", "raw")
    assert "damaged record body" in letter.reason
    assert [envelope.request for envelope in sink.envelopes] == [sent[0], sent[2]]


def test_signals_of_a_batch_are_split_separately_and_a_refused_insert_leaves_nothing(tmp_path, sink):
    """Logs and data points have no ids by which a row that is there twice could be told."""
    sink.leaves = True
    sink.down = True  # so that one batch gathers all
    poison = export.request(Signal.LOGS, 2).replace(b"picked", b"poison")
    sink.refuse = lambda envelope: b"poison" in envelope.request
    with Running(Collector(settings(tmp_path), sink, take_back=sink.take_back)) as running:
        sent = [(signal, export.request(signal, 2 + turn)) for turn in range(3) for signal in Signal]
        sent.insert(4, (Signal.LOGS, poison))
        for signal, body in sent:
            assert export.send(running, "http/protobuf", signal, body).ok
        eventually(lambda: bool(sink.tokens))
        sink.down = False
        eventually(lambda: running.collector.pending_bytes == 0)
        letters = [*running.collector.dead_letters.list()]
    expected = sorted(body for _, body in sent if body != poison)
    assert sorted(envelope.request for envelope in sink.envelopes) == expected
    assert [(letter.signal, letter.items, letter.origin) for letter in letters] == [("logs", 1, "store")] * 2


def test_pauses_between_attempts_grow_and_differ(monkeypatch):
    waited: list[float] = []
    retrier = Retrier(1.0, 8.0, Telemetry().insert_failures, iter([0.0, 1.0, 0.5, 0.0, 0.0]).__next__)
    monkeypatch.setattr(retrier._stopping, "wait", lambda pause: waited.append(pause) and False)
    faults = [StoreUnavailable("away")] * 5

    def step():
        if faults:
            raise faults.pop()

    retrier.remote(step, "insert")
    assert waited == [1.0, 1.0, 3.0, 8.0, 8.0]
    assert retrier.trouble is None
