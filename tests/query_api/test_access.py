"""Whose turn it is: slow requests of one tenant leave room for those of others, and for the writer and the fold."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from query_api import access
from query_api.app import create_app
from tests.query_api.conftest import serving


class SlowStore:
    """A store whose queries for the tenant ``slow`` wait for ``release``."""

    def __init__(self):
        self.release = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.at_once = self.most = 0
        self._lock = threading.Lock()

    def query(self, _name, **params):
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        if params["tenant"] == "slow":
            self.waiting.release()
            assert self.release.wait(60)
        with self._lock:
            self.at_once -= 1
        return []


@pytest.fixture
def slow_store():
    store = SlowStore()
    yield store
    store.release.set()


def test_slow_requests_of_one_tenant_leave_turns_to_others(slow_store):
    app = create_app(slow_store, authenticate=lambda headers, _peer: headers["x-tenant"])

    def ask(tenant):
        return client.get("/api/v1/flows", headers={"x-tenant": tenant}).status_code

    with serving(app) as client, ThreadPoolExecutor(20) as pool:
        slow = [pool.submit(ask, "slow") for _ in range(20)]
        assert all(slow_store.waiting.acquire(timeout=20) for _ in range(5))
        assert [ask("other") for _ in range(5)] == [200] * 5
        slow_store.release.set()
        assert [request.result() for request in slow] == [200] * 20
    assert slow_store.most <= access.TURNS


def test_a_request_that_gets_no_turn_is_asked_to_come_back(slow_store, monkeypatch):
    monkeypatch.setattr(access, "_TURN_S", 0.01)
    app = create_app(slow_store, authenticate=lambda _headers, _peer: "slow")
    with serving(app) as client, ThreadPoolExecutor(5) as pool:
        slow = [pool.submit(client.get, "/api/v1/flows") for _ in range(5)]
        assert all(slow_store.waiting.acquire(timeout=20) for _ in slow)
        refused = client.get("/api/v1/flows")
        slow_store.release.set()
        assert [request.result().status_code for request in slow] == [200] * 5
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert refused.json()["type"] == "urn:flowtrail:problem:overloaded"
