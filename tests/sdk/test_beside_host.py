"""Beside an OpenTelemetry set-up of the host: neither changes the other."""

from __future__ import annotations

import flowtrail
import pytest
from flowtrail import testing
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased


class Host:
    def __init__(self, **how):
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False, **how)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("host")

    def spans(self):
        return {s.name: s for s in self.exporter.get_finished_spans()}


@pytest.fixture
def host(monkeypatch):
    host = Host()
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", host.provider)  # as trace.set_tracer_provider would, but undone
    return host


def by_name(captured):
    return {s.name: s for s in captured.spans()}


def test_each_sends_its_own_spans_only(host, captured, flow):
    with (
        host.tracer.start_as_current_span("request"),
        flow.case("SO-1").step("reserve"),
        host.tracer.start_as_current_span("query"),
    ):
        pass
    assert set(host.spans()) == {"request", "query"}
    assert set(by_name(captured)) == {"reserve"}


def test_a_step_joins_the_hosts_trace_below_its_current_span(host, captured, flow):
    with host.tracer.start_as_current_span("request"), flow.case("SO-1") as case, case.step("reserve"):
        with host.tracer.start_as_current_span("query"), case.step("deduct"):
            pass
        with case.step("log"):
            pass
    request, query = host.spans()["request"], host.spans()["query"]
    reserve, deduct, log = (by_name(captured)[name] for name in ("reserve", "deduct", "log"))
    assert reserve.parent == request.context
    assert deduct.parent == query.context
    assert log.parent.span_id == reserve.context.span_id
    assert {s.context.trace_id for s in (reserve, deduct, log)} == {request.context.trace_id}


def test_host_spans_keep_the_parents_they_would_have_without_us(host, flow):
    with (
        flow.case("SO-1").step("outer"),
        host.tracer.start_as_current_span("root"),
        flow.case("SO-1").step("inner"),
        host.tracer.start_as_current_span("child"),
    ):
        pass
    assert host.spans()["root"].parent is None
    assert host.spans()["child"].parent == host.spans()["root"].context


def test_attributes_the_host_sets_on_its_current_span_stay_the_hosts(host, captured, flow):
    with host.tracer.start_as_current_span("request"), flow.case("SO-1") as case, case.step("reserve"):
        trace.get_current_span().set_attribute("user.email", "dana@example.com")
    assert host.spans()["request"].attributes["user.email"] == "dana@example.com"
    assert "user.email" not in captured.spans()[0].attributes


def test_global_provider_and_propagator_are_not_touched():
    provider, propagator = trace._TRACER_PROVIDER, propagate.get_global_textmap()
    with testing.capture("wms") as captured:
        headers = {}
        with flowtrail.extract(headers), flowtrail.Flow("f", runtime=captured.runtime).case("SO-1").step("a") as step:
            flowtrail.inject(headers)
            step.detach()
    assert trace._TRACER_PROVIDER is provider
    assert propagate.get_global_textmap() is propagator


def test_what_the_host_does_not_sample_is_recorded_all_the_same_and_stays_unsampled(captured, flow, monkeypatch):
    host = Host(sampler=ParentBased(ALWAYS_OFF))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", host.provider)
    headers = {}
    with host.tracer.start_as_current_span("request"), flow.case("SO-1") as case, case.step("reserve"):
        flowtrail.inject(headers)
        with host.tracer.start_as_current_span("query"):
            pass
    assert host.spans() == {}
    assert len(captured.spans()) == 1
    assert headers["traceparent"].endswith("-00") or int(headers["traceparent"][-2:], 16) & 1 == 0


def test_an_outgoing_call_names_the_hosts_span_as_its_parent(host, flow):
    headers = {}
    with host.tracer.start_as_current_span("request") as request, flow.case("SO-1") as case, case.step("reserve"):
        flowtrail.inject(headers)
    assert headers["traceparent"].split("-")[2] == f"{request.get_span_context().span_id:016x}"


def test_without_opentelemetry_of_the_host_a_step_is_the_current_span(flow):
    with flow.case("SO-1") as case, case.step("outer"), case.step("reserve") as step:
        context = trace.get_current_span().get_span_context()
        assert f"{context.span_id:016x}" == step.span_id
        assert f"{context.trace_id:032x}" == step.trace_id
    assert not trace.get_current_span().get_span_context().is_valid


def test_extract_leaves_the_hosts_server_span_in_place(host, captured, flow):
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage": "flow.case.id=SO-1"}
    context = propagate.extract(headers)
    with host.tracer.start_as_current_span("server", context=context) as server, flowtrail.extract(headers):
        assert trace.get_current_span() is server
        with flow.case() as case, case.step("receive"):
            pass
    assert captured.spans()[0].parent == server.get_span_context()


def test_a_message_of_another_trace_is_followed_though_the_host_polls_under_its_own_span(host, captured, flow):
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage": "flow.case.id=SO-1"}
    with (
        host.tracer.start_as_current_span("poll") as poll,
        flowtrail.extract(headers),
        flow.case() as case,
        case.step("receive"),
    ):
        assert trace.get_current_span() is poll
    assert captured.spans()[0].parent.span_id == 0xB7AD6B7169203331


def test_attached_host_spans_go_to_both(host):
    with testing.capture("wms", attach_host_spans=True) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with host.tracer.start_as_current_span("request"), flow.case("SO-1") as case, case.step("reserve"):
            pass
        assert set(by_name(captured)) == {"request", "reserve"}
        assert set(host.spans()) == {"request"}
        with flow.case("SO-2") as case, case.step("job"), host.tracer.start_as_current_span("query"):
            pass
        spans = by_name(captured)
        assert spans["query"].context.trace_id == spans["job"].context.trace_id


def test_a_host_that_sets_up_after_us_is_attached_then(monkeypatch):
    with testing.capture("wms", attach_host_spans=True) as captured:
        host = Host()
        monkeypatch.setattr(trace, "_TRACER_PROVIDER", host.provider)
        with flowtrail.Flow("f", runtime=captured.runtime).case("SO-1").step("reserve"):
            pass
        with host.tracer.start_as_current_span("query"):
            pass
        assert set(by_name(captured)) == {"reserve", "query"}


def test_a_provider_can_be_attached_by_itself():
    host = Host()
    with testing.capture("wms", attach_host_spans=host.provider) as captured:
        with host.tracer.start_as_current_span("query"):
            pass
        assert set(by_name(captured)) == {"query"}


def test_settings_of_the_hosts_sampler_do_not_reach_us(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    with testing.capture("wms") as captured:
        with flowtrail.Flow("f", runtime=captured.runtime).case("SO-1").step("a"):
            pass
        assert len(captured.spans()) == 1


def test_our_own_export_is_hidden_from_the_hosts_instrumentation(receiver):
    from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, get_value  # noqa: PLC0415

    seen = []
    runtime = flowtrail.Runtime("wms", receiver.url)
    session = runtime._queue._sender._session
    session.hooks["response"].append(lambda *_, **__: seen.append(get_value(_SUPPRESS_INSTRUMENTATION_KEY)))
    with flowtrail.Flow("f", runtime=runtime).case("SO-1").step("a"):
        pass
    runtime.shutdown(10)
    assert seen == [True]
