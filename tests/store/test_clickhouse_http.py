"""The HTTP face of the test engine answers clickhouse-connect as a ClickHouse server does."""

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import clickhouse_connect
import httpx
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.engines import ClickHouseServer

ODD_TEXTS = [
    "",
    "it's",
    'say "hi"',
    "back\\slash",
    "tab\tand\nline\r\n",
    "\\N",
    "{name:String} -- ; FORMAT Native",
    "ünï 漢字 🚚",
    "%41&b=c+d?#",
    "x" * 20_000,
]


@pytest.fixture
def client(clickhouse_server: ClickHouseServer, clickhouse_database_url: str) -> Iterator[Client]:
    client = clickhouse_server.client(clickhouse_database_url.partition("database=")[2])
    yield client
    client.close()


def call(url: str, body: bytes | None = None, **parameters: str) -> httpx.Response:
    """One plain HTTP request; a GET if there is no body."""
    address = url.replace("clickhouse:", "http:") + "/"
    return httpx.request("GET" if body is None else "POST", address, content=body, params=parameters, timeout=30)


def failure(response: httpx.Response) -> tuple[int, str]:
    """The HTTP status and ClickHouse's code of an error."""
    return response.status_code, response.headers["X-ClickHouse-Exception-Code"]


def test_ping_answers_ok(client, clickhouse_url):
    assert httpx.get(clickhouse_url.replace("clickhouse:", "http:") + "/ping").text == "Ok.\n"
    assert client.ping()


def test_values_of_every_type_in_use_come_back_as_they_went(client):
    client.command(
        "CREATE TABLE t (n UInt64, m Decimal(18, 6), at DateTime64(9, 'UTC'), o Nullable(String), "
        "k LowCardinality(String), d Map(LowCardinality(String), String), "
        "r Array(Tuple(Type String, Value String)), b Bool) "
        "ENGINE = MergeTree ORDER BY n"
    )
    at = dt.datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=dt.UTC)
    refs = [{"Type": "item", "Value": "A-1"}, {"Type": "package", "Value": "P;1"}]
    row = [2**63, Decimal("249.900000"), at, None, "web", {"channel": "web"}, refs, True]
    client.insert("t", [row])
    assert [list(found) for found in client.query("SELECT * FROM t", tz_mode="aware").result_rows] == [row]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_a_parameter_keeps_its_characters(client, text):
    assert client.query("SELECT {text:String} AS text", parameters={"text": text}).result_rows == [(text,)]
    assert client.query("SELECT {texts:Array(String)} AS t", parameters={"texts": [text]}).result_rows == [([text],)]


def test_http_and_embedded_read_parameters_alike(client, chdb_url):
    path, _, _ = chdb_url.removeprefix("chdb://").partition("?")
    embedded = clickhouse_connect.get_client(interface="chdb", path=path)
    question = "SELECT {texts:Array(String)} AS texts, {one:String} AS one, {n:Nullable(Int32)} AS n"
    try:
        for text in ODD_TEXTS:
            parameters = {"texts": [text, text], "one": text, "n": None}
            answers = [which.query(question, parameters=parameters).result_rows for which in (client, embedded)]
            assert answers[0] == answers[1]
    finally:
        embedded.close()


def test_settings_hold_for_their_call_only(client):
    question = "SELECT getSetting('max_block_size')"
    assert client.command(question, settings={"max_block_size": 1234}) == 1234
    assert client.command(question) != 1234


def test_a_setting_that_does_not_exist_is_refused(clickhouse_url):
    response = call(clickhouse_url, b"SELECT 1", no_such_setting="1")
    assert failure(response) == (404, "115")
    assert "UNKNOWN_SETTING" in response.text


def test_a_protobuf_batch_is_decoded_with_the_schema_in_the_call_and_counts_once_per_token(client):
    client.command(
        "CREATE TABLE intake (`rows.id` Array(UInt32), `rows.name` Array(String)) ENGINE = MergeTree ORDER BY tuple() "
        "SETTINGS non_replicated_deduplication_window = 100"
    )
    rows = [b"\x08\x07\x12\x02hi", b"\x08\x08\x12\x04a;'\n"]
    batch = b"".join(b"\x0a" + bytes([len(row)]) + row for row in rows)
    schema = """syntax = "proto3"; // it's the schema; not a statement
    message Row { uint32 id = 1; string name = 2; }
    message Batch { repeated Row rows = 1; }"""
    source = {"format_schema_source": "string", "format_schema": schema, "format_schema_message_name": "Batch"}
    for token in ("one", "one", "two"):
        settings = {**source, "insert_deduplication_token": token}
        client.raw_insert("intake", insert_block=batch, fmt="ProtobufSingle", settings=settings)
    assert client.query("SELECT * FROM intake").result_rows == [([7, 8], ["hi", "a;'\n"])] * 2


@pytest.mark.parametrize("compression", [None, "gzip", "zstd", "lz4"])
def test_an_insert_may_be_compressed(client, compression):
    client.command("CREATE TABLE t (n UInt32, s String) ENGINE = MergeTree ORDER BY n")
    rows = [[number, f"row {number}"] for number in range(5_000)]
    context = client.create_insert_context("t", column_names=["n", "s"], data=rows)
    context.compression = compression
    summary = client.data_insert(context)
    assert summary.written_rows == 5_000
    assert client.query("SELECT count(), max(s) FROM t").result_rows == [(5_000, "row 999")]


def test_the_statement_may_stand_in_the_address_and_the_rows_in_the_body(client):
    client.command("CREATE TABLE t (n UInt32, s String) ENGINE = MergeTree ORDER BY n")
    lines = b'{"n": 1, "s": "FORMAT Native; DROP TABLE t"}\n{"n": 2, "s": ""}\n'
    client.raw_insert("t", ["n", "s"], gzip.compress(lines), fmt="JSONEachRow", compression="gzip")
    client.command("INSERT INTO t SETTINGS async_insert = 0 FORMAT CSV", data='3,"x"\n')
    client.command("INSERT INTO t (n, s) VALUES (4, 'a;b')")
    client.command("INSERT INTO t SELECT n + 10, s FROM t WHERE n = 4")
    found = client.query("SELECT n, s FROM t ORDER BY n").result_rows
    assert found == [(1, "FORMAT Native; DROP TABLE t"), (2, ""), (3, "x"), (4, "a;b"), (14, "a;b")]


def test_an_insert_without_rows_changes_nothing(client):
    client.command("CREATE TABLE t (n UInt32) ENGINE = MergeTree ORDER BY n")
    client.raw_insert("t", insert_block=b"", fmt="Native")
    assert client.command("SELECT count() FROM t") == 0


def test_rows_that_do_not_parse_are_an_error_with_its_code(client):
    client.command("CREATE TABLE t (n UInt32) ENGINE = MergeTree ORDER BY n")
    with pytest.raises(DatabaseError) as raised:
        client.raw_insert("t", insert_block=b"seven\n", fmt="CSV")
    assert raised.value.code == 117
    assert client.command("SELECT count() FROM t") == 0


@pytest.mark.parametrize(
    ("statement", "code", "status"),
    [
        (b"SELEC 1", 62, 400),
        (b"SELECT * FROM nowhere", 60, 404),
        (b"SELECT nothing", 47, 404),
        (b"SELECT 1; SELECT 2", 62, 400),
        (b"SELECT throwIf(1)", 395, 500),
        (b"INSERT INTO t FROM INFILE '/etc/hostname' FORMAT CSV", 62, 400),
    ],
)
def test_errors_carry_clickhouse_code_and_status(clickhouse_url, statement, code, status):
    response = call(clickhouse_url, statement)
    assert failure(response) == (status, str(code))
    assert response.text.startswith(f"Code: {code}. DB::Exception: ")


def test_an_unknown_database_is_an_error(clickhouse_url):
    assert failure(call(clickhouse_url, b"SELECT 1", database="no_such_database")) == (404, "81")


def test_a_get_reads_and_does_not_write(clickhouse_url):
    assert call(clickhouse_url, query="SELECT 1", default_format="JSONEachRow").json() == {"1": 1}
    response = call(clickhouse_url, query="CREATE TABLE default.g (n UInt8) ENGINE = Memory")
    assert failure(response) == (500, "164")


def test_the_headers_say_format_summary_and_time_zone(clickhouse_url):
    headers = call(clickhouse_url, b"SELECT number FROM numbers(7) FORMAT JSONEachRow", query_id="q-1").headers
    assert headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert headers["X-ClickHouse-Query-Id"] == "q-1"
    assert json.loads(headers["X-ClickHouse-Summary"])["read_rows"] == "7"
    assert headers["X-ClickHouse-Timezone"]
    assert "X-ClickHouse-Format" not in call(clickhouse_url, b"SET max_threads = 1").headers


def test_a_final_semicolon_and_comments_are_no_second_statement(clickhouse_url):
    assert call(clickhouse_url, b"SELECT ';' AS `a;b` -- ;x\n; /* ; y */ ").text == ";\n"


def test_a_question_without_rows_has_columns(client):
    assert client.query("SELECT 1 AS one, 'x' AS two LIMIT 0").column_names == ("one", "two")
    assert client.query("SELECT 1 AS one WHERE 0").result_rows == []


def test_streams_arrive_whole(client):
    with client.query_row_block_stream("SELECT number, toString(number) FROM numbers(200000)") as stream:
        assert sum(row[0] for block in stream for row in block) == sum(range(200_000))
    assert client.raw_query("SELECT 1 AS one", fmt="JSONEachRow") == b'{"one":1}\n'


def test_many_clients_write_and_read_at_once(client, clickhouse_server):
    client.command("CREATE TABLE t (worker UInt32, n UInt32) ENGINE = MergeTree ORDER BY (worker, n)")

    def work(worker: int) -> int:
        own = clickhouse_server.client(client.database)
        try:
            for first in range(0, 500, 100):
                own.insert("t", [[worker, n] for n in range(first, first + 100)])
            return own.command("SELECT count() FROM t WHERE worker = {w:UInt32}", parameters={"w": worker})
        finally:
            own.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [500] * 8
    assert client.command("SELECT count() FROM t") == 4_000


def test_one_client_serves_several_threads(client):
    def ask(n: int) -> int:
        return client.query("SELECT {n:UInt32} AS n", parameters={"n": n}).result_rows[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(64))) == list(range(64))
