"""The whole chain: from an OTLP request to a case that can be asked for, then how fast it is asked for.

``flowtrail serve`` runs in a process of its own; requests made beforehand are sent over kept-alive connections. Every
span is a step of a case with eleven attributes; every case has ten steps and one package that it shares with the next
case, so that correlation, sharing and the fold all have work.
"""

from __future__ import annotations

import http.client
import random
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cases.trail import trail
from store.client import Store, open_store
from tests.e2e.running import Flowtrail

FLOW = "order-to-cash"
STEPS = ("receive", "check", "book", "reserve", "pick", "pack", "ship", "deliver", "invoice", "close")
CASES_A_REQUEST = 50
SENDERS = 4
QUESTIONS = 200


@dataclass(frozen=True)
class Load:
    """What to send: ``cases`` of ten spans each; case ids rise with time."""

    cases: int

    @property
    def spans(self) -> int:
        return self.cases * len(STEPS)


def run(spans: int = 500_000) -> dict[str, Any]:
    """Spans a second until queryable, bytes a span by table, memory, and latencies in milliseconds (p50, p95)."""
    load = Load(spans // len(STEPS))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with Flowtrail(data) as server:
            figures = {"spans": load.spans, **_ingest(server, load), **_over_http(server, load)}
            figures["resident_peak_mib"] = _peak_mib(server.pid)
        store = open_store(f"chdb://{data / 'store'}")
        try:
            return {**figures, **_in_the_store(store, load), **_sizes(store, load.spans)}
        finally:
            store.close()


def _ingest(server: Flowtrail, load: Load) -> dict[str, Any]:
    bodies = [_request(first) for first in range(0, load.cases, CASES_A_REQUEST)]
    began = time.perf_counter()
    _send(server.otlp, bodies)
    acknowledged = time.perf_counter() - began
    if not server.until(lambda: _folded(server) >= load.cases, within_s=3600):
        raise RuntimeError(f"only {_folded(server):,} of {load.cases:,} cases were folded")
    queryable = time.perf_counter() - began
    return {
        "acknowledged_spans_per_s": load.spans / acknowledged,
        "queryable_spans_per_s": load.spans / queryable,
        "visible_ms": _visible(server),
    }


def _send(address: str, bodies: list[bytes]) -> None:
    waiting = iter(bodies)
    lock = threading.Lock()

    def sender() -> None:
        host, port = address.removeprefix("http://").rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=300)
        while True:
            with lock:
                body = next(waiting, None)
            if body is None:
                return
            _post(connection, body)

    threads = [threading.Thread(target=sender) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _post(connection: http.client.HTTPConnection, body: bytes) -> None:
    while True:
        connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        answer.read()
        if answer.status == httpx.codes.OK:
            return
        if answer.status != httpx.codes.SERVICE_UNAVAILABLE:
            raise RuntimeError(f"the collector answered {answer.status}")
        time.sleep(0.1)


def _folded(server: Flowtrail) -> int:
    flows = server.get("/flows")["flows"]
    return sum(int(flow["cases"]) for flow in flows)


def _visible(server: Flowtrail) -> dict[str, float]:
    """Milliseconds from the acknowledgement of a new case's first step to its trail, one case at a time, when idle."""
    took = []
    for number in range(20):
        body = _request(10_000_000 + number, cases=1)
        host, port = server.otlp.removeprefix("http://").rsplit(":", 1)
        _post(http.client.HTTPConnection(host, int(port)), body)
        began = time.perf_counter()
        path = f"{server.web}/api/v1/flows/{FLOW}/cases/{_case(10_000_000 + number)}/trail"
        while httpx.get(path, timeout=60).status_code != httpx.codes.OK:
            time.sleep(0.01)
        took.append(1000 * (time.perf_counter() - began))
    return _quantiles(took)


def _over_http(server: Flowtrail, load: Load) -> dict[str, Any]:
    dice = random.Random(1)
    numbers = [dice.randrange(load.cases) for _ in range(QUESTIONS)]
    with httpx.Client(base_url=f"{server.web}/api/v1", timeout=300) as client:

        def ask(path: str) -> float:
            began = time.perf_counter()
            client.get(path).raise_for_status()
            return 1000 * (time.perf_counter() - began)

        return {
            "search_http_ms": _quantiles([ask(f"/search?q=PK-{number // 2}") for number in numbers]),
            "trail_http_ms": _quantiles([ask(f"/flows/{FLOW}/cases/{_case(number)}/trail") for number in numbers]),
            "kpi_page_http_ms": _quantiles([ask(f"/flows/{FLOW}/kpis") for _ in range(20)]),
        }


def _in_the_store(store: Store, load: Load) -> dict[str, Any]:
    dice = random.Random(2)
    now = datetime.now(UTC)

    def timed(work: Any) -> float:
        began = time.perf_counter()
        work()
        return 1000 * (time.perf_counter() - began)

    traces = [f"{dice.randrange(load.cases) + 1:032x}" for _ in range(QUESTIONS)]
    cases = [_case(dice.randrange(load.cases)) for _ in range(QUESTIONS)]
    by_trace = "SELECT * FROM otel_traces WHERE Tenant = 'default' AND TraceId = {trace:String}"
    return {
        "trace_by_id_store_ms": _quantiles(
            [timed(lambda trace=trace: store.rows(by_trace, trace=trace)) for trace in traces]
        ),
        "trail_store_ms": _quantiles(
            [timed(lambda case=case: trail(store, "default", (FLOW, case), now)) for case in cases]
        ),
    }


def _sizes(store: Store, spans: int) -> dict[str, Any]:
    store.command("OPTIMIZE TABLE otel_traces FINAL")
    rows = store.rows(
        "SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts "
        "WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC"
    )
    by_table = {row["table"]: row["bytes"] / spans for row in rows if row["bytes"] > spans // 10}
    return {"bytes_per_span": sum(by_table.values()), "bytes_per_span_by_table": by_table}


def _request(first: int, cases: int = CASES_A_REQUEST) -> bytes:
    message = ExportTraceServiceRequest()
    systems = {name: message.resource_spans.add() for name in ("shop", "erp", "wms")}
    for name, group in systems.items():
        group.resource.attributes.add(key="service.name").value.string_value = name
        group.scope_spans.add().scope.name = "flowtrail"
    for number in range(first, first + cases):
        for place, step in enumerate(STEPS):
            system = ("shop", "erp", "wms")[place % 3]
            _span(systems[system].scope_spans[0].spans.add(), number, place, step, system)
    body: bytes = message.SerializeToString()
    return body


def _span(span: Any, number: int, place: int, step: str, system: str) -> None:
    start = 1_780_000_000_000_000_000 + number * 1_000_000_000 + place * 60_000_000_000
    span.trace_id = (number + 1).to_bytes(16, "big")
    span.span_id = (number * len(STEPS) + place + 1).to_bytes(8, "big")
    span.name, span.kind = step, 1
    span.start_time_unix_nano, span.end_time_unix_nano = start, start + 1_500_000_000 + number % 1000
    words = {
        "flow.name": FLOW,
        "flow.version": "1",
        "flow.case.id": _case(number),
        "flow.step": step,
        "flow.step.kind": "task",
        "flow.actor.type": "service",
        "flow.actor.id": system,
        "flow.dim.channel": ("web", "edi", "phone")[number % 3],
        "flow.dim.region": ("north", "south")[number % 2],
    }
    if place == STEPS.index("reserve"):
        words |= {"flow.ref.item": f"IT-{number}"}
    elif place in (STEPS.index("pack"), STEPS.index("ship")):  # the warehouse knows no order
        del words["flow.case.id"]
        words |= {"flow.ref.item": f"IT-{number}", "flow.ref.package": f"PK-{number // 2}"}
    elif step == "close":
        words |= {"flow.case.outcome": "completed"}
    for key, value in words.items():
        span.attributes.add(key=key).value.string_value = value
    span.attributes.add(key="flow.attempt").value.int_value = 1
    span.attributes.add(key="flow.cost.amount").value.double_value = 0.25


def _case(number: int) -> str:
    return f"SO-{number:09}"


def _quantiles(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {"p50": statistics.median(ordered), "p95": ordered[int(len(ordered) * 0.95)]}


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    sys.stdout.write(f"{run(*(int(word) for word in sys.argv[1:]))}\n")
