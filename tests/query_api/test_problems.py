import json
import logging
import socket

import pytest

from common.loopback import LOOPBACK_NAMES
from query_api.app import create_app
from store.client import Store
from tests.cases import orders
from tests.query_api.conftest import serving

READS = ["/readyz", "/api/v1/search?q=SO-1", "/api/v1/flows", "/api/v1/flows/x/cases", "/api/v1/flows/x/cases/y",
         "/api/v1/flows/x/cases/y/trail", "/api/v1/flows/x/kpis", "/api/v1/flows/x/kpis/retries"]  # fmt: skip


@pytest.fixture(scope="module")
def api_without_store(unused_port):
    with serving(create_app(Store(f"clickhouse://127.0.0.1:{unused_port}"))) as client:
        yield client


@pytest.fixture(scope="module")
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("path", READS)
def test_a_store_that_is_down_asks_for_patience(api_without_store, path):
    response = api_without_store.get(path)
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:flowtrail:problem:unavailable"
    assert "127.0.0.1" not in response.text


def test_the_process_is_alive_without_its_store(api_without_store):
    assert api_without_store.get("/healthz").json() == {"status": "ok"}


class BrokenStore:
    """A store with a defect: every call raises an unexpected error."""

    def query(self, name, **params):
        raise ValueError("secret of the machine room")

    ping = rows = query


def test_an_unexpected_error_is_logged_and_hidden_from_the_client(caplog):
    with serving(create_app(BrokenStore())) as client, caplog.at_level(logging.ERROR):
        response = client.get("/api/v1/flows")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert "secret" not in response.text
    assert "secret of the machine room" in caplog.text


def test_an_address_that_is_none_is_a_problem(api):
    response = api.get("/api/v1/nothing/here")
    assert response.status_code == 404
    assert response.json() == {
        "type": "urn:flowtrail:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "hint": "GET /api/v1/openapi.json lists every address.",
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_api_only_reads(api, method):
    response = api.request(method, "/api/v1/flows")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["status"] == 405


def test_options_lists_the_allowed_methods(api):
    response = api.options("/api/v1/flows")
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert response.content == b""


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/v1/flows", f"/api/v1/flows/{orders.FLOW}/cases/SO-1001/trail", "/x"]
)
def test_head_answers_like_get_without_the_body(api, path):
    get, head = api.get(path), api.head(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/flows", "/api/v1/search", "/x"])
def test_nothing_may_be_cached_or_read_by_other_sites(api, path):
    response = api.get(path, headers={"Origin": "https://elsewhere.example"})
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in response.headers


def test_a_problem_is_plain_json(api):
    assert set(json.loads(api.get("/x").content)) == {"type", "title", "status", "detail", "hint"}


@pytest.fixture(scope="module")
def loopback_api(orders_store):
    with serving(create_app(orders_store, hosts=LOOPBACK_NAMES)) as client:
        yield client


@pytest.mark.parametrize("host", ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080"])
def test_a_server_of_this_machine_answers_to_its_names_on_any_port(loopback_api, host):
    assert loopback_api.get("/api/v1/flows", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["rebound.example", "rebound.example:8080", "localhost.rebound.example", "127.0.0.1.x", "127.0.0.1:x", "::1", ""],
)
@pytest.mark.parametrize("path", ["/api/v1/flows", "/healthz", "/x"])
def test_another_host_is_not_answered(loopback_api, path, host):
    response = loopback_api.get(path, headers={"Host": host})
    assert response.status_code == 421
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["type"] == "urn:flowtrail:problem:misdirected"


def test_without_a_list_of_hosts_any_will_do(api):
    assert api.get("/healthz", headers={"Host": "flowtrail.example"}).status_code == 200
