"""A fold that was stopped after any of its statements leaves nothing behind that a later fold trips over."""

from __future__ import annotations

from itertools import count

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cases.fold.rebuild import verify
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from tests.stopped_fold import fold_until

pytestmark = pytest.mark.slow

# The statements at which a fold is stopped; it has fewer than the last of them.
STOPS = range(1, 60, 2)


@pytest.fixture
def store(migrated_chdb_url):
    opened = open_store(migrated_chdb_url)
    yield opened
    opened.close()


def step(number: int, **words: str) -> Envelope:
    request = ExportTraceServiceRequest()
    span = (
        request.resource_spans.add()
        .scope_spans.add()
        .spans.add(trace_id=number.to_bytes(16, "big"), span_id=number.to_bytes(8, "big"), name="step")
    )
    span.start_time_unix_nano = span.end_time_unix_nano = 1_780_000_000_000_000_000 + number
    attributes = {
        "flow.name": "f",
        "flow.step": "step",
        **{name.replace("_", "."): word for name, word in words.items()},
    }
    for key, value in attributes.items():
        span.attributes.add(key=key).value.string_value = value
    return Envelope("default", 1_780_000_000_000_000_000 + number, request.SerializeToString())


def test_a_case_is_whole_after_folds_that_were_stopped_anywhere(store):
    for number in count(1):
        insert_envelopes(store, [step(number, flow_case_id="C-1", flow_ref_package="P-1")], f"batch-{number}")
        if fold_until(store, number):
            break
    # Once more, with much left behind by folds that nearly ended: what a run finds must not hang on the order of names.
    for again in range(number + 1, number + 5):
        insert_envelopes(store, [step(again, flow_case_id="C-1", flow_ref_package="P-1")], f"batch-{again}")
        fold_until(store, number - 3)
    fold_until(store)
    (case,) = store.rows("SELECT Events FROM cases FINAL WHERE CaseId = 'C-1'")
    assert case["Events"] == again
    assert verify(store).agrees


def test_who_shares_an_event_is_known_after_folds_that_were_stopped_anywhere(store):
    """A second case reaches a package that the first one has events of: the first one's share of them changes, too."""
    before = [
        step(number * 10 + place, flow_ref_package=f"P-{number}", **({"flow_case_id": f"A-{number}"} if place else {}))
        for number in STOPS
        for place in range(2)
    ]
    insert_envelopes(store, before, "before")
    fold_until(store)
    for number in STOPS:
        late = step(10 * number + 2, flow_case_id=f"B-{number}", flow_ref_package=f"P-{number}")
        insert_envelopes(store, [late], f"batch-{number}")
        through = fold_until(store, number)
        fold_until(store)
        if through:
            break
    assert through
    shared = store.rows("SELECT CaseId, SharedEvents FROM cases FINAL WHERE CaseId LIKE 'A-%'")
    told = {row["CaseId"] for row in shared if row["SharedEvents"] == 1}
    assert told == {f"A-{known}" for known in STOPS if known <= number}
    assert verify(store).agrees
