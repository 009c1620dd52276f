"""OTLP's checklist for senders, as far as no other module tells it.

Sizes, ``Retry-After``, what is not tried again and what is counted: test_exporter.py. Pauses: test_retries.py. What is
dropped: test_queue.py.
"""

from __future__ import annotations

import socket
from contextlib import closing

import flowtrail
import pytest
from flowtrail import _retries
from flowtrail._settings import Settings


def send(runtime: flowtrail.Runtime, steps: int) -> None:
    flow = flowtrail.Flow("order-to-cash", runtime=runtime)
    with flow.case("SO-1") as case:
        for number in range(steps):
            with case.step(f"step-{number}"):
                pass
            assert runtime.flush(30)


def test_should_limit_the_size_of_a_request():
    """To what receivers take by default: 20 MiB over HTTP, before compression."""
    assert Settings.max_request_bytes == 20 * 1024 * 1024


def test_backoff_is_exponential_with_jitter():
    """Clients that failed together do not come back together."""
    pauses = {_retries.growing(3) for _ in range(50)}
    assert len(pauses) > 10
    assert min(pauses) >= 0.8 * 0.8
    assert max(pauses) <= 0.8 * 1.2


def test_connections_are_kept_alive(receiver):
    """Several requests use one connection."""
    runtime = flowtrail.Runtime("wms", receiver.url)
    send(runtime, 4)
    runtime.shutdown(5)
    assert len(receiver.requests) >= 4
    assert len(receiver.peers) == len(receiver.requests)
    assert len(set(receiver.peers)) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_each_destination_has_a_queue_of_its_own(receiver, order):
    """One that does not answer holds up no other."""
    with closing(socket.socket()) as silent:  # bound and not listening: connections are refused
        silent.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}"
        send_to_both(nobody, receiver.url, order)


def send_to_both(nobody, somebody, order):
    runtimes = [flowtrail.Runtime("wms", url, timeout_s=1) for url in (nobody, somebody)]
    flows = [flowtrail.Flow("order-to-cash", runtime=runtime) for runtime in runtimes][::order]
    for flow in flows:
        with flow.case("SO-1") as case, case.step("reserve-stock"):
            pass
    assert runtimes[1].flush(30)
    assert runtimes[1].stats().exported == 1
    for runtime in runtimes:
        runtime.shutdown(0)
