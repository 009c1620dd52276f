"""The collector in front of the real store, embedded and over HTTP."""

from __future__ import annotations

from functools import partial

import pytest

from collector.service import Collector
from store.client import open_store
from store.errors import StoreOutOfMemory, StoreUnavailable
from store.intake import Signal, insert_envelopes
from store.take_back import take_back
from tests.collector import export
from tests.collector.running import Running, eventually, settings
from tests.collector.spans import request, span_ids


@pytest.fixture
def store(migrated_url):
    opened = open_store(migrated_url)
    yield opened
    opened.close()


def stored(store) -> list[str]:
    return [row["SpanId"] for row in store.rows("SELECT SpanId FROM otel_traces ORDER BY SpanId")]


def test_what_is_acknowledged_is_in_the_store_once_even_if_the_stores_answer_was_lost(tmp_path, store):
    lost = [True, True]

    def sink(envelopes, token):
        insert_envelopes(store, envelopes, token)
        if lost:
            lost.pop()
            raise StoreUnavailable("The answer was lost.")

    sent = [request(5) for _ in range(20)]
    with Running(Collector(settings(tmp_path), sink)) as running:
        assert {running.post(body).status_code for body in sent} == {200}
        eventually(lambda: running.collector.pending_bytes == 0)
    assert lost == []
    assert stored(store) == sorted(span.hex() for body in sent for span in span_ids(body))


def test_a_batch_interrupted_by_a_crash_is_inserted_again_under_its_token_and_counts_once(tmp_path, store):
    def inserted_then_gone(envelopes, token):
        insert_envelopes(store, envelopes, token)
        raise StoreUnavailable("The collector never hears that it worked.")

    body = request(7)
    with Running(Collector(settings(tmp_path), inserted_then_gone)) as running:
        running.post(body)
        assert running.stop() is False
    with Running(Collector(settings(tmp_path), partial(insert_envelopes, store))) as running:
        assert running.post(request(1)).status_code == 200
        assert running.stop() is True
    assert len(stored(store)) == 8


def test_a_query_out_of_memory_is_distinguished_from_invalid_data(store):
    with pytest.raises(StoreOutOfMemory) as refused:
        store.rows("SELECT groupArray(number) FROM numbers(10000000) SETTINGS max_memory_usage = 1000000")
    assert refused.value.code == "unavailable"


def test_what_the_store_refuses_in_a_view_is_a_letter_and_all_else_is_there_once(tmp_path, store):
    """The view fails behind otel_logs, so the rows of what is refused are there at first."""
    store.command(
        "CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY n AS SELECT toUInt64(Body) AS n FROM otel_logs"
    )
    bodies = [f"{number}" for number in range(12)]
    bodies[7] = "poison"
    batch = {"batch_max_age_ms": 500}
    collector = Collector(
        settings(tmp_path, **batch), partial(insert_envelopes, store), take_back=partial(take_back, store)
    )
    with Running(collector) as running:
        for first in range(0, 12, 4):
            four = b"".join(
                export.request(Signal.LOGS).replace(b"picked 0", body.zfill(8).encode())
                for body in bodies[first : first + 4]
            )
            assert export.send(running, "http/protobuf", Signal.LOGS, four).ok
        eventually(lambda: running.collector.pending_bytes == 0)
        letters = [*running.collector.dead_letters.list()]
    rows = [row["Body"].lstrip("0") or "0" for row in store.rows("SELECT Body FROM otel_logs")]
    assert sorted(rows) == sorted(body for body in bodies if body != "poison")
    assert [row["n"] for row in store.rows("SELECT n FROM v ORDER BY n")] == sorted(map(int, rows))
    assert [(letter.signal, letter.items, letter.origin) for letter in letters] == [("logs", 1, "store")]
