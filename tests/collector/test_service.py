from __future__ import annotations

import socket
from dataclasses import fields, replace

import pytest

from collector.errors import CollectorError, DirectoryInUse, PortTaken
from collector.service import Collector
from collector.settings import CollectorSettings
from tests.collector.running import Running, eventually, settings
from tests.collector.spans import request


@pytest.mark.parametrize("name", ["http_port", "grpc_port"])
def test_a_taken_port_is_named_with_its_setting_and_nothing_stays_open(tmp_path, sink, name):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is in use.*{name}") as taken:
            Running(Collector(settings(tmp_path, **{name: port}), sink)).__enter__()
    assert (taken.value.port, taken.value.setting) == (port, name)
    with Running(Collector(settings(tmp_path), sink)) as running:
        assert running.post(request()).status_code == 200


def test_two_collectors_cannot_share_a_port(tmp_path, sink):
    with Running(Collector(settings(tmp_path / "one"), sink)) as running:
        ports = {"http_port": running.collector.http_port, "grpc_port": running.collector.grpc_port}
        for name, port in ports.items():
            with pytest.raises(PortTaken, match=name):
                Running(Collector(settings(tmp_path / "two", **{name: port}), sink)).__enter__()


def test_two_collectors_cannot_share_a_log_directory(tmp_path, sink):
    with Running(Collector(settings(tmp_path), sink)) as running:
        with pytest.raises(DirectoryInUse, match=r"process \d+.*log_dir"):
            Running(Collector(settings(tmp_path), sink)).__enter__()
        assert running.post(request()).status_code == 200


def test_before_the_start_and_after_the_stop_there_are_no_ports(tmp_path, sink):
    collector = Collector(settings(tmp_path), sink)
    assert (collector.http_port, collector.grpc_port) == (0, 0)
    with pytest.raises(CollectorError, match="not running"):
        _ = collector.dead_letters
    with Running(collector) as running:
        port = running.http_port
        running.stop()
        assert collector.http_port == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_the_clock_and_the_ids_are_parameters(tmp_path, sink):
    with Running(Collector(settings(tmp_path), sink, clock=lambda: 1_760_000_000_000_000_042)) as running:
        running.post(request())
        eventually(lambda: bool(sink.envelopes))
    assert sink.envelopes[0].received_ns == 1_760_000_000_000_000_042


def test_zero_means_what_the_settings_say(tmp_path, sink):
    zeros = {"log_cap_bytes": 0, "segment_bytes": 0, "batch_bytes": 0, "batch_max_age_ms": 0, "max_inflight_bytes": 0}
    zeros |= {"max_connections": 0, "header_timeout_s": 0, "request_timeout_s": 0, "idle_timeout_s": 0}
    zeros |= {"commit_interval_ms": 0, "dead_letter_cap_bytes": 0}
    zeros |= {"max_grpc_requests": 0, "end_before_start_s": 0, "future_tolerance_s": 0, "oldest_year": 0}
    with Running(Collector(settings(tmp_path, **zeros), sink)) as running:
        for _ in range(3):
            assert running.post(request()).status_code == 200
        eventually(lambda: running.collector.pending_bytes == 0)
    assert [len(batch) for batch in sink.batches.values()] == [1, 1, 1]
    nothing = replace(settings(tmp_path), max_request_bytes=0)
    with Running(Collector(nothing, sink)) as running:
        assert running.post(b"").status_code == 200
        assert running.post(request()).status_code == 413


def test_every_setting_is_in_the_document_with_its_default(repository):
    text = (repository / "docs" / "collector.md").read_text(encoding="utf-8")
    missing = [field.name for field in fields(CollectorSettings) if f"| `{field.name}` |" not in text]
    assert missing == []
