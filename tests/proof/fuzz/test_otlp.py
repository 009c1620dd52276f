"""Whatever is sent to an OTLP address, the answer is OTLP's, and what was taken is stored or in dead letters."""

from __future__ import annotations

import gzip
import math
import random

import grpc
from backports import zstd
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from collector.signals import SHAPES
from proof.fuzz.answers import ALLOWED, JSON, rejected
from proof.fuzz.door import decodable
from proof.fuzz.messages import message, nearly
from proof.fuzz.profile import tries

SHAPE = st.sampled_from(list(SHAPES.values()))
SEED = st.integers(0, 2**64 - 1)
GRPC_ALLOWED = {"INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED"}


def test_protobuf_sound_or_not(door):
    @tries(150)
    @given(SHAPE, SEED, st.booleans())
    def run(shape, seed, sound):
        dice = random.Random(seed)
        body = message(shape, dice).SerializeToString()
        body = body if sound else nearly(body, dice)
        answer = door.post(shape, body)
        taken = door.count(shape, body, answer) if decodable(shape, body) else rejected(shape, answer) is not None
        assert not taken or decodable(shape, body)

    run()
    door.expect_all()


def test_a_request_of_one_signal_at_the_address_of_another(door):
    @tries(60)
    @given(SHAPE, SHAPE, SEED)
    def run(sent, address, seed):
        body = message(sent, random.Random(seed)).SerializeToString()
        answer = door.post(address, body)
        if decodable(address, body):
            door.count(address, body, answer)
        else:
            assert rejected(address, answer) is None

    run()
    door.expect_all()


def test_compressed_frames_sound_or_not(door):
    packers = {"gzip": gzip.compress, "zstd": zstd.compress}

    @tries(80)
    @given(SHAPE, SEED, st.sampled_from(sorted(packers)), st.booleans())
    def run(shape, seed, encoding, sound):
        dice = random.Random(seed)
        body = message(shape, dice).SerializeToString()
        packed = packers[encoding](body)
        if sound:
            assert door.count(shape, body, door.post(shape, packed, content_encoding=encoding)) or body
            return
        # A frame that was changed may still be sound, or hold something else: checked by the store alone, not counted.
        answer = door.post(shape, nearly(packed, dice) + b"\xff" * 3, content_encoding=encoding)
        assert rejected(shape, answer) is None

    run()
    door.expect_all()


def test_bytes_over_grpc(door):
    refused = []

    @tries(80)
    @given(SHAPE, SEED, st.booleans())
    def run(shape, seed, sound):
        dice = random.Random(seed)
        body = message(shape, dice).SerializeToString()
        body = body if sound else nearly(body, dice)
        export = door.running.grpc.unary_unary(f"/{shape.service}/Export")
        try:
            answer = export(body, timeout=10)
        except grpc.RpcError as error:
            refused.append(error)
            return
        not_taken = getattr(shape.response.FromString(answer).partial_success, shape.rejected)
        assert door.count_taken(shape, body, not_taken)

    run()
    assert {error.code().name for error in refused} <= GRPC_ALLOWED
    assert all(error.details() for error in refused)
    door.expect_all()


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def test_json_with_anything_anywhere(door):
    @tries(120)
    @given(SHAPE, SEED, st.data())
    def run(shape, seed, data):
        dice = random.Random(seed)
        document = MessageToDict(message(shape, dice))
        for _ in range(data.draw(st.integers(0, 3))):
            _plant(document, data.draw(ANY), dice)
        answer = door.running.http.post(shape.path, json=_finite(document), headers={"content-type": JSON})
        rejected(shape, answer)

    run()
    assert door.running.http.get("/healthz").status_code == 200


def test_json_that_is_none(door):
    @tries(60)
    @given(SHAPE, st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
    def run(shape, body):
        answer = door.running.http.post(shape.path, content=body, headers={"content-type": JSON})
        assert answer.status_code in ALLOWED
        rejected(shape, answer)

    run()


def _plant(document, value, dice):
    """Put ``value`` in the place of something in ``document``, however deep."""
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = dice.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and dice.random() < 0.8:
            place = place[key]
            continue
        place[key] = value
        return


def _finite(value):
    """The same without infinities and lone surrogates, which JSON has no way to write."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return 0 if isinstance(value, float) and not math.isfinite(value) else value
