"""Keys and tenants in the running product: two tenants send the same case, and each sees its own alone."""

import json
import subprocess
import time

import flowtrail as sdk
import grpc
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.e2e.running import FLOWTRAIL, Flowtrail

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
CASE = "SO-7001"
SECOND_NS = 1_000_000_000


def keys(data, *words):
    done = subprocess.run([FLOWTRAIL, "keys", *words, "--data", str(data)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def bearer(key):
    return {"authorization": f"Bearer {key}"} if key else {}


def a_case(owner, step, ids):
    """One finished step of the case, told by the system of ``owner``, who claims to be somebody else throughout."""
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = f"shop-of-{owner}"
    for name in ("tenant", "Tenant", "flow.tenant"):
        group.resource.attributes.add(key=name).value.string_value = "default"
    start = time.time_ns() - 60 * SECOND_NS
    span = group.scope_spans.add().spans.add(trace_id=ids[:16], span_id=ids[16:24], name=step)
    span.start_time_unix_nano, span.end_time_unix_nano = start, start + SECOND_NS
    words = {
        "flow.name": "order-to-cash", "flow.case.id": CASE, "flow.step": step, "flow.case.outcome": "completed",
        "flow.ref.package": "PKG-7001", "tenant": "default", "Tenant": "default", "flow.tenant": "default",
    }  # fmt: skip
    for name, value in words.items():
        span.attributes.add(key=name).value.string_value = value
    return message.SerializeToString()


@pytest.fixture(scope="module")
def flowtrail(new_data):
    """Flowtrail with two tenants; each has a key to send and one to read."""
    data = new_data()
    with Flowtrail(data) as running:
        running.keys = {
            (tenant, scope): keys(data, "create", "--quiet", "--tenant", tenant, "--scope", scope)
            for tenant in ("acme", "globex")
            for scope in ("ingest", "read")
        }
        # What is changed counts within two seconds.
        assert running.until(lambda: httpx.get(f"{running.web}/api/v1/flows").status_code == 401)
        yield running


@pytest.fixture(scope="module")
def sent(flowtrail):
    """The same case id, package and trace id: acme sends over HTTP, globex over gRPC."""
    words = {"content-type": "application/x-protobuf", "x-tenant": "globex", "x-scope-orgid": "globex"}
    answer = httpx.post(
        f"{flowtrail.otlp}/v1/traces?tenant=globex",
        content=a_case("acme", "reserve-stock", b"\1" * 24),
        headers=words | bearer(flowtrail.keys["acme", "ingest"]),
    )
    assert answer.status_code == 200, answer.text
    with grpc.insecure_channel(flowtrail.grpc) as channel:
        metadata = [*bearer(flowtrail.keys["globex", "ingest"]).items(), ("x-tenant", "acme"), ("tenant", "acme")]
        channel.unary_unary(EXPORT)(a_case("globex", "pick-items", b"\1" * 24), metadata=metadata, timeout=20)
    for tenant in ("acme", "globex"):
        assert flowtrail.until(lambda tenant=tenant: ask(flowtrail, tenant, "/search", q=CASE)["results"])
    return flowtrail


def ask(flowtrail, tenant, path, **params):
    headers = bearer(flowtrail.keys[tenant, "read"])
    answer = httpx.get(f"{flowtrail.web}/api/v1{path}", params=params, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("tenant", "step"), [("acme", "reserve-stock"), ("globex", "pick-items")])
def test_each_tenant_sees_its_own_trail_alone(sent, tenant, step):
    trail = ask(sent, tenant, f"/flows/order-to-cash/cases/{CASE}/trail")
    assert {(event["system"], event["step"]) for event in trail["events"]} == {(f"shop-of-{tenant}", step)}
    assert trail["case"]["systems"] == [f"shop-of-{tenant}"]
    assert trail["case"]["shared_with"] == []


@pytest.mark.parametrize("tenant", ["acme", "globex"])
@pytest.mark.parametrize("text", [CASE, "PKG-7001", "01" * 16])
def test_each_tenant_finds_one_case_by_any_id(sent, tenant, text):
    (found,) = ask(sent, tenant, "/search", q=text)["results"]
    assert (found["case_id"], found["now"]["system"]) == (CASE, f"shop-of-{tenant}")


@pytest.mark.parametrize("tenant", ["acme", "globex"])
def test_each_tenant_counts_one_case(sent, tenant):
    (flow,) = (flow for flow in ask(sent, tenant, "/flows")["flows"] if flow["cases"])
    assert (flow["name"], flow["cases"]) == ("order-to-cash", 1)
    kpi = ask(sent, tenant, "/flows/order-to-cash/kpis/time-to-fulfil")
    assert kpi["n"] == 1
    assert len(ask(sent, tenant, "/flows/order-to-cash/cases")["cases"]) == 1


def test_the_tenant_that_everybody_claimed_to_be_has_nothing(sent):
    key = keys(sent.data, "create", "--quiet", "--scope", "read")
    sent.keys["default", "read"] = key
    assert sent.until(lambda: httpx.get(f"{sent.web}/api/v1/flows", headers=bearer(key)).status_code == 200)
    assert ask(sent, "default", "/search", q=CASE)["results"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 401),
        ([("authorization", "Bearer {read}")], 403),
        ([("authorization", "Bearer {ingest}"), ("authorization", "Bearer {other}")], 401),
        ([("authorization", "Bearer {ingest},Bearer {other}")], 401),
        ([("authorization", "Bearer " + "k" * 20_000)], 401),
        ([("authorization", "Bearer ftk_" + "0" * 12 + "_" + "0" * 48)], 401),
        ([("x-forwarded-for", "127.0.0.1")], 401),
    ],
)
def test_senders_without_a_right_are_refused_on_both_ports(flowtrail, headers, status):
    texts = {
        "read": flowtrail.keys["acme", "read"],
        "ingest": flowtrail.keys["acme", "ingest"],
        "other": flowtrail.keys["globex", "ingest"],
    }
    filled = [(name, value.format(**texts)) for name, value in headers]
    answer = httpx.post(
        f"{flowtrail.otlp}/v1/traces", content=b"", headers=[("content-type", "application/x-protobuf"), *filled]
    )
    assert answer.status_code == status
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    wanted = grpc.StatusCode.UNAUTHENTICATED if status == 401 else grpc.StatusCode.PERMISSION_DENIED
    with grpc.insecure_channel(flowtrail.grpc) as channel, pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary(EXPORT)(b"", metadata=filled, timeout=20)
    # gRPC itself refuses metadata above 8 KiB.
    assert failed.value.code() in {wanted, grpc.StatusCode.RESOURCE_EXHAUSTED}


def test_a_revoked_key_is_refused_soon_and_the_door_stays_closed(flowtrail):
    key = keys(flowtrail.data, "create", "--quiet", "--scope", "operate", "--scope", "ingest")
    url, words = f"{flowtrail.otlp}/v1/traces", {"content-type": "application/x-protobuf"}

    def status():
        return httpx.post(url, content=b"", headers=words | bearer(key)).status_code

    assert flowtrail.until(lambda: status() == 200)
    keys(flowtrail.data, "revoke", key.split("_")[1])
    assert flowtrail.until(lambda: status() == 401)
    assert httpx.post(url, content=b"", headers=words).status_code == 401
    (used,) = (one for one in json.loads(keys(flowtrail.data, "list", "--json")) if one["id"] == key.split("_")[1])
    assert used["revoked"]


def test_the_dashboards_go_on_to_show_this_machine_the_default_tenant(sent):
    page = httpx.get(sent.web)
    assert (page.status_code, "<title>Flowtrail" in page.text) == (200, True)


def test_the_dashboards_are_nobody_elses_business(sent):
    page = httpx.get(sent.web, headers={"x-forwarded-for": "192.0.2.7"})
    assert page.status_code == 403
    assert "FLOWTRAIL_API_KEY" in page.text


@pytest.mark.parametrize(("scope", "exported"), [("ingest", 1), ("read", 0)])
def test_the_sdk_sends_with_its_key(flowtrail, scope, exported):
    runtime = sdk.Runtime("sdk-shop", flowtrail.otlp, key=flowtrail.keys["acme", scope])
    with sdk.Flow("returns", runtime=runtime).case("RMA-1").step("receive-parcel"):
        pass
    assert runtime.flush(30)
    stats = runtime.stats()
    runtime.shutdown(5)
    assert (stats.exported, stats.failed) == (exported, 1 - exported)
