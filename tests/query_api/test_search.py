import contextlib

import pytest

from query_api.app import create_app
from store.client import open_store
from store.redaction import token
from tests.cases import orders
from tests.query_api.conftest import serving


def cases_found(answer):
    return [result["case_id"] for result in answer["results"]]


def search(api, text, **more):
    response = api.get("/api/v1/search", params={"q": text, **more})
    assert response.status_code == 200, response.text
    return response.json()


def test_an_order_is_found_by_its_number(api):
    answer = search(api, "SO-1001")
    (result,) = answer["results"]
    assert answer["truncated"] is False
    assert result["matched"] == [{"type": "order", "value": "SO-1001", "tokenised": False}]
    assert result["exact"] is True
    assert result["in_flight"] is False
    assert result["outcome"] == "completed"
    assert result["start"] == "2026-11-16T08:00:00Z"
    assert result["end"] == "2026-11-16T10:01:00Z"
    assert result["value"] == {"amount": "249.90", "currency": "EUR"}
    assert result["now"]["state"] == "finished"
    assert (result["success"], result["exceptions_n"], result["exceptions_open_n"], result["sla"]) == (True, 0, 0, None)


def test_a_tracking_number_finds_every_order_in_the_parcel(api):
    answer = search(api, "1Z999")
    assert cases_found(answer) == ["SO-1002", "SO-1001"]
    assert answer["results"][0]["matched"] == [{"type": "tracking", "value": "1Z999", "tokenised": False}]


@pytest.mark.parametrize("spelling", [str.upper, str.lower, "00-{}-b7ad6b7169203331-01".format, "  {}\t".format])
def test_a_trace_id_is_found_however_it_is_spelled(api, spelling):
    answer = search(api, spelling(orders.BATCH_TRACE))
    assert set(cases_found(answer)) == {"SO-1001", "SO-1002", "SO-1009"}
    assert answer["results"][0]["matched"] == [{"type": "trace", "value": orders.BATCH_TRACE, "tokenised": False}]


def test_an_id_full_of_special_characters_is_found(api):
    assert cases_found(search(api, f"  {orders.ODD_ID}\n")) == [orders.ODD_ID]


def test_without_an_exact_match_prefixes_are_suggested_in_any_case_of_letters(api):
    answer = search(api, "so-100")
    assert cases_found(answer) == ["SO-1001", "SO-1002", "SO-1003", "SO-1009"]
    assert not any(result["exact"] for result in answer["results"])


def test_a_limit_cuts_the_list_and_says_so(api):
    answer = search(api, "SO-100", limit=2)
    assert cases_found(answer) == ["SO-1001", "SO-1002"]
    assert answer["truncated"] is True


@pytest.mark.parametrize("text", ["", "   ", "nothing like it", "%", "_", "' OR 1=1 --", "\\", "\x00", "x" * 1000])
def test_what_nobody_carries_finds_nothing(api, text):
    assert search(api, text)["results"] == []


@pytest.mark.parametrize(
    ("params", "word"),
    [({}, "q"), ({"q": "x", "limit": "0"}, "limit"), ({"q": "x", "limit": "many"}, "limit"), ({"q": "x" * 1001}, "q")],
)
def test_an_unusable_parameter_is_named(api, params, word):
    response = api.get("/api/v1/search", params=params)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert f"parameter {word} " in response.json()["detail"]


def test_a_tokenised_number_is_found_by_its_original_and_no_answer_holds_the_key(migrated_chdb_url):
    key = b"a key of this tenant, 32 bytes.."
    with contextlib.closing(open_store(migrated_chdb_url)) as store:
        wire = orders.Wire().step("shop", "capture", 0, trace=orders.trace_of("x"), case=token("SO-7007", key))
        wire.send(orders.World(store, orders.TENANT))
        keys = {orders.TENANT: key}
        with serving(create_app(store, clock=lambda: orders.AS_OF, token_key=keys.get)) as client:
            answer = client.get("/api/v1/search", params={"q": "SO-7007"})
    (result,) = answer.json()["results"]
    assert result["matched"] == [{"type": "case", "value": token("SO-7007", key), "tokenised": True}]
    assert key.decode() not in answer.text
    assert key.hex() not in answer.text
