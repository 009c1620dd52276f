from __future__ import annotations

import errno

from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from collector.durable_log.segment import FileSegment
from collector.service import Collector
from tests.collector.running import Running, eventually, settings
from tests.collector.spans import request


def assert_told_to_come_back(answer) -> None:
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert any(detail.Is(RetryInfo.DESCRIPTOR) for detail in Status.FromString(answer.content).details)


def test_a_full_log_refuses_requests_until_the_store_accepts_them_again(tmp_path, sink):
    sink.down = True
    with Running(Collector(settings(tmp_path, log_cap_bytes=5000), sink)) as running:
        taken = 0
        while (answer := running.post(request(5))).status_code == 200:
            taken += 1
        assert_told_to_come_back(answer)
        assert running.collector.pending_bytes < 5000 + 2000
        assert running.http.get("/readyz").json()["accepting"] is False
        sink.down = False
        eventually(lambda: running.collector.pending_bytes == 0)
        assert running.post(request(1)).status_code == 200
        eventually(lambda: len(sink.spans) == taken * 5 + 1)


def test_readiness_is_lost_before_the_log_is_full(tmp_path, sink):
    sink.down = True
    limits = {"log_cap_bytes": 20_000, "log_near_cap": 0.5, "retry_first_s": 10, "retry_longest_s": 10}
    with Running(Collector(settings(tmp_path, **limits), sink)) as running:
        while running.collector.pending_bytes < 10_000:
            assert running.post(request(5)).status_code == 200
        state = running.http.get("/readyz").json()
        assert (state["ready"], state["accepting"]) == (False, True)
        assert "full (log_cap_bytes)" in state["reasons"][0]
        assert running.post(request(1)).status_code == 200


def test_requests_are_refused_once_the_oldest_has_waited_too_long(tmp_path, sink):
    sink.down = True
    now_s = [1_760_000_100.0]
    limits = {"log_cap_age_s": 60}
    collector = Collector(settings(tmp_path, **limits), sink, clock=lambda: int(now_s[0] * 1e9))
    with Running(collector) as running:
        assert running.post(request(1)).status_code == 200
        now_s[0] += 58
        assert running.post(request(1)).status_code == 200
        assert "log_cap_age_s is 60" in running.http.get("/readyz").json()["reasons"][0]
        now_s[0] += 5
        assert_told_to_come_back(running.post(request(1)))
        assert running.http.get("/readyz").json()["accepting"] is False
        sink.down = False
        eventually(lambda: running.collector.pending_bytes == 0)
        assert running.post(request(1)).status_code == 200


def test_a_disk_that_has_room_again_is_noticed_without_a_request(tmp_path, sink):
    """A load balancer that looks at /readyz sends none while it says no."""
    full = True

    class Disk(FileSegment):
        def write(self, data, offset):
            if full:
                raise OSError(errno.ENOSPC, "No space left on device")
            super().write(data, offset)

    with Running(Collector(settings(tmp_path), sink, open_segment=Disk)) as running:
        assert_told_to_come_back(running.post(request(1)))
        assert running.http.get("/readyz").status_code == 503
        full = False
        eventually(lambda: running.http.get("/readyz").status_code == 200)


def test_requests_beyond_the_memory_limit_are_refused(tmp_path, sink):
    with Running(Collector(settings(tmp_path, max_inflight_bytes=1000), sink)) as running:
        assert_told_to_come_back(running.post(request(50)))
        assert running.post(request(1)).status_code == 200


def test_a_full_disk_is_never_acknowledged_and_leaves_nothing_half_written(tmp_path, sink):
    full = False

    class Disk(FileSegment):
        def write(self, data, offset):
            if full:
                super().write(data[: len(data) // 2], offset)
                raise OSError(errno.ENOSPC, "No space left on device")
            super().write(data, offset)

    with Running(Collector(settings(tmp_path), sink, open_segment=Disk)) as running:
        assert running.post(request(1)).status_code == 200
        full = True
        for _ in range(3):
            assert_told_to_come_back(running.post(request(10)))
        ready = running.http.get("/readyz").json()
        assert (ready["ready"], ready["accepting"]) == (False, False)
        assert "No space left on device" in ready["reasons"][0]
        full = False
        assert running.post(request(1)).status_code == 200
        assert running.http.get("/readyz").json()["accepting"] is True
        eventually(lambda: len(sink.spans) == 2)
        assert running.stop() is True
    assert len(sink.spans) == 2
