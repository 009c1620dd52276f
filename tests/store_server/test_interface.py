"""ClickHouse's HTTP interface: what it says, what it takes, when it stops."""

import base64
import gzip
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from store_server.compression import Blocks, blocks_opened

pytestmark = pytest.mark.slow

LONG = "SELECT sum(sipHash64(number)) FROM numbers(100000000000)"
MANY = "SELECT number, toString(number) AS text FROM numbers({rows:UInt64})"


def code(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.headers.get("X-ClickHouse-Exception-Code")


def test_it_says_that_it_is_there_without_a_key(door):
    for path in ("ping", "replicas_status"):
        assert door.http.get(door.url + path).text == "Ok.\n"
    assert door.http.head(door.url + "ping").status_code == 200


def test_an_answer_names_its_query_format_zone_and_effort(door):
    answer = door.ask(
        "SELECT number FROM numbers(7) FORMAT JSONEachRow", query_id="q-1", send_progress_in_http_headers="1"
    )
    headers = answer.headers
    assert headers["X-ClickHouse-Query-Id"] == "q-1"
    assert headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert headers["X-ClickHouse-Server-Display-Name"] == "flowtrail"
    assert headers["X-ClickHouse-Timezone"]
    assert headers["Content-Type"].startswith("application/x-ndjson")
    assert json.loads(headers["X-ClickHouse-Summary"])["result_rows"] == "7"
    assert json.loads(headers["X-ClickHouse-Progress"])["read_rows"] == "7"


@pytest.mark.parametrize(
    ("ask", "shown"),
    [
        ({"headers": {"Authorization": "Bearer reader-acme"}}, 200),
        ({"headers": {"Authorization": "Basic " + base64.b64encode(b"any:reader-acme").decode()}}, 200),
        ({"headers": {"X-ClickHouse-User": "any", "X-ClickHouse-Key": "reader-acme"}}, 200),
        ({"params": {"password": "reader-acme"}}, 200),
        ({}, 401),
        ({"headers": {"Authorization": "Basic " + base64.b64encode(b"default:").decode()}}, 401),
        ({"headers": {"Authorization": "Digest any"}}, 401),
        ({"headers": {"Authorization": "Bearer reader-acme"}, "params": {"password": "owner"}}, 401),
        ({"headers": {"Authorization": "Bearer reader-acme", "Origin": "https://example.com"}}, 403),
        ({"headers": {"Authorization": "Bearer reader-acme", "Sec-Fetch-Site": "cross-site"}}, 403),
    ],
)
def test_a_key_may_come_in_any_place_that_clients_use(door, ask, shown):
    answer = door.http.request("POST", door.url, content="SELECT 1", **ask)
    assert answer.status_code == shown, answer.text
    if shown == 401:
        assert answer.headers["X-ClickHouse-Exception-Code"] == "516"
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_other_sites_are_told_nothing(door):
    answer = door.http.options(door.url, headers={"Origin": "https://example.com"})
    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_an_address_without_a_question_is_answered(door):
    assert door.http.get(door.url, headers={"X-ClickHouse-Key": "reader-acme"}).text == "Ok.\n"
    assert door.http.get(door.url + "nothing").status_code == 404


@pytest.mark.parametrize(
    "name", ["JSON", "CSVWithNames", "Native", "Parquet", "ArrowStream", "RowBinaryWithNamesAndTypes"]
)
def test_a_format_is_the_same_read_in_one_piece_or_in_many(door, name):
    """The owner's answer to a small question is one piece; a reader's to a large one is many."""
    sql = f"SELECT * FROM ({MANY}) FORMAT {name}"  # noqa: S608
    answer = door.ask(sql, param_rows="300000")
    assert answer.headers["X-ClickHouse-Format"] == name
    if name == "JSON":
        assert len(answer.json()["data"]) == 300_000
    elif name == "CSVWithNames":
        assert answer.text.count('"number"') == 1
        assert answer.text.count("\n") == 300_001
    else:
        assert answer.status_code == 200
        assert len(answer.content) > 300_000


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "lz4", "deflate"])
def test_bodies_are_compressed_as_http_does(door, encoding):
    sent = gzip.compress(MANY.encode())
    answer = door.http.send(
        door.http.build_request(
            "POST",
            door.url,
            content=sent,
            params={"enable_http_compression": "1", "param_rows": "200000"},
            headers={"X-ClickHouse-Key": "reader-acme", "Content-Encoding": "gzip", "Accept-Encoding": encoding},
        ),
        stream=True,
    )
    raw = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == encoding
    assert 1000 < len(raw) < 1_800_000  # 2.6 MB plain


def test_bodies_are_compressed_in_blocks_as_clickhouse_does(door):
    sent = Blocks().compress(MANY.encode())
    plain = door.ask(MANY, param_rows="200000").content
    for method in ("LZ4", "lz4hc", "ZSTD", "NONE"):
        ways = {"decompress": "1", "compress": "1", "network_compression_method": method}
        answer = door.ask(sent, param_rows="200000", **ways)
        assert blocks_opened(answer.content, len(plain)) == plain
    failed = door.ask("SELECT nothing", compress="1")
    assert blocks_opened(failed.content, 1 << 20).startswith(b"Code: 47. DB::Exception")
    assert code(door.ask("SELECT 1", compress="1", network_compression_method="brotli")) == (400, "36")
    broken = bytes([sent[0] ^ 1]) + sent[1:]
    assert code(door.ask(broken, decompress="1")) == (400, "271")


@pytest.mark.parametrize(("key", "most"), [("reader-acme", 256 << 10), ("owner", 8 << 20)])
def test_a_body_that_unpacks_to_too_much_is_refused(door, key, most):
    """A reader's is a statement, an owner's may be the rows of an INSERT; the limit of the tests is 8 MiB."""
    bomb = gzip.compress(b"SELECT 1" + b" " * most)
    headers = {"X-ClickHouse-Key": key, "Content-Encoding": "gzip"}
    assert code(door.http.post(door.url, content=bomb, headers=headers)) == (400, "271")
    assert code(door.http.post(door.url, content=bomb[:-9], headers=headers)) == (400, "271")
    assert code(door.ask(b"SELECT 1" + b" " * most, key)) == (413, "131")
    huge = bytearray(Blocks().compress(b"SELECT 1"))
    huge[21:25] = (1 << 31).to_bytes(4, "little")  # what the block says of its length
    assert code(door.ask(bytes(huge), key, decompress="1")) == (400, "271")


def test_a_small_body_that_is_much_work_holds_nobody_up(door):
    """While the engine reads 256 KiB out of a few hundred bytes, others are answered."""
    bomb = gzip.compress(b"SELECT 1" + b",1" * (127 << 10))
    assert len(bomb) < 1000
    headers = {"X-ClickHouse-Key": "reader-acme", "Content-Encoding": "gzip"}
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(httpx.post, door.url, content=bomb, headers=headers, timeout=300)
        answered = 0
        while not working.done():
            answered += door.http.get(door.url + "ping").text == "Ok.\n" and not working.done()
    assert code(working.result()) == (500, "718")  # too much for the parser
    assert answered >= 10


def test_a_failure_on_the_way_is_told_at_the_end(door):
    answer = door.ask("SELECT throwIf(number = 900000), number FROM numbers(1000000)", max_block_size="65536")
    assert answer.status_code == 200
    tag = answer.headers["X-ClickHouse-Exception-Tag"]
    assert answer.text.rstrip().endswith(f"{tag}\r\n__exception__")
    assert "Code: 395. DB::Exception" in answer.text[-1000:]


@pytest.mark.parametrize(
    "text", [b"SELECT \xf6", b"SELECT '\xf6'", "SELECT \u00f6".encode()[:-1], b"SELECT 'a\0b', \0"]
)
def test_a_statement_that_is_no_text_is_a_syntax_error(door, text):
    assert code(door.ask(text)) == (400, "62")
    assert door.ask("SELECT unhex('f6')").content == b"\xf6\n"


def test_a_query_stops_at_its_time(door):
    began = time.monotonic()
    assert code(door.ask(LONG, max_execution_time="3600")) == (408, "159")
    assert time.monotonic() - began < 30
    assert code(door.ask(LONG, max_execution_time="0.2")) == (408, "159")


def test_a_query_stops_at_its_memory_and_rows(door):
    hungry = "SELECT groupArray(number) FROM numbers(1000000000)"
    assert code(door.ask(hungry)) == (500, "241")
    assert code(door.ask("SELECT number FROM numbers(100) FORMAT JSON", max_result_rows="10")) == (500, "396")


def test_a_query_stops_when_nobody_waits_for_it(door):
    marked = "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number + 41)%'"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            door.url,
            content=LONG.replace("number)", "number + 41)", 1),
            headers={"X-ClickHouse-Key": "owner"},
            timeout=httpx.Timeout(10, read=0.5),
        )
    deadline = time.monotonic() + 20
    while (left := door.ask(marked, "owner").text) != "1\n" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == "1\n"  # the question itself


def test_more_questions_than_turns_wait_for_theirs(door):
    sql = "SELECT sleep(0.2)"
    with ThreadPoolExecutor(6) as pool:
        assert {answer.status_code for answer in pool.map(lambda _: door.ask(sql), range(6))} == {200}


def test_a_session_keeps_what_it_made_and_serves_one_at_a_time(door):
    session = {"session_id": "s-1", "session_timeout": "60"}
    assert door.ask("CREATE TEMPORARY TABLE kept AS SELECT 7 AS n", "owner", **session).status_code == 200
    assert door.ask("SELECT n FROM kept", "owner", **session, max_block_size="77").text == "7\n"
    assert door.ask("SELECT getSetting('max_block_size') = 77", "owner", **session).text == "0\n"
    assert code(door.ask("SELECT n FROM kept", "owner")) == (404, "60")
    assert code(door.ask("SELECT 1", "owner", session_id="s-2", session_check="1")) == (404, "372")
    codes = set()
    slow = threading.Thread(target=lambda: codes.add(code(door.ask("SELECT sleep(1)", "owner", **session))))
    slow.start()
    while slow.is_alive():
        codes.add(code(door.ask("SELECT 1", "owner", **session)))
    assert (500, "373") in codes  # either of them came second
    assert door.ask("SELECT n FROM kept", "owner", **session, close_session="1").text == "7\n"
    assert code(door.ask("SELECT n FROM kept", "owner", **session)) == (404, "60")


def test_readers_may_ask_within_a_session_as_drivers_do(door):
    assert door.ask("SELECT count() > 0 FROM steps", session_id="any").text == "1\n"


def test_slow_queries_of_one_tenant_leave_turns_to_others(door):
    """Of four turns, one tenant has three: more of its queries wait for each other, not others for them."""
    with ThreadPoolExecutor(6) as pool:
        slow = [pool.submit(door.ask, LONG, max_execution_time="1.5") for _ in range(6)]
        for _ in range(5):
            assert door.ask("SELECT 1", "reader-other").text == "1\n"
        assert not any(query.done() for query in slow)
        answers = [query.result() for query in slow]
    assert [code(answer) for answer in answers] == [(408, "159")] * 6
