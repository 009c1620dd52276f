from dataclasses import dataclass

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.errors import Refusal
from collector.principal import Principal
from collector.quotas import Quotas
from collector.service import Collector
from tests.collector import running
from tests.collector.running import Running
from tests.collector.spans import request

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 1000.0

    def __call__(self):
        return self.now


def taken(quotas, sender, size):
    """None if it was let through, else the refusal."""
    try:
        quotas.take(sender, size)
    except Refusal as refusal:
        return refusal
    return None


RATES = st.sampled_from([0.05, 0.5, 1, 3, 7.5, 100, 1e6])
STEPS = st.lists(
    st.tuples(st.floats(0, 5, allow_subnormal=False), st.integers(0, 2000)), min_size=1, max_size=60
)  # pause in seconds, bytes of the request that follows


@settings(deadline=None)
@given(requests_per_s=RATES, bytes_per_s=RATES, burst_s=st.sampled_from([1, 2.5, 10, 60]), steps=STEPS)
def test_never_more_passes_than_the_rate_and_one_burst(requests_per_s, bytes_per_s, burst_s, steps):
    clock = Clock()
    quotas, sender = Quotas(burst_s, clock), Principal("acme", "k", requests_per_s, bytes_per_s)
    passed = []
    for pause, size in steps:
        clock.now += pause
        if taken(quotas, sender, size) is None:
            passed.append((clock.now, size))
    # Over every stretch of time, not only from the beginning.
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            elapsed = passed[last][0] - passed[first][0]
            within = passed[first : last + 1]
            assert len(within) <= max(requests_per_s * burst_s, 1) + requests_per_s * (elapsed + 2e-6) + 1e-6
            assert sum(size for _, size in within) <= bytes_per_s * (elapsed + burst_s + 2e-6) + 1e-6


@settings(deadline=None)
@given(requests_per_s=RATES, bytes_per_s=RATES, steps=STEPS)
def test_a_sender_that_waits_as_asked_is_let_through(requests_per_s, bytes_per_s, steps):
    clock = Clock()
    quotas, sender = Quotas(10, clock), Principal("acme", "k", requests_per_s, bytes_per_s)
    for pause, size in steps:
        clock.now += pause
        refusal = taken(quotas, sender, size)
        if refusal is not None and refusal.code == "quota_exceeded":
            clock.now += refusal.retry_after_s
            assert taken(quotas, sender, size) is None


def test_the_wait_is_the_least_number_of_whole_seconds():
    clock = Clock()
    quotas, sender = Quotas(2, clock), Principal("acme", "k", 0, 100)
    assert taken(quotas, sender, 200) is None
    assert taken(quotas, sender, 150).retry_after_s == 2
    clock.now += 0.5
    assert taken(quotas, sender, 150).retry_after_s == 1
    clock.now += 0.999
    assert taken(quotas, sender, 150).retry_after_s == 1
    clock.now += 0.001
    assert taken(quotas, sender, 150) is None


def test_a_refused_request_is_not_charged():
    clock = Clock()
    quotas, sender = Quotas(1, clock), Principal("acme", "k", 10, 100)
    assert taken(quotas, sender, 60) is None
    for _ in range(50):
        assert taken(quotas, sender, 60).code == "quota_exceeded"
    assert taken(quotas, sender, 40) is None


def test_looking_at_the_head_charges_nothing():
    quotas, sender = Quotas(1, Clock()), Principal("acme", "k", 1, 0)
    for _ in range(5):
        quotas.expect_room(sender, 10)
    assert taken(quotas, sender, 10) is None
    with pytest.raises(Refusal):
        quotas.expect_room(sender)


def test_what_never_fits_is_too_large_and_not_to_be_sent_again():
    refusal = taken(Quotas(2, Clock()), Principal("acme", "k", 0, 100), 201)
    assert (refusal.code, refusal.retry_after_s) == ("too_large", None)
    assert "200 bytes at once" in refusal.message


def test_a_quota_below_one_request_per_second_still_lets_one_through():
    clock = Clock()
    quotas, sender = Quotas(1, clock), Principal("acme", "k", 0.1, 0)
    assert taken(quotas, sender, 0) is None
    assert taken(quotas, sender, 0).retry_after_s == 10


def test_keys_do_not_share_a_quota_and_no_quota_is_no_limit():
    quotas = Quotas(1, Clock())
    assert taken(quotas, Principal("acme", "a", 1, 0), 1) is None
    assert taken(quotas, Principal("acme", "b", 1, 0), 1) is None
    for free in (Principal("acme", "c"), Principal("default")):
        assert all(taken(quotas, free, 10**9) is None for _ in range(100))


def test_idle_keys_are_forgotten():
    clock = Clock()
    quotas = Quotas(1, clock)
    for number in range(20_000):
        quotas.take(Principal("acme", f"k{number}", 1000, 0), 1)
        clock.now += 0.001
    assert len(quotas) <= 2048
    assert taken(quotas, Principal("acme", "k0", 1, 0), 1) is None


def test_a_key_in_use_is_never_forgotten():
    clock = Clock()
    quotas, busy = Quotas(1, clock), Principal("acme", "busy", 0.001, 0)
    quotas.take(busy, 1)
    for number in range(5000):
        quotas.take(Principal("acme", f"k{number}", 1e9, 0), 1)
        clock.now += 0.01
    assert 949 <= taken(quotas, busy, 1).retry_after_s <= 951


@pytest.fixture
def limited(tmp_path, sink):
    """A collector that gives every sender two requests and then one in a thousand seconds."""
    collector = Collector(
        running.settings(tmp_path, quota_burst_s=2000),
        sink,
        authenticate=lambda _headers, _peer, _scope: Principal("acme", "k", 0.001, 0),
    )
    with Running(collector) as limited:
        yield limited


def test_over_http_the_answer_says_when_to_try_again(limited):
    assert [limited.post(request()).status_code for _ in range(2)] == [200, 200]
    response = limited.post(request())
    assert response.status_code == 429
    assert 990 <= int(response.headers["retry-after"]) <= 1000
    status = Status.FromString(response.content)
    assert (status.code, "quota" in status.message) == (8, True)
    refused = [n for name, n in limited.metrics().items() if 'outcome="quota_exceeded"' in name]
    assert sum(refused) == 1


def test_over_grpc_the_answer_says_when_to_try_again(limited):
    export = limited.grpc.unary_unary(EXPORT)
    export(request(), timeout=20)
    export(request(), timeout=20)
    with pytest.raises(grpc.RpcError) as failed:
        export(request(), timeout=20)
    assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    status = Status.FromString(dict(failed.value.trailing_metadata())["grpc-status-details-bin"])
    retry = RetryInfo()
    assert any(detail.Unpack(retry) for detail in status.details)
    assert 990 <= retry.retry_delay.seconds <= 1000
