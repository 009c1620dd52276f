"""``kill -9`` in the middle of the demo: after the restart everything acknowledged is there, exactly once."""

import httpx

from demo.run import Demo
from tests.e2e.running import Flowtrail, verify
from tests.e2e.test_demo_truth import FLOW, shown, told

ORDERS, SERIES = 12, 60_000_000


def test_nothing_is_lost_and_nothing_counted_twice(new_data, tmp_path):
    server = Flowtrail(new_data())
    server.start()
    try:
        with Demo(server.otlp, tmp_path / "systems", series=SERIES) as demo:
            demo.push(ORDERS)
            assert server.until(lambda: server.get("/flows")["flows"])
            server.kill()
            server.start()
            assert demo.wait_until_through(120)
            # The systems send again what was not acknowledged; a stop would cut that short.
            assert server.until(lambda: not next(_different(server, demo), None)), dict(_different(server, demo))
        assert len(demo.truth()["orders"]) == ORDERS
        assert server.get("/flows")["flows"][0]["cases"] == ORDERS
    finally:
        server.stop()
    assert verify(server.data)[0] == 0


def _different(server, demo):
    """(number, what is not as it was) of one order after the other."""
    for number, order in demo.truth()["orders"].items():
        answer = httpx.get(f"{server.web}/api/v1{FLOW}/cases/{number}", timeout=60)
        case, expected = shown(answer.json()) if answer.is_success else {}, told(order)
        if not case:
            yield number, answer.text
        elif case != expected:
            yield number, {key: (case[key], expected[key]) for key in expected if case[key] != expected[key]}
