"""clickhouse-connect reads the embedded store unchanged, and the page on SQL access tells what works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from store_server.views import column
from tests.store_server.child import SPANS

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def client(door):
    client = door.client()
    yield client
    client.close()


def test_rows_parameters_and_settings(client):
    sql = "SELECT CaseId, Refs FROM steps WHERE KeyValue IN {ids:Array(String)} ORDER BY CaseId"
    found = client.query(sql, parameters={"ids": ["acme-3", "other-3"]}, settings={"max_block_size": 1000})
    assert found.result_rows == [("acme-3", [{"Type": "order", "Value": "O-acme3"}])]
    assert client.command("SELECT getSetting('max_block_size')", settings={"max_block_size": 1234}) == 1234
    with pytest.raises(DatabaseError, match="Readers may not change the setting use_query_cache"):
        client.query("SELECT 1", settings={"use_query_cache": 1})


def test_data_frames_and_arrow(client):
    frame = client.query_df("SELECT Step, count() AS n, min(Timestamp) AS first FROM steps GROUP BY Step")
    assert frame["n"].tolist() == [SPANS]
    assert str(frame["first"].iloc[0]) == "2026-03-01 00:00:00"
    table = client.query_arrow("SELECT TraceId, SpanAttributes FROM otel_traces")
    assert table.num_rows == SPANS


def test_streams_and_empty_answers(client):
    with client.query_row_block_stream("SELECT number, toString(number) FROM numbers(400000)") as stream:
        assert sum(row[0] for block in stream for row in block) == sum(range(400_000))
    assert client.query("SELECT TraceId, Duration FROM otel_traces WHERE 0").result_rows == []
    assert client.query("SELECT TraceId FROM otel_traces LIMIT 0").column_names == ("TraceId",)
    with pytest.raises(StreamFailureError, match="395"):
        _ = client.query("SELECT throwIf(number = 900000), toString(number) FROM numbers(1000000)").result_rows


def test_an_owner_writes(door):
    owner = door.client("owner")
    owner.command("CREATE TABLE owned (n UInt32, s LowCardinality(String)) ENGINE = MergeTree ORDER BY n")
    frame = owner.query_df("SELECT toUInt32(number) AS n, 'x' AS s FROM numbers(1000)")
    owner.insert_df("owned", frame)
    owner.command("CREATE TEMPORARY TABLE some AS SELECT * FROM owned WHERE n < 10")
    assert owner.command("SELECT count() FROM some") == 10
    owner.command("DROP TABLE owned")
    owner.close()


def test_what_tools_ask_of_a_schema(client):
    """Questions of Grafana's, DBeaver's and Superset's drivers when they connect and list."""
    assert client.command("SELECT 1 FROM system.one") == 1
    assert "cases" in [row[0] for row in client.query("SHOW TABLES FROM sql").result_rows]
    assert client.query("SELECT name FROM system.databases WHERE name = 'sql'").result_rows == [("sql",)]
    sql = "SELECT name, type FROM system.columns WHERE database = 'sql' AND table = 'otel_traces' ORDER BY position"
    assert client.query(sql).result_rows[0] == ("Timestamp", "DateTime64(9, 'UTC')")
    assert client.query("DESCRIBE TABLE sql.otel_traces").result_rows[0][0] == "Timestamp"
    assert client.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'sql'").result_rows
    assert client.query("SELECT name FROM system.functions LIMIT 3").row_count == 3


def test_grafanas_questions_on_traces_are_answered(client):
    """As its ClickHouse data source writes them for an OpenTelemetry table: a search, then a trace by its id."""
    found = client.query((HERE / "grafana_search.sql").read_text(encoding="utf-8")).result_rows
    assert len(found) == 20
    by_id = (HERE / "grafana_trace.sql").read_text(encoding="utf-8")
    trace = client.query(by_id.replace("<trace id>", found[0][0])).first_item
    assert (trace["serviceName"], trace["operationName"], trace["duration"]) == ("svc-acme", "op-acme", 1.0)
    assert {"key": "flow.step", "value": "ship"} in trace["tags"]


def test_the_notebook_of_the_page_runs(door, repository, tmp_path):
    page = (repository / "docs" / "sql-access.md").read_text(encoding="utf-8")
    code = EXAMPLE.search(page)[1].replace("port=8123", f"port={door.port}").replace('"ftk_…"', '"reader-acme"')
    assert f"port={door.port}" in code
    assert "reader-acme" in code
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_views_hold_what_the_tables_hold(door):
    """Also where a column is shown in another type, or a field under another name."""
    for table in ("cases", "otel_traces", "steps", "ids"):
        own, shown = f"flowtrail.{table} WHERE Tenant = 'acme'", f"sql.{table}"
        of_table = door.ask(f"SELECT cityHash64(*) AS h FROM {own} ORDER BY h", "owner")  # noqa: S608
        of_view = door.ask(f"SELECT cityHash64(*) AS h FROM {shown} ORDER BY h")  # noqa: S608
        assert (of_view.status_code, of_view.text) == (200, of_table.text)


def test_a_field_gets_a_name_that_drivers_can_read_and_keeps_its_value(door):
    kind = "Array(Tuple(Key String, Step LowCardinality(String), Object String, First DateTime64(9, 'UTC')))"
    values = "SELECT CAST([('k', 's', 'order:O-1', '2026-01-02 03:04:05')], {kind:String}) AS x"
    sql = f"SELECT x, replaceRegexpAll(toTypeName(x), '\\\\s+', ' ') FROM (SELECT {column('x', kind)} FROM ({values}))"  # noqa: S608
    answer = door.ask(sql, "owner", param_kind=kind)
    shown, shown_kind = answer.text.rstrip().split("\t")
    assert shown == "[('k','s','order:O-1','2026-01-02 03:04:05.000000000')]"
    assert shown_kind == "Array(Tuple( Key String, Step String, Ids String, First DateTime64(9, \\'UTC\\')))"


def test_the_times_of_traces_are_there_as_the_collectors_exporter_keeps_them(client):
    sql = "SELECT TraceId, Start, End, Tenant FROM otel_traces_trace_id_ts ORDER BY TraceId"
    times = client.query(sql).result_rows
    spans = client.query("SELECT TraceId, toDateTime(Timestamp) AS t, t, Tenant FROM otel_traces ORDER BY TraceId")
    assert len(times) == SPANS
    assert times == spans.result_rows
