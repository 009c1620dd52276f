from __future__ import annotations

import httpx
import pytest

from collector.errors import Refusal
from collector.principal import Principal, loopback_only
from collector.service import Collector
from store.intake import Signal
from tests.collector import export
from tests.collector.running import PROTOBUF, Running, eventually, settings
from tests.collector.spans import request, span_names, spoilt

PATH = "/v1/dead-letters"


def authenticate(headers, peer, scope) -> Principal:
    """Key ``a`` is tenant a's operator, ``b`` is b's; ``sender`` may send only; without one, as on a fresh start."""
    key = headers.get("authorization", "").removeprefix("Bearer ")
    if key == "sender" and scope == "operate":
        raise Refusal("forbidden", "The key lacks the scope operate.")
    return Principal(key, key) if key else loopback_only(headers, peer, scope)


def as_key(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"} if name else {}


@pytest.fixture
def running(tmp_path, sink):
    """A collector whose store refuses poison, with three letters of tenant a and one of b."""
    sink.refuse = lambda envelope: b"poison" in envelope.request
    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        poisoned = [export.request(Signal.LOGS).replace(b"picked", b"poison"), request(1, name="poison")]
        for tenant, body, path in (
            ("a", spoilt(2, span_id=b""), "/v1/traces"),
            ("a", poisoned[0], "/v1/logs"),
            ("a", poisoned[1], "/v1/traces"),
            ("b", poisoned[1], "/v1/traces"),
        ):
            assert running.http.post(path, content=body, headers=PROTOBUF | as_key(tenant)).status_code == 200
        eventually(lambda: running.collector.dead_letters.count == 4)
        yield running


def listed(running: Running, key: str, **query: object) -> list[dict]:
    answer = running.http.get(PATH, params=query, headers=as_key(key))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()["letters"]


def test_an_operator_sees_the_letters_of_the_own_tenant_and_why_they_are_there(running):
    door, log, poison = listed(running, "a")
    assert (door["origin"], door["items"], door["signal"]) == ("door", 1, "traces")
    assert "span_id is missing" in door["reason"]
    assert (log["origin"], log["signal"], log["reason"]) == ("store", "logs", "The store does not like it.")
    assert poison["received"].endswith("Z")
    assert {letter["tenant"] for letter in (door, log, poison)} == {"a"}
    assert [letter["tenant"] for letter in listed(running, "b")] == ["b"]
    assert listed(running, "") == []


def test_pages_follow_each_other_without_gap(running):
    first = running.http.get(PATH, params={"limit": 2}, headers=as_key("a")).json()
    second = running.http.get(PATH, params={"limit": 2, "after": first["next"]}, headers=as_key("a")).json()
    assert [letter["id"] for letter in first["letters"] + second["letters"]] == [
        letter["id"] for letter in listed(running, "a")
    ]
    assert second["next"] is None


def test_a_letter_is_shown_decoded_and_its_values_only_on_demand(running):
    _, log, poison = listed(running, "a")
    span = running.http.get(f"{PATH}/{poison['id']}", headers=as_key("a")).json()["request"]
    text = str(span)
    assert ("wms" in text, "service.name" in text, "poison" in text) == (False, True, True)
    assert len(span["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"]) == 32
    hidden = running.http.get(f"{PATH}/{log['id']}", headers=as_key("a")).json()["request"]
    shown = running.http.get(f"{PATH}/{log['id']}?values=true", headers=as_key("a")).json()["request"]
    assert ("poison" in str(hidden), "[string]" in str(hidden), "poison" in str(shown)) == (False, True, True)


def test_another_tenants_letter_does_not_exist(running):
    (foreign,) = listed(running, "b")
    for method, path in (("GET", f"/{foreign['id']}"), ("DELETE", f"/{foreign['id']}"), ("GET", "/../progress")):
        answer = running.http.request(method, f"{PATH}{path}", headers=as_key("a"))
        assert (answer.status_code, "message" in answer.json()) == (404, True)
    outcome = running.http.post(f"{PATH}/replay", json={"ids": [foreign["id"]]}, headers=as_key("a")).json()
    assert outcome["taken"] == []
    assert "There is no dead letter" in outcome["kept"][0]["reason"]
    assert running.collector.dead_letters.count == 4


def test_a_replay_stores_what_is_good_now_and_says_why_the_rest_stays(running, sink):
    door, log, poison = listed(running, "a")
    sink.refuse = lambda _one: False
    ids = [door["id"], log["id"], poison["id"], "unknown"]
    outcome = running.http.post(f"{PATH}/replay", json={"ids": ids}, headers=as_key("a")).json()
    assert outcome["taken"] == [log["id"], poison["id"]]
    assert [letter["id"] for letter in outcome["kept"]] == [door["id"], "unknown"]
    eventually(lambda: not running.collector.pending_bytes)
    stored = [envelope for envelope in sink.envelopes if b"poison" in envelope.request]
    assert sorted((envelope.tenant, str(envelope.signal)) for envelope in stored) == [("a", "logs"), ("a", "traces")]
    assert [span_names(envelope.request) for envelope in stored if envelope.signal is Signal.TRACES] == [["poison"]]


def test_a_dropped_letter_is_gone(running):
    door, *others = listed(running, "a")
    assert running.http.delete(f"{PATH}/{door['id']}", headers=as_key("a")).json() == {"dropped": door["id"]}
    assert listed(running, "a") == others
    assert running.http.delete(f"{PATH}/{door['id']}", headers=as_key("a")).status_code == 404


def test_a_key_without_the_scope_and_a_web_page_are_kept_out(running):
    assert running.http.get(PATH, headers=as_key("sender")).status_code == 403
    for page in ({"origin": "http://example.com"}, {"sec-fetch-site": "cross-site"}, {"host": "rebound.example.com"}):
        assert running.http.get(PATH, headers=page).status_code == 403
        assert running.http.post(f"{PATH}/replay", json={"ids": ["x"]}, headers=page).status_code == 403
    for host in ("localhost", "127.0.0.1:4318", "[::1]:4318", "LOCALHOST:1"):
        assert running.http.get(PATH, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "?limit=0", "", 400),
        ("GET", "?limit=1001", "", 400),
        ("GET", "?limit=ten", "", 400),
        ("GET", "?order=newest", "", 400),
        ("POST", "/replay", "", 400),
        ("POST", "/replay", '{"ids": []}', 400),
        ("POST", "/replay", '{"ids": [1]}', 400),
        ("POST", "/replay", '["1"]', 400),
        ("GET", "/x?values=yes", "", 400),
        ("POST", "", "", 405),
        ("GET", "/replay", "", 405),
        ("PUT", "/x", "", 405),
    ],
)
def test_an_invalid_request_is_refused_with_a_hint(running, method, path, body, code):
    answer = running.http.request(method, f"{PATH}{path}", content=body, headers=as_key("a"))
    assert (answer.status_code, answer.json()["message"] != "") == (code, True)


def test_damaged_bytes_of_the_log_are_seen_by_the_default_tenant_and_shown_to_nobody(tmp_path, sink):
    sink.down = True
    with Running(Collector(settings(tmp_path), sink)) as running:
        running.post(request(1))
    (file,) = tmp_path.glob("*.log")
    content = bytearray(file.read_bytes())
    content[-1] ^= 0xFF
    file.write_bytes(content)
    sink.down = False
    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        eventually(lambda: running.collector.dead_letters.count == 1)
        assert listed(running, "a") == []
        (letter,) = httpx.get(f"http://127.0.0.1:{running.http_port}{PATH}").json()["letters"]
        assert (letter["origin"], letter["tenant"], letter["received"]) == ("log", "", None)
        shown = running.http.get(f"{PATH}/{letter['id']}").json()
        assert shown["request"] is None
        answer = running.http.post(f"{PATH}/replay", json={"ids": [letter["id"]]}).json()["kept"]
        assert "damaged bytes" in answer[0]["reason"]
