from urllib.parse import quote

import pytest

from tests.cases import orders


@pytest.fixture(scope="module")
def trail_of(api):
    def read(case_id):
        response = api.get(f"/api/v1/flows/{orders.FLOW}/cases/{quote(case_id, safe='')}/trail")
        assert response.status_code == 200, response.text
        return response.json()

    return read


def steps(trail):
    return [event for event in trail["events"] if not event["plain"]]


def test_events_come_in_time_order_whatever_system_sent_them(trail_of):
    names = [f"{event['system']}/{event['name']}" for event in steps(trail_of("SO-1001"))]
    assert names == [
        "shop/capture",
        "erp/book",
        "erp/approve",
        "wms/pack",
        "carrier/label",
        "carrier/label",
        "billing/invoice",
        "billing/settle",
    ]


def test_lanes_are_systems_in_order_of_their_first_event(trail_of):
    assert trail_of("SO-1001")["lanes"] == ["shop", "erp", "erp-db", "wms", "carrier", "billing"]


def test_a_shared_event_names_the_other_case_and_this_ones_share_of_the_cost(trail_of):
    (pack,) = [event for event in steps(trail_of("SO-1001")) if event["name"] == "pack"]
    assert pack["shared"] == {"count": 2, "case_ids": ["SO-1002"]}
    assert pack["cost"] == {"amount": "0.25", "currency": "EUR"}
    assert pack["cost_share"] == {"amount": "0.125", "currency": "EUR"}
    assert pack["refs"] == [
        {"type": "item", "value": "SO-1001-1"},
        {"type": "item", "value": "SO-1002-1"},
        {"type": "package", "value": "P-1"},
    ]


def test_a_failed_attempt_and_its_retry_say_what_happened(trail_of):
    first, second = [event for event in steps(trail_of("SO-1001")) if event["name"] == "label"]
    assert first["failed"] is True
    assert first["error"] == {"class": "infrastructure", "type": "timeout", "message": "no answer in 5 s"}
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert second["error"] is None
    assert first["idempotency_key"] == second["idempotency_key"] == "P-1/label"


def test_a_finished_approval_hides_its_started_record_and_counts_as_a_touch(trail_of):
    (approval,) = [event for event in steps(trail_of("SO-1001")) if event["name"] == "approve"]
    assert approval["state"] == "finished"
    assert approval["kind"] == "approval"
    assert approval["actor"] == {"type": "human", "id": "dana"}
    assert approval["touch"] is True
    assert approval["duration_s"] == 600


def test_an_open_approval_is_listed_as_started(trail_of):
    trail = trail_of("SO-1003")
    _, approval = steps(trail)
    assert approval["state"] == "started"
    assert approval["end"] is None
    assert approval["duration_s"] is None
    assert approval["touch"] is False
    assert [wait["before"] for wait in trail["waits"]] == [approval["id"]]


def test_waits_lie_between_the_steps(trail_of):
    trail = trail_of("SO-1001")
    assert [event["wait_s"] for event in steps(trail)] == [None, 60, 420, 2400, 540, 55, 1135, 1740]
    assert [wait["seconds"] for wait in trail["waits"]] == [60, 420, 2400, 540, 55, 1135, 1740]
    assert trail["waits"][2]["from_system"] == "erp"
    assert trail["waits"][2]["to_system"] == "wms"


def test_a_case_in_flight_waits_until_now(trail_of):
    last = trail_of("SO-1002")["waits"][-1]
    assert last["before"] is None
    assert last["to_system"] is None
    assert last["from_system"] == "carrier"
    assert last["seconds"] == (2 * 24 - 1) * 3600 - 11 * 60 - 5


def test_plain_spans_of_the_traces_come_along(trail_of):
    plain = {event["name"]: event for event in trail_of("SO-1001")["events"] if event["plain"]}
    assert set(plain) == {"INSERT order", "nightly batch", "scan"}
    assert plain["INSERT order"]["kind"] == "client"
    assert plain["INSERT order"]["step"] is None
    assert plain["INSERT order"]["wait_s"] is None


def test_a_shared_trace_shows_neither_steps_nor_spans_of_other_orders(trail_of):
    assert "scan of SO-1009" not in [event["name"] for event in trail_of("SO-1001")["events"]]
    packs = [event for event in steps(trail_of("SO-1009")) if event["name"] == "pack"]
    assert len(packs) == 1
    assert {event["name"] for event in trail_of("SO-1009")["events"]} == {"pack", "scan of SO-1009", "nightly batch"}


def test_the_trail_holds_the_case_and_says_that_it_is_complete(trail_of):
    trail = trail_of("SO-1001")
    assert trail["case"]["case_id"] == "SO-1001"
    assert trail["truncated"] is trail["plain_truncated"] is False
    assert trail["as_of"] == trail["case"]["as_of"] == "2026-11-18T08:00:00Z"


def logs_of(api, case_id="SO-1001", status=200, **params):
    response = api.get(f"/api/v1/flows/{orders.FLOW}/cases/{case_id}/logs", params=params)
    assert response.status_code == status, response.text
    return response.json()


def test_log_records_come_with_the_trail_in_order_of_time(trail_of):
    trail = trail_of("SO-1001")
    credit, row, weighed, mail = trail["logs"]["records"]
    (book,) = [event for event in steps(trail) if event["name"] == "book"]
    (insert,) = [event for event in trail["events"] if event["name"] == "INSERT order"]
    assert (credit["body"], credit["system"], credit["time"]) == (
        "Credit is nearly used up",
        "erp",
        "2026-11-16T08:03:00Z",
    )
    assert (credit["severity"], credit["severity_text"], credit["severity_number"]) == ("warn", "WARNING", 13)
    assert (credit["event"], credit["step"], credit["joined"]) == (book["id"], book["id"], "trace")
    assert (row["event"], row["step"]) == (insert["id"], book["id"])
    assert (weighed["joined"], weighed["identifier"]) == ("id", {"type": "package", "value": "P-1"})
    assert weighed["shared"] == {"count": 2, "case_ids": ["SO-1002"]}
    assert weighed["attributes"] == {"flow.ref.package": "P-1", "weight": "2 kg"}
    assert (mail["joined"], mail["event_name"], mail["trace_id"], mail["event"]) == ("case", "mail.sent", "", None)
    numbers = {name: trail["logs"][name] for name in ("n", "warnings_n", "left_out", "next", "truncated")}
    assert numbers == {"n": 4, "warnings_n": 1, "left_out": 0, "next": None, "truncated": False}


def test_a_trail_may_leave_log_records_out_and_still_counts_them(api):
    path = f"/api/v1/flows/{orders.FLOW}/cases/SO-1001/trail"
    none = api.get(path, params={"logs": "none"}).json()["logs"]
    assert (none["records"], none["n"], none["warnings_n"]) == ([], 4, 1)
    warnings = api.get(path, params={"logs": "warnings"}).json()["logs"]
    assert [record["body"] for record in warnings["records"]] == ["Credit is nearly used up"]


def test_log_records_can_be_paged_through(api):
    first = logs_of(api, limit=3)
    assert (len(first["records"]), first["left_out"]) == (3, 1)
    second = logs_of(api, limit=3, cursor=first["next"])
    assert [record["body"] for record in second["records"]] == ["Customer told"]
    assert second["next"] is None
    hour = logs_of(api, **{"from": "2026-11-16T09:00:00Z", "to": "2026-11-16T10:00:00Z"})
    assert [record["body"] for record in hour["records"]] == ["Parcel weighed"]


@pytest.mark.parametrize(
    "params", [{"logs": "some"}, {"cursor": "x"}, {"limit": 0}, {"limit": 1001}, {"from": "yesterday"}, {"to": "2026"}]
)
def test_an_unusable_parameter_of_the_log_records_is_named(api, params):
    assert next(iter(params)) in logs_of(api, status=400, **params)["detail"]


def test_the_log_records_of_no_case_are_not_found(api):
    assert "SO-1002" in logs_of(api, "SO-1004", status=404)["hint"]
