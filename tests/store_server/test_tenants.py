"""A reader sees the rows of their own tenant, however they ask, and nothing of the machine."""

import base64

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.external import ExternalData

from tests.store_server.child import SPANS

pytestmark = pytest.mark.slow

# Tables whose rows name their tenant, and what leads to them.
TABLES = ("otel_traces", "steps", "ids", "cases", "reach")

OWN_ROWS_ALONE = [
    "SELECT DISTINCT Tenant FROM otel_traces",
    "SELECT DISTINCT t.Tenant FROM otel_traces AS t JOIN steps AS s ON t.TraceId = s.TraceId",
    "SELECT DISTINCT t.Tenant FROM otel_traces AS t CROSS JOIN otel_traces AS u",
    "SELECT DISTINCT Tenant FROM (SELECT * FROM otel_traces UNION ALL SELECT * FROM sql.otel_traces)",
    "WITH all AS (SELECT Tenant FROM otel_traces) SELECT DISTINCT Tenant FROM all",
    "SELECT DISTINCT Tenant FROM view(SELECT * FROM otel_traces)",
    "SELECT DISTINCT Tenant FROM otel_traces SETTINGS log_comment = 'other'",
    "SELECT DISTINCT Tenant FROM otel_traces SETTINGS readonly = 0",
    "SELECT DISTINCT Tenant FROM {table:Identifier}",
    # What a query tells by failing: the rows of others must not be looked at before they are taken out.
    "SELECT DISTINCT Tenant FROM otel_traces WHERE throwIf(ServiceName = 'svc-other') = 0",
    "SELECT DISTINCT Tenant FROM steps WHERE throwIf(KeyValue = 'other-3') = 0",
    "SELECT DISTINCT Tenant FROM otel_traces WHERE match('a', replaceRegexpOne(SpanName, '^op-other$', '[')) >= 0",
    "SELECT DISTINCT Tenant FROM otel_traces WHERE throwIf(has(mapKeys(SpanAttributes), 'of.other')) = 0",
    "SELECT DISTINCT Tenant FROM otel_traces WHERE length(base58Decode(replaceOne(SpanName, 'op-acme', '2g'))) > 0",
    "SELECT DISTINCT Tenant FROM steps WHERE throwIf(Tenant = 'other') = 0",
    "SELECT DISTINCT Tenant FROM steps WHERE intDiv(1, CaseId != 'other-7') >= 0",
]

NOTHING = [
    "SELECT * FROM otel_traces WHERE Tenant = 'other'",
    "SELECT * FROM otel_traces WHERE TraceId IN (SELECT TraceId FROM steps WHERE KeyValue = 'other-1')",
    "SELECT * FROM ids WHERE IdValue = 'O-other1'",
    "SELECT name FROM system.databases WHERE name NOT IN ('sql', 'system', 'information_schema', 'INFORMATION_SCHEMA')",
]

REFUSED = [
    "SELECT * FROM flowtrail.steps",
    "SELECT * FROM `flowtrail`.steps",
    "SELECT * FROM {own:Identifier}.steps",
    "SELECT * FROM schema_migrations",
    "SELECT * FROM folded_batches",
    "SELECT * FROM otel_traces_to_steps",
    "SELECT * FROM made_later",
    "SELECT file('/etc/hostname')",
    "SELECT `file`('/etc/hostname')",
    "SELECT \"FILE\"('/etc/hostname')",
    "SELECT arrayMap(file, ['/etc/hostname'])",
    "SELECT * APPLY file FROM (SELECT '/etc/hostname' AS name)",
    "SELECT a$b$, file('/etc/hostname') $b$",
    "SELECT DISTINCT Tenant FROM (SELECT Tenant FROM otel_traces SETTINGS log_comment = '')",
    "SELECT \u2018'\u2019, file(\u2018/etc/hostname\u2019), \u2018'\u2019",
    "SELECT * FROM values('a String DEFAULT file(''/etc/hostname'')', 'x')",
    "SELECT * FROM null('a UInt8 DEFAULT toUInt8(file(''/etc/hostname''))')",
    "SELECT * FROM format(CSV, 'a String DEFAULT file(''/etc/hostname'')', '1')",
    "SELECT * FROM {own/**/:Identifier}.steps",
    "SELECT * FROM {files/**/:Identifier}.{path/* */:Identifier}",
    "SELECT * FROM Python(engine)",
    "SELECT * FROM python('engine')",
    "EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:1', 'a', 'b', 'c', 'd') COLUMNS (a Int8)",
    "EXPLAIN SYNTAX INSERT INTO steps SELECT 1",
    "SELECT * FROM system.parts",
    "SELECT * FROM system.processes",
    "SELECT * FROM system.query_cache",
    "SELECT * FROM system.server_settings",
    "SELECT * FROM system.disks",
    "SELECT count() FROM steps WHERE KeyValue IN system.processes",
    "SET ROLE owner",
    "SET ROLE ALL",
    "EXECUTE AS default SELECT 1",
    "BEGIN TRANSACTION",
    "SHOW PROCESSLIST",
    "SHOW GRANTS",
    "SHOW ACCESS",
    "CHECK TABLE steps",
    "SELECT /* ' */ file('/etc/hostname') -- '",
    "SELECT * FROM file('/etc/hostname', 'LineAsString')",
    "DESCRIBE file('/etc/passwd', 'CSV')",
    "SELECT * FROM default.`/etc/hostname`",
    "SELECT * FROM {files:Identifier}.{path:Identifier}",
    "SELECT * FROM '/etc/hostname'",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', 'flowtrail', 'steps')",
    "SELECT * FROM cluster('default', 'flowtrail', 'steps')",
    "SELECT * FROM merge('flowtrail', '.*')",
    "SELECT * FROM mergeTreeIndex('flowtrail', 'steps')",
    "SELECT * FROM mergeTreeAnalyzeIndexes('flowtrail', 'steps')",
    "SELECT * FROM executable('id', 'TSV', 'a String')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM loop(otel_traces)",
    "SELECT hasColumnInTable('127.0.0.1', 'flowtrail', 'cases', 'Tenant')",
    "SELECT dictGet('d', 'a', 1)",
    "SELECT 1 INTO OUTFILE '/tmp/out'",
    "INSERT INTO steps (Tenant) VALUES ('acme')",
    "INSERT INTO FUNCTION file('/tmp/out', 'TSV', 'a Int8') SELECT 1",
    "SET use_query_cache = 1",
    "USE default",
    "CREATE TABLE mine (a Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE mine (a Int8)",
    "DROP TABLE steps",
    "ALTER TABLE steps DELETE WHERE 1",
    "OPTIMIZE TABLE steps",
    "KILL QUERY WHERE 1",
    "SYSTEM SHUTDOWN",
    "BACKUP TABLE steps TO File('/tmp/backup')",
    "SELECT * FROM system.users",
    "SELECT 1; SELECT 2",
    "GRANT ALL ON *.* TO default",
]

SETTINGS_REFUSED = {
    "additional_table_filters": "{'flowtrail.steps': '1'}",
    "use_query_cache": "1",
    "format_schema": "any",
    "output_format_schema": "/tmp/out",  # noqa: S108
    "format_template_row": "/etc/hostname",
    "allow_introspection_functions": "1",
    "max_execution_time": "-1",
}


@pytest.fixture(scope="module", autouse=True)
def _a_table_made_later(door):
    """What a rebuild makes while readers are there: no policy names it."""
    assert (
        door.ask("CREATE TABLE made_later ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a", "owner").status_code == 200
    )


def test_a_policy_holds_for_the_tables_below_the_views(door):
    """Readers cannot name them; if they could, they would see as little."""
    names = door.ask(
        "SELECT name FROM system.tables WHERE database = 'flowtrail' AND engine LIKE '%MergeTree'", "owner"
    )
    counts = " UNION ALL ".join(f"SELECT count() AS n FROM {name} WHERE 1" for name in names.text.split())  # noqa: S608
    bound = {"log_comment": "nobody"}
    assert len(names.text.split()) > 20
    assert door.ask(f"SELECT sum(n) FROM ({counts})", "owner", **bound).text == "0\n"  # noqa: S608


@pytest.mark.parametrize("table", TABLES)
def test_a_table_holds_the_rows_of_the_readers_tenant_alone(door, table):
    tenants = f"SELECT DISTINCT Tenant FROM {table} ORDER BY Tenant"  # noqa: S608
    assert door.ask(tenants, "owner").text.split() == ["acme", "other"]
    assert door.ask(tenants).text.split() == ["acme"]
    assert (
        door.ask(f"SELECT count() FROM {table}").text == door.ask(f"SELECT count() FROM {table}", "reader-other").text  # noqa: S608
    )


def test_every_way_to_ask_finds_own_rows_alone(door):
    answers = {sql: door.ask(sql, param_table="otel_traces").text for sql in OWN_ROWS_ALONE}
    assert {sql: text for sql, text in answers.items() if text != "acme\n"} == {}


def test_what_is_not_the_readers_shows_nothing(door):
    answers = {sql: door.ask(sql) for sql in NOTHING}
    assert {sql: answer.text for sql, answer in answers.items() if (answer.status_code, answer.text) != (200, "")} == {}


def test_what_reaches_beyond_the_tables_is_refused(door):
    params = {"param_files": "default", "param_path": "/etc/hostname", "param_own": "flowtrail"}
    answers = {sql: door.ask(sql, **params) for sql in REFUSED}
    assert {sql: answer.text for sql, answer in answers.items() if answer.status_code == 200} == {}
    shown = [
        answer.text for answer in answers.values() if door.ask("SELECT hostName()", "owner").text.strip() in answer.text
    ]
    assert shown == []


def test_the_whole_store_is_read_with_the_same_refusals(door):
    assert door.ask("SELECT DISTINCT Tenant FROM steps ORDER BY Tenant", "whole").text == "acme\nother\n"
    assert door.ask("SELECT file('/etc/hostname')", "whole").status_code == 403
    assert door.ask("DROP TABLE steps", "whole").status_code == 403


@pytest.mark.parametrize("name", SETTINGS_REFUSED)
def test_a_setting_that_lifts_a_limit_is_refused(door, name):
    assert door.ask("SELECT 1", **{name: SETTINGS_REFUSED[name]}).status_code >= 400
    assert door.ask(f"SELECT 1 SETTINGS {name} = '{SETTINGS_REFUSED[name].replace(chr(39), '')}'").status_code >= 400


def test_log_comment_and_readonly_in_the_address_change_nothing(door):
    for given in ({"log_comment": "other"}, {"log_comment": ""}, {"readonly": "0"}):
        assert door.ask("SELECT DISTINCT Tenant FROM steps", **given).text == "acme\n"


def test_the_question_for_settings_gives_no_way_to_set_one(door):
    sql = "SELECT name, value, readonly FROM system.settings LIMIT 0"
    tail = " UNION ALL SELECT DISTINCT Tenant, '', 0 FROM steps SETTINGS log_comment = ''"
    answer = door.ask(sql + tail)
    assert "other" not in answer.text
    assert "acme" in answer.text


def test_an_answer_is_never_another_tenants_from_a_cache(door):
    sql = "SELECT count(), min(CaseId) FROM steps WHERE Step = 'ship'"
    answers = [door.ask(sql, f"reader-{tenant}").text for tenant in ("acme", "other", "nobody", "acme")]
    assert answers == [f"{SPANS}\tacme-0\n", f"{SPANS}\tother-0\n", "0\t\n", f"{SPANS}\tacme-0\n"]
    assert door.ask(sql, "owner").text == f"{2 * SPANS}\tacme-0\n"


@pytest.mark.parametrize("tenant", ["acme' OR '1'='1", "", "other\\' --", "acme\n"])
def test_a_tenant_is_a_value_and_no_code(door, tenant):
    key = base64.b64encode(f"any:reader-{tenant}".encode()).decode()
    answer = door.http.post(
        door.url, content="SELECT count() FROM sql.steps", headers={"Authorization": f"Basic {key}"}
    )
    assert answer.text == "0\n" or answer.status_code == 403


def test_rows_that_come_with_a_statement_are_refused(door):
    """Their columns are a text in which DEFAULT can stand, which the engine computes before anything is forbidden."""
    structure = "a UInt8 DEFAULT toUInt8(file('/etc/hostname'))"
    data = ExternalData(file_name="mine.csv", fmt="CSV", structure=structure, data=b"1\n")
    with pytest.raises(DatabaseError, match="External tables are not taken here"):
        door.client().query("SELECT * FROM mine", external_data=data)
