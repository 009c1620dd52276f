from __future__ import annotations

import flowtrail
from flowtrail import _default, testing

flow = flowtrail.Flow("order-to-cash")  # as a module's constant, long before init


def test_a_flow_made_before_init_uses_the_runtime_made_later():
    exporter = testing.CaptureExporter()
    runtime = flowtrail.init("wms", exporter=exporter)
    with flow.case("SO-1").step("a"):
        pass
    assert flowtrail.flush(10)
    assert [s.name for s in exporter.spans()] == ["a"]
    assert runtime.system == "wms"


def test_without_init_code_runs_records_nothing_and_that_is_told_once(caplog, monkeypatch):
    monkeypatch.setattr(_default._process, "warned", False)
    for _ in range(2):
        with flow.case("SO-1").step("a") as step:
            assert step.trace_id
    assert caplog.text.count("call flowtrail.init") == 1
    assert flowtrail.flush()
    assert flowtrail.shutdown()


def test_a_second_init_flushes_the_first():
    exporter = testing.CaptureExporter()
    flowtrail.init("wms", exporter=exporter, schedule_delay_s=600)
    with flow.case("SO-1").step("a"):
        pass
    flowtrail.init("wms", exporter=testing.CaptureExporter())
    assert len(exporter.spans()) == 1


def test_runtimes_live_side_by_side(captured):
    with testing.capture("carrier") as other:
        ours = flowtrail.Flow("f", runtime=captured.runtime)
        theirs = flowtrail.Flow("f", runtime=other.runtime)
        with ours.case("SO-1").step("call"), theirs.case("SO-1").step("answer"):
            pass
        (call,), (answer,) = captured.spans(), other.spans()
    assert answer.parent.span_id == call.context.span_id
    assert (call.resource.attributes["service.name"], answer.resource.attributes["service.name"]) == ("wms", "carrier")


def test_all_that_is_public_is_named():
    assert sorted(flowtrail.__all__) == flowtrail.__all__
    for name in flowtrail.__all__:
        assert getattr(flowtrail, name).__doc__ or name in {"Actor", "Backoff", "Classify", "Ids", "Money", "Refs"}
