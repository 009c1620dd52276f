"""The copies of the schema that stages are measured with: they stop where they say and write what the store writes."""

from urllib.parse import unquote, urlsplit

import pytest

from proof.bench.tools.load import Load
from proof.bench.tools.meter import steps_between
from proof.bench.tools.views import INTAKE, REFERENCE, build, reference_store, stages, way
from store.intake import Envelope, insert_envelopes
from store.migrate import migrate


@pytest.fixture
def folder(chdb_url):
    return unquote(urlsplit(chdb_url).path)


@pytest.fixture
def reference(folder):
    store = reference_store(folder)
    migrate(store)
    yield store
    for name in (REFERENCE, "bench_half", "bench_whole"):
        store.command(f"DROP DATABASE IF EXISTS {name} SYNC")
    store.close()


def test_a_copy_stops_after_its_stage(reference, folder):
    found = stages(way(reference, INTAKE))
    names = [stage.label for stage in found]
    assert names[:3] == ["read protobuf", "view otlp_intake_to_otel_traces", "write otel_traces"]
    assert {"write steps", "write arrivals", "write ids"} < set(names)
    half = build(folder, reference, "bench_half", INTAKE, found[2])
    whole = build(folder, reference, "bench_whole", INTAKE, found[-1])
    batch = [Envelope("default", Load().began_ns, Load(40).request(0))]
    for store in (half, whole):
        insert_envelopes(store, batch, "batch")
    rows = [store.rows("SELECT * FROM otel_traces ORDER BY SpanId") for store in (half, whole)]
    assert len(rows[0]) == 40
    assert rows[0] == rows[1]
    assert whole.rows("SELECT uniqExact(SpanId) AS n FROM steps") == [{"n": 40}]
    assert not half.rows("SELECT name FROM system.tables WHERE database = 'bench_half' AND name = 'steps'")
    for store in (half, whole):
        store.close()


def test_a_stage_never_costs_less_than_nothing():
    assert steps_between({"a": 3.0, "b": 5.0, "c": 4.0, "d": 9.0}) == {"a": 3.0, "b": 1.0, "c": 0.0, "d": 5.0}
