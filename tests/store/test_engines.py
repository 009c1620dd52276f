"""Both engines take the product's own client, and each test has a database to itself."""

from contextlib import closing

import httpx
import pytest

from store.client import open_store
from store.errors import StoreError
from tests.engines import ClickHouseServer


def test_a_store_opens_on_either_engine_and_is_empty(store_url):
    with closing(open_store(store_url)) as store:
        store.command("CREATE TABLE t (n UInt32) ENGINE = MergeTree ORDER BY n")
        assert store.rows("SELECT name FROM system.tables WHERE database = {d:String}", d=store.database) == [
            {"name": "t"}
        ]


def test_a_refusal_has_the_same_code_on_either_engine(store_url):
    store = open_store(store_url)
    with closing(store), pytest.raises(StoreError, match="UNKNOWN_IDENTIFIER") as raised:
        store.rows("SELECT missing")
    assert raised.value.code == "invalid_query"


def test_the_server_ends_when_its_input_closes(tmp_path):
    server = ClickHouseServer.start(tmp_path)
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{server.port}/ping")
