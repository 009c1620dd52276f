"""OTLP's receiver checklist, part "General"."""

from __future__ import annotations

import pytest

from store.intake import Signal
from tests.collector import export
from tests.collector.export import SHAPES, WAYS, items_of, send
from tests.collector.running import eventually


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_must_support_compression_none_and_gzip(running, sink, way, signal, compression):
    """Every signal arrives over every protocol, compressed or not, and the same is stored."""
    answer = send(running, way, signal, export.good(way, signal), compression)
    assert answer.ok
    eventually(lambda: bool(sink.envelopes))
    (envelope,) = sink.envelopes
    assert (envelope.signal, len(items_of(envelope))) == (signal, 1)


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("way", WAYS)
def test_empty_request_should_respond_success(running, way, signal):
    """A request that holds nothing is a success, and nothing is kept."""
    answer = send(running, way, signal, b"{}" if way == "http/json" else b"")
    assert answer.ok
    assert running.collector.pending_bytes == 0


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("way", WAYS)
def test_receivers_may_ignore_empty_envelopes(running, way, signal):
    """Resources and scopes without anything in them are a success, and nothing is kept."""
    groups, scopes, _ = SHAPES[signal].levels
    message = SHAPES[signal].request()
    group = getattr(message, groups).add()
    getattr(group, scopes).add()
    getattr(message, groups).add()
    camel = {
        name: "".join([first, *map(str.capitalize, rest)])
        for name in (groups, scopes)
        for first, *rest in [name.split("_")]
    }
    body = message.SerializeToString()
    if way == "http/json":
        body = f'{{"{camel[groups]}": [{{"{camel[scopes]}": [{{}}]}}, {{}}]}}'.encode()
    assert send(running, way, signal, body).ok
    assert running.collector.pending_bytes == 0
