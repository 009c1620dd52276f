from __future__ import annotations

import json
import subprocess
import sys

import flowtrail
import pytest
from flowtrail import testing
from hypothesis import given
from hypothesis import strategies as st

LENIENT = flowtrail.Runtime("wms", disabled=True, strict=False)


def ask(captured, flow):
    case = flow.case("SO-1", dims={"channel": "web"}, correlation_id="c-1")
    with case.step("receive"), case.step("approve", kind="approval", actor=("human", "dana")) as step:
        captured.clock.advance(1)
        return step.detach()


def approve(flow, token):
    with flow.resume(token) as step:
        step.actor("human", "kim")
        step.action("approve")


def test_a_detached_step_sends_nothing_but_its_started_record(captured, flow):
    ask(captured, flow)
    assert [s.name for s in captured.spans()] == ["receive"]
    assert [s.name for s in captured.started()] == ["approve"]


def test_the_token_passes_through_json(captured, flow):
    token = ask(captured, flow)
    assert json.loads(json.dumps(token)) == token


@pytest.mark.parametrize("as_text", [True, False])
def test_another_runtime_finishes_the_step_under_its_own_ids(captured, flow, as_text):
    token = ask(captured, flow)
    (started,) = captured.started()
    with testing.capture("mailbox") as other:
        other.clock.advance(3600)
        approve(flowtrail.Flow("order-to-cash", runtime=other.runtime), json.dumps(token) if as_text else token)
        (span,) = other.all()
    assert span.context.trace_id == started.context.trace_id
    assert span.context.span_id == started.parent.span_id
    assert span.parent.span_id == captured.spans()[0].context.span_id
    assert span.start_time == started.start_time == testing.START_NS
    assert span.end_time == testing.START_NS + 3600 * 1_000_000_000
    assert (
        span.attributes.items()
        >= {
            "flow.case.id": "SO-1",
            "flow.correlation_id": "c-1",
            "flow.step": "approve",
            "flow.step.kind": "approval",
            "flow.actor.id": "kim",
            "flow.action": "approve",
            "flow.dim.channel": "web",
        }.items()
    )
    assert "flow.step.state" not in span.attributes


def test_another_process_finishes_the_step(receiver, captured, flow):
    token = ask(captured, flow)
    code = (
        "import sys, flowtrail; flowtrail.init('mailbox', sys.argv[1]);"
        "step = flowtrail.Flow('order-to-cash').resume(sys.argv[2]);"
        "step.__enter__().action('approve'); step.__exit__(None, None, None)"
    )
    subprocess.run([sys.executable, "-c", code, receiver.url, json.dumps(token)], check=True)
    (span,) = receiver.requests[0].resource_spans[0].scope_spans[0].spans
    assert (span.trace_id.hex(), span.span_id.hex()) == (token["trace_id"], token["span_id"])
    assert span.start_time_unix_nano == testing.START_NS


def test_a_resumed_step_is_a_full_scope(captured, flow):
    token = ask(captured, flow)
    with flow.resume(token) as step:
        assert flowtrail.current_case().id == "SO-1"
        with flowtrail.current_case().step("notify") as inner:
            assert inner.trace_id == step.trace_id
    notify = next(s for s in captured.spans() if s.name == "notify")
    assert f"{notify.parent.span_id:016x}" == token["span_id"]


def test_a_detached_step_of_a_scope_without_case_can_be_resumed(captured, flow):
    with flow.objects(package="P") as scope, scope.step("inspect") as step:
        token = step.detach()
    with flow.resume(token):
        pass
    assert captured.spans()[0].attributes["flow.ref.package"] == "P"


def test_a_step_that_does_not_run_cannot_be_detached(flow):
    with pytest.raises(flowtrail.FlowtrailError, match="once it runs"):
        flow.case("SO-1").step("a").detach()


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"trace_id": "0" * 32},
        {"trace_id": "x"},
        {"span_id": None},
        {"parent_span_id": "zz"},
        {"start_ns": "-5"},
        {"start_ns": "9" * 40},
        {"attributes": {}},
        {"attributes": {"flow.step": "a", "x": {}}},
        {"attributes": []},
    ],
    ids=str,
)
def test_a_spoilt_token_is_refused_or_records_nothing(captured, flow, change):
    token = {**ask(captured, flow), **change}
    with pytest.raises(flowtrail.FlowtrailError, match="no token"):
        flow.resume(token)
    with testing.capture("wms", strict=False) as other:
        approve(flowtrail.Flow("order-to-cash", runtime=other.runtime), token)
        assert other.all() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x, max_size=2)
)
KEYS = st.sampled_from(
    ["v", "trace_id", "span_id", "parent_span_id", "trace_state", "trace_flags", "start_ns", "attributes"]
)


@given(st.dictionaries(KEYS, JSON | st.dictionaries(st.text(), JSON, max_size=2)) | JSON)
def test_no_token_whatever_raises_outside_of_strict_mode(token):
    approve(flowtrail.Flow("order-to-cash", runtime=LENIENT), token)
