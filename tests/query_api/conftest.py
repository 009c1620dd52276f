"""The API over a store with orders, behind a real server. Its clock stands still two days after they started."""

import contextlib
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from query_api.app import create_app
from tests.cases import orders
from tests.cases.conftest import orders_store

__all__ = ["orders_store"]

_PATIENCE_S = 30


@contextlib.contextmanager
def serving(app):
    """Serves ``app`` with uvicorn on a free port; gives a client for it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for every connection, or answers wait 40 ms
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        _wait_until(lambda: server.started or not thread.is_alive())
        port = listener.getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE_S) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _wait_until(done):
    deadline = time.monotonic() + _PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.005)


@pytest.fixture(scope="session")
def app(orders_store):
    return create_app(orders_store, clock=lambda: orders.AS_OF)


@pytest.fixture(scope="session")
def api(app):
    with serving(app) as client:
        yield client
