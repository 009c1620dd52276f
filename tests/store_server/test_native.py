"""Native for clients that name a version of the protocol, as ClickHouse's client for Go does."""

import json

import pytest

pytestmark = pytest.mark.slow

INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
SQL = """
SELECT number AS n, toString(number) AS s, [number, 1] AS a, map('k', number) AS m, number % 2 ? NULL : number AS o,
    toLowCardinality(toString(number % 3)) AS l, CAST((number, 'x'), 'Tuple(a UInt64, b String)') AS t,
    CAST(number, 'Dynamic') AS d, CAST('{"a": 1}', 'JSON') AS j, toDateTime64('2026-01-02 03:04:05.678', 9, 'UTC') AS w
FROM numbers({rows:UInt64}) ORDER BY number
"""


def heads(door, rows):
    """How each column of ``SQL`` begins: its name and its type."""
    sql = f"DESCRIBE ({SQL}) SETTINGS print_pretty_type_names = 0 FORMAT JSONCompactEachRow"
    answer = door.ask(sql, "owner", param_rows=rows)
    described = [json.loads(line)[:2] for line in answer.text.splitlines()]
    return [b"".join(bytes([len(text)]) + text.encode() for text in pair) for pair in described]


def test_a_block_as_it_is_written_by_a_server(door):
    sql = "SELECT toUInt8(7) AS n, 'x' AS s FORMAT Native"
    plain = b"\x02\x01" + b"\x01n\x05UInt8" + b"\x07" + b"\x01s\x06String" + b"\x01x"
    assert door.ask(sql).content == plain
    newer = INFO + b"\x02\x01" + b"\x01n\x05UInt8\x00" + b"\x07" + b"\x01s\x06String\x00" + b"\x01x"
    assert door.ask(sql, client_protocol_version="54460").content == newer
    older = INFO + plain
    assert door.ask(sql, client_protocol_version="54400").content == older
    assert door.ask(sql, client_protocol_version="0").content == plain
    assert door.ask(sql, client_protocol_version="x").status_code == 400


@pytest.mark.parametrize("rows", ["0", "3", "200000"])
@pytest.mark.parametrize("key", ["reader-acme", "owner"])
def test_nothing_but_the_bytes_of_the_version_is_added(door, key, rows):
    """With every kind of column, in one block or many."""
    params = {"param_rows": rows, "default_format": "Native", "max_block_size": "65505", "max_threads": "1"}
    plain = door.ask(SQL, key, **params)
    newer = door.ask(SQL, key, **params, client_protocol_version="54460")
    assert (plain.status_code, newer.status_code) == (200, 200)
    assert newer.headers["X-ClickHouse-Format"] == "Native"
    added = 0
    without = newer.content
    for begin in (INFO, *heads(door, rows)):
        shorter = without.replace(INFO, b"") if begin is INFO else without.replace(begin + b"\0", begin)
        added += len(without) - len(shorter)
        without = shorter
    assert without == plain.content
    assert (added > 0) == (rows != "0")


@pytest.mark.parametrize(
    "sql",
    ["DESCRIBE TABLE sql.cases", "SHOW TABLES FROM sql", "EXISTS TABLE sql.cases", "EXPLAIN SELECT 1", "SELECT 1;"],
)
def test_answers_of_other_statements_have_them_too(door, sql):
    plain = door.ask(sql, default_format="Native")
    newer = door.ask(sql, default_format="Native", client_protocol_version="54460")
    assert newer.status_code == 200, newer.text
    assert newer.content.startswith(INFO)
    assert newer.content[len(INFO) :].startswith(plain.content[:2])


def test_statements_without_an_answer_run_once(door):
    version = {"client_protocol_version": "54460", "default_format": "Native"}
    assert door.ask("CREATE TABLE once (a UInt8) ENGINE = MergeTree ORDER BY a", "owner", **version).content == b""
    assert door.ask("INSERT INTO once VALUES (1), (2)", "owner", **version).content == b""
    assert door.ask("SELECT count() FROM once", "owner").text == "2\n"
    assert door.ask("DROP TABLE once", "owner", **version).status_code == 200


def test_an_error_is_told_as_ever(door):
    version = {"client_protocol_version": "54460", "default_format": "Native"}
    assert door.ask("SELECT nothing FROM sql.cases", **version).status_code == 404
    late = door.ask("SELECT throwIf(number = 900000), number FROM numbers(1000000)", **version)
    assert "Code: 395" in late.text[-1000:]
