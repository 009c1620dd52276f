from __future__ import annotations

import pytest

from collector.principal import Principal
from collector.service import Collector
from tests.collector.running import JSON, PROTOBUF, Running, settings
from tests.collector.spans import request

PAGES = [{"origin": "https://a.example"}, {"origin": "null"}, {"sec-fetch-site": "same-origin"}]


@pytest.mark.parametrize("mark", PAGES)
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
def test_no_page_writes_without_a_key(running, sink, path, mark):
    for kind in (PROTOBUF, JSON):
        answer = running.http.post(path, content=b"{}", headers=kind | mark)
        assert (answer.status_code, answer.headers["content-type"]) == (403, kind["content-type"])
    assert sink.envelopes == []


@pytest.mark.parametrize("mark", PAGES)
def test_a_page_with_a_key_may(tmp_path, sink, mark):
    with Running(Collector(settings(tmp_path), sink, authenticate=lambda *_: Principal("acme", "k1"))) as running:
        assert running.http.post("/v1/traces", content=request(1), headers=PROTOBUF | mark).status_code == 200
