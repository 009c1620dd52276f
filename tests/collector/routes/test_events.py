"""``POST /v1/events`` over real HTTP."""

from __future__ import annotations

import gzip
import json

import pytest

from collector.errors import Refusal
from collector.principal import Principal
from collector.service import Collector
from tests.collector.events.reading import SMALL
from tests.collector.running import Running, eventually, settings
from tests.collector.spans import span_names

PATH = "/v1/events"


def send(running, content, **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    if "content_type" not in headers:
        named["content-type"] = "application/json"
    return running.http.post(PATH, content=body, headers=named)


def test_an_event_is_on_its_way_to_the_store_when_it_is_accepted(running, sink):
    answer = send(running, SMALL)
    assert answer.status_code == 200
    [accepted] = answer.json()["accepted"]
    assert (accepted["index"], accepted["id"], answer.json()["rejected"]) == (0, "1", [])
    eventually(lambda: len(sink.spans) == 1)
    assert [span.hex() for span in sink.spans] == [accepted["span_id"]]
    assert sink.envelopes[0].tenant == "default"


def test_each_event_gets_its_result(running, sink):
    answer = send(running, [SMALL, {**SMALL, "id": "2", "time": "noon"}, {**SMALL, "id": "3"}])
    assert answer.status_code == 200
    assert [event["index"] for event in answer.json()["accepted"]] == [0, 2]
    [rejected] = answer.json()["rejected"]
    assert (rejected["index"], rejected["id"], rejected["errors"][0]["field"]) == (1, "2", "time")
    eventually(lambda: len(sink.spans) == 2)
    telemetry = running.collector.telemetry
    assert telemetry.requests.value(outcome="partial") == 1
    assert telemetry.rejected_items.value(reason="event: time") == 1


def test_when_none_is_good_the_answer_is_400_and_nothing_is_kept(running, sink):
    answer = send(running, [{**SMALL, "time": "noon"}, 5])
    assert answer.status_code == 400
    answer_body = answer.json()
    assert (answer_body["code"], answer_body["accepted"], [event["index"] for event in answer_body["rejected"]]) == (
        3,
        [],
        [0, 1],
    )
    assert answer_body["message"].startswith('All 2 events were rejected: "noon" is no time.')
    assert running.collector.dead_letters.count == 0


def test_an_event_sent_again_after_a_correction_is_the_last_one_received(running, sink):
    timed = {**SMALL, "time": 1_760_000_000}
    for event in (timed, {**timed, "step": "reject"}, timed):
        assert send(running, event).status_code == 200
    eventually(lambda: len(sink.envelopes) == 3)
    assert span_names(sink.envelopes[-1].request) == ["approve"]
    assert len(set(sink.spans)) == 1


def test_an_empty_list_is_taken(running):
    answer = send(running, [])
    assert (answer.status_code, answer.json()) == (200, {"accepted": [], "rejected": []})


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=UTF-8", "text/plain", "application/x-www-form-urlencoded", None,
     "application/x-ndjson", 'text/plain;charset="utf-8"'],
)  # fmt: skip
def test_json_is_taken_under_the_types_that_tools_send(running, content_type):
    assert send(running, SMALL, content_type=content_type).status_code == 200


@pytest.mark.parametrize("content_type", ["application/xml", "multipart/form-data", "application/json; charset=utf-16"])
def test_other_types_are_refused(running, content_type):
    answer = send(running, SMALL, content_type=content_type)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["message"]


def test_a_form_is_refused_with_a_hint(running):
    answer = send(running, b"case=SO-1&step=x", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "looks like a form" in answer.json()["message"]


@pytest.mark.parametrize(
    "mark", [{"origin": "https://elsewhere.example"}, {"origin": "null"}, {"sec_fetch_site": "same-origin"}]
)
@pytest.mark.parametrize("content_type", ["text/plain", "application/json", None])
def test_a_web_page_may_not_send_without_a_key(running, sink, mark, content_type):
    answer = send(running, SMALL, content_type=content_type, **mark)
    assert answer.status_code == 403
    assert "web page" in answer.json()["message"]
    assert sink.spans == []


def test_a_browser_gets_no_permission_to_ask_with_json(running):
    answer = running.http.options(PATH, headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


def by_key(headers, _peer, _scope):
    if headers.get("authorization") != "Bearer good":
        raise Refusal("unauthenticated", "No key.")
    return Principal("acme", "k1")


def test_a_key_gives_the_tenant_and_lets_pages_send(tmp_path, sink):
    with Running(Collector(settings(tmp_path), sink, authenticate=by_key)) as running:
        assert send(running, SMALL).status_code == 401
        answer = send(running, SMALL, authorization="Bearer good", origin="https://ours.example")
        assert answer.status_code == 200
        eventually(lambda: len(sink.envelopes) == 1)
    assert sink.envelopes[0].tenant == "acme"


def test_too_many_events_or_bytes_are_refused_before_they_are_read(tmp_path, sink):
    with Running(Collector(settings(tmp_path, max_events_per_request=2), sink)) as running:
        many = send(running, [SMALL] * 3)
        assert (many.status_code, many.json()["code"]) == (413, 8)
        assert "the limit is 2" in many.json()["message"]
        large = b'{"flow": "' + b"x" * 3_000_000 + b'"}'
        assert send(running, large).status_code == 413
        assert send(running, gzip.compress(large), content_encoding="gzip").status_code == 413
        assert send(running, gzip.compress(json.dumps(SMALL).encode()), content_encoding="gzip").status_code == 200


def test_a_full_log_refuses_events_for_now(tmp_path, sink):
    sink.down = True
    with Running(Collector(settings(tmp_path, log_cap_bytes=50), sink)) as running:
        assert send(running, SMALL).status_code == 200
        answer = send(running, SMALL)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        sink.down = False


def test_times_are_checked_as_those_of_otlp(running):
    answer = send(running, {**SMALL, "time": 5})
    assert answer.json()["rejected"][0]["errors"][0]["field"] == "time"


def test_the_schema_is_served(running):
    answer = running.http.get(f"{PATH}/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json()["$defs"]["Event"]["required"] == ["flow", "system", "step"]


def test_the_log_says_where_events_are_wrong_and_never_what_was_sent(running, caplog):
    for _ in range(3):
        send(running, [SMALL, {**SMALL, "time": "my-secret-time"}])
    [line] = [record for record in caplog.records if "rejected" in record.message]
    assert (line.getMessage(), line.tenant) == ("Events were rejected: event: time.", "default")
    assert "my-secret" not in caplog.text


def test_a_key_beyond_its_quota_waits_and_one_line_says_so(tmp_path, sink, caplog):
    limited = Principal("acme", "k1", requests_per_s=0.1)
    with Running(Collector(settings(tmp_path), sink, authenticate=lambda *_: limited)) as running:
        answers = [send(running, SMALL) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 429]
    assert int(answers[1].headers["retry-after"]) > 0
    [line] = [record for record in caplog.records if record.getMessage().startswith("Requests are refused")]
    assert (line.tenant, line.key_id, line.code) == ("acme", "k1", "quota_exceeded")


@pytest.mark.parametrize(
    "half", [b'{"flow": "f\\ud800"}', b'{"refs": {"\\ud800": 1}}', b'{"\\ud800": 1}', b'"\\ud800"']
)
def test_a_lone_surrogate_is_reported_and_breaks_nothing(running, half):
    answer = send(running, half)
    assert answer.status_code == 400
    assert answer.json()["rejected"][0]["errors"]
