"""Nothing of what is stored or searched for is written to a query log of the server."""

from itertools import count

import pytest

from store.client import open_store

SETTINGS = ("log_queries", "log_query_threads", "log_query_views")
numbers = count(1)


@pytest.fixture
def bare_store(store_url):
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("setting", SETTINGS)
def test_queries_commands_and_inserts_are_not_logged(bare_store, setting):
    said = f"toString(getSetting('{setting}'))"
    assert bare_store.rows(f"SELECT {said} AS said") == [{"said": "false"}]
    bare_store.command("CREATE TABLE heard (said String) ENGINE = MergeTree ORDER BY said")
    bare_store.command("CREATE TABLE intake (x UInt8) ENGINE = Null")
    bare_store.command(f"CREATE MATERIALIZED VIEW ear TO heard AS SELECT {said} AS said FROM intake")  # noqa: S608
    bare_store.command("INSERT INTO intake SELECT 1")
    bare_store.raw_insert("intake", b"1\n", "TSV", {})
    assert bare_store.rows("SELECT DISTINCT said, count() AS n FROM heard GROUP BY said") == [{"said": "false", "n": 2}]
