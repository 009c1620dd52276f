"""Whatever is sent as events, each is taken or told why not, and what was taken is in the store under its ids."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from collector.signals import SHAPES
from proof.fuzz.answers import ALLOWED
from proof.fuzz.profile import tries
from store.intake import Signal
from tests.collector.running import eventually

TEXT = st.text(max_size=12)
SCALAR = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT
ANY = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
TIME = st.sampled_from(["2026-03-01T14:05:00+01:00", "2026-03-29T02:30:00", "now", 1_772_370_300, 1e300, "2026-02-30"])
WORDS = {
    "time": TIME,
    "end": TIME,
    "zone": st.sampled_from(["Europe/Berlin", "../etc/passwd", "UTC"]),
    "duration_s": st.floats() | st.integers(),
    "refs": st.dictionaries(st.sampled_from(["package", "ITEM", ""]), TEXT | st.lists(TEXT, max_size=3), max_size=2),
    "cost": st.fixed_dictionaries({"amount": st.floats() | st.decimals().map(str), "currency": TEXT}),
    "value": st.fixed_dictionaries({"amount": st.integers(), "currency": st.sampled_from(["EUR", "eur", ""])}),
    "error": st.fixed_dictionaries({"class": st.sampled_from(["business", "bad"]), "message": TEXT}),
    "actor": st.fixed_dictionaries({"type": st.sampled_from(["human", "cat"]), "id": TEXT}),
    "attempt": st.integers(-1, 2**33) | TEXT,
    "attributes": st.dictionaries(TEXT, SCALAR, max_size=3),
    "dims": st.dictionaries(TEXT, TEXT, max_size=3),
    "trace_id": st.sampled_from(["0" * 32, "A" * 32, "xyz"]),
    "nonsense": ANY,
    **dict.fromkeys(("state", "kind", "action", "outcome", "status", "reads", "approval", "flow_version"), ANY),
}
GOOD = st.fixed_dictionaries({"flow": TEXT, "system": TEXT, "step": TEXT, "case": TEXT, "id": TEXT}, optional=WORDS)
EVENT = GOOD | st.dictionaries(st.sampled_from([*WORDS, "flow", "step", "case", "id"]), ANY, max_size=6) | ANY


def test_events_of_any_shape(door):
    accepted = set()

    @tries(120)
    @given(EVENT | st.lists(EVENT, max_size=4), st.sampled_from(["application/json", "text/plain", ""]))
    def run(body, content_type):
        text = json.dumps(body)  # also NaN and lone surrogates, as careless programs write them
        answer = door.running.http.post("/v1/events", content=text, headers={"content-type": content_type})
        accepted.update(taken(answer))

    run()
    eventually(lambda: door.running.collector.pending_bytes == 0, 20)
    rows = door.store.rows("SELECT TraceId, SpanId FROM otel_traces WHERE ScopeName = 'flowtrail.events'")
    assert {(row["TraceId"], row["SpanId"]) for row in rows} == accepted
    door.taken[Signal.TRACES] += len(rows)
    door.expect_all()


def test_bytes_that_are_no_events(door):
    @tries(60)
    @given(st.binary(max_size=60), st.sampled_from(["application/json", "application/x-ndjson"]))
    def run(body, content_type):
        answer = door.running.http.post("/v1/events", content=body, headers={"content-type": content_type})
        assert not taken(answer)

    run()
    assert door.post(SHAPES[Signal.TRACES], b"").status_code == 200


def taken(answer):
    """The ids of the events that an answer says were taken. Fails unless every event's fate is told."""
    assert answer.status_code in ALLOWED, answer.text
    said = answer.json()
    if answer.status_code != 200:
        assert said["message"]
        return []
    assert all(one["errors"] for one in said["rejected"])
    return [(one["trace_id"], one["span_id"]) for one in said["accepted"]]
