"""``additional_table_filters``, as Grafana's ad hoc filters send them."""

import pytest

from tests.store_server.child import SPANS

pytestmark = pytest.mark.slow

COUNT = "SELECT count() FROM otel_traces"


def filters(**conditions: str) -> str:
    pairs = (f"'{name}': '{text}'" for name, text in conditions.items())
    return "{" + ", ".join(pairs) + "}"


@pytest.mark.parametrize("table", ["otel_traces", "sql.otel_traces", '"sql"."otel_traces"', "`sql`.`otel_traces`"])
def test_a_filter_takes_rows_away(door, table):
    value = filters(**{table: " SpanAttributes[\\'flow.case.id\\'] = \\'acme-3\\' "})
    assert door.ask(f"{COUNT} SETTINGS additional_table_filters = {value}").text == "1\n"
    assert door.ask(COUNT, additional_table_filters=value).text == "1\n"
    assert door.ask(f"{COUNT} settings additional_table_filters={value} FORMAT JSONCompact").json()["data"] == [[1]]


def test_an_empty_map_is_no_filter(door):
    assert door.ask(f"{COUNT} SETTINGS additional_table_filters = {{}}").text == f"{SPANS}\n"


@pytest.mark.parametrize(
    ("table", "condition"),
    [
        ("flowtrail.otel_traces", "1"),
        ("system.tables", "1"),
        ("otel_traces", "file(\\'/etc/hostname\\') = \\'\\'"),
        ("otel_traces", "\u2018\\'\u2019 = file(\u2018/etc/hostname\u2019)"),
        ("otel_traces", "TraceId IN (SELECT TraceId FROM flowtrail.otel_traces)"),
        ("otel_traces", "1 SETTINGS log_comment = \\'\\'"),
        ("otel_traces", "1 FORMAT JSON"),
        ("otel_traces", "1 UNION ALL SELECT 1"),
        ("otel_traces", "1; SELECT 1"),
        ("otel_traces", "1 FROM otel_traces"),
        ("otel_traces", "1) OR (1"),
        ("otel_traces", "\\'"),
    ],
)
def test_a_filter_is_checked_like_a_statement(door, table, condition):
    answer = door.ask(COUNT, additional_table_filters=filters(**{table: condition}))
    assert answer.status_code in (400, 403, 404), answer.text
    assert door.ask(f"{COUNT} SETTINGS additional_table_filters = {filters(**{table: condition})}").status_code >= 400


@pytest.mark.parametrize("value", ["1", "{'a'}", "{'a': 1}", "{'a': 'b'", "[('a', 'b')]", "{'otel_traces': '1'} --"])
def test_what_is_no_map_of_texts_is_refused(door, value):
    assert door.ask(COUNT, additional_table_filters=value).status_code == 400


@pytest.mark.parametrize(
    "condition",
    [
        "throwIf(Tenant != \\'acme\\') = 0",
        "throwIf(ServiceName = \\'svc-other\\') = 0",
        "intDiv(1, SpanName != \\'op-other\\') >= 0",
        "length(base58Decode(replaceOne(SpanName, \\'op-acme\\', \\'2g\\'))) > 0",
    ],
)
def test_a_filter_is_never_tried_on_other_tenants_rows(door, condition):
    """A condition that fails for a value would tell that somebody has it."""
    value = filters(otel_traces=condition)
    assert door.ask(COUNT, additional_table_filters=value).text == f"{SPANS}\n"
