"""The client: addresses, parameters, errors in our own words."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from store.client import open_store, redacted
from store.errors import StoreError, StoreUnavailable


def test_binds_parameters_as_values(store):
    odd = 'it\'s \\ {x:String} \n\t"ü" --'
    assert store.rows("SELECT {odd:String} AS odd, {n:UInt8} AS n", odd=odd, n=7) == [{"odd": odd, "n": 7}]


def test_times_are_aware_and_utc(store):
    [row] = store.rows("SELECT toDateTime64('2026-03-29 01:30:00.123456', 9, 'UTC') AS at")
    assert row["at"].isoformat() == "2026-03-29T01:30:00.123456+00:00"


def test_serves_many_threads_at_once(store):
    with ThreadPoolExecutor(16) as pool:
        numbers = pool.map(lambda n: store.rows("SELECT {n:UInt32} AS n", n=n)[0]["n"], range(100))
        assert list(numbers) == list(range(100))


def test_a_wrong_statement_is_a_store_error(store):
    with pytest.raises(StoreError) as caught:
        store.rows("SELECT missing_column FROM cases")
    assert caught.value.code == "invalid_query"


def test_a_closed_store_is_unavailable(store):
    store.close()
    with pytest.raises(StoreUnavailable):
        store.ping()


def test_a_server_that_is_not_there_is_unavailable_and_its_password_unsaid():
    with pytest.raises(StoreUnavailable, match=r"default:\*\*\*@") as caught:
        open_store("clickhouse://default:secret@127.0.0.1:1/flowtrail")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgres://127.0.0.1/x", "flowtrail.db", ""])
def test_an_address_of_something_else_says_what_to_write(url):
    with pytest.raises(StoreError, match="Use chdb:///absolute/path or clickhouse://"):
        open_store(url)


@pytest.mark.parametrize("url", ["chdb://memory", "chdb://relative/path", "chdb:///"])
def test_an_embedded_store_needs_an_absolute_folder(url):
    with pytest.raises(StoreError, match="Write three slashes"):
        open_store(url)


def test_a_database_name_that_would_need_quoting_is_refused():
    with pytest.raises(StoreError, match="Use letters, digits and _"):
        open_store("clickhouse://127.0.0.1:1/x;DROP")


def test_redacts_passwords_only():
    assert redacted("clickhouse://u:p@h:1/d") == "clickhouse://u:***@h:1/d"
    assert redacted("chdb:///path") == "chdb:///path"
