from __future__ import annotations

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from store.client import open_store
from store.errors import StoreError
from store.intake import Envelope, Signal, insert_envelopes
from store.take_back import take_back

# Fails behind otel_logs for a body that is no number, as a view of ours could for data nobody thought of.
VIEW = "CREATE MATERIALIZED VIEW numbers ENGINE = MergeTree ORDER BY n AS SELECT toUInt64(Body) AS n FROM otel_logs"


@pytest.fixture
def store(migrated_url):
    opened = open_store(migrated_url)
    opened.command(VIEW)
    yield opened
    opened.close()


def logs(*bodies: str) -> Envelope:
    message = ExportLogsServiceRequest()
    scope = message.resource_logs.add().scope_logs.add()
    for body in bodies:
        record = scope.log_records.add(time_unix_nano=1_760_000_000_000_000_000)
        record.body.string_value = body
    return Envelope("default", 1_760_000_000_000_000_000, message.SerializeToString(), Signal.LOGS)


def stored(store) -> list[str]:
    return [row["Body"] for row in store.rows("SELECT Body FROM otel_logs ORDER BY Body")]


def test_what_a_refused_insert_left_is_taken_back_and_nothing_else(store):
    insert_envelopes(store, [logs("1", "2")], "good")
    with pytest.raises(StoreError, match="refuses the data") as refused:
        insert_envelopes(store, [logs("3", "poison")], "bad")
    assert refused.value.code == "invalid_data"
    assert stored(store) == ["1", "2", "3", "poison"], "if this fails, ClickHouse has become atomic: delete take_back"
    assert take_back(store, Signal.LOGS, "bad") >= 2
    assert stored(store) == ["1", "2"]
    assert take_back(store, Signal.LOGS, "bad") == 0
    insert_envelopes(store, [logs("3")], "bad.0")
    assert stored(store) == ["1", "2", "3"]


def test_the_same_token_of_another_signal_is_left_alone(store):
    insert_envelopes(store, [logs("1")], "token")
    assert take_back(store, Signal.METRICS, "token") == 0
    assert stored(store) == ["1"]
