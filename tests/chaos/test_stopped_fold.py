"""A fold that was stopped after any of its statements leaves nothing behind that a later fold trips over."""

from __future__ import annotations

from itertools import count

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cases.rebuild import verify
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from tests.stopped_fold import fold_until


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
    for again in range(number + 1, number + 9):
        insert_envelopes(store, [step(again, flow_case_id="C-1", flow_ref_package="P-1")], f"batch-{again}")
        fold_until(store, number - 3)
    fold_until(store)
    (case,) = store.rows("SELECT Events FROM cases FINAL WHERE CaseId = 'C-1'")
    assert case["Events"] == again
    assert verify(store).agrees


def test_who_shares_an_event_is_known_after_folds_that_were_stopped_anywhere(store):
    """A second case reaches a package that the first one has events of: the first one's share of them changes, too."""
    for number in count(1):
        package, first = f"P-{number}", 10 * number
        steps = [
            step(first, flow_case_id=f"A-{number}", flow_ref_package=package),
            step(first + 1, flow_ref_package=package),
        ]
        insert_envelopes(store, steps, f"batch-{number}-a")
        fold_until(store)
        late = step(first + 2, flow_case_id=f"B-{number}", flow_ref_package=package)
        insert_envelopes(store, [late], f"batch-{number}-b")
        through = fold_until(store, number)
        fold_until(store)
        if through:
            break
    shared = store.rows("SELECT CaseId, SharedEvents FROM cases FINAL WHERE CaseId LIKE 'A-%'")
    assert {row["CaseId"] for row in shared if row["SharedEvents"] != 1} == set()
    assert verify(store).agrees
