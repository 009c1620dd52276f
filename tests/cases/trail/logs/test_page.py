import pytest

from cases.errors import InvalidQuery, NotFound
from cases.identifier import Identifier
from cases.trail.logs.log import severity_of
from cases.trail.logs.page import UNCUT, LogQuery
from cases.trail.trail import case_logs, trail
from tests.cases import orders

pytestmark = pytest.mark.slow


def logs_of(world, case_id, flow=orders.FLOW, **query):
    return case_logs(world.store, world.tenant, (flow, case_id), LogQuery(**query))


def bodies(world, case_id, **query):
    return [record.body for record in logs_of(world, case_id, **query).records]


@pytest.fixture(scope="module")
def owns(orders_store):
    """Tenants that have the same case, one for each test of this module: folded together, they take one fold."""
    trace = orders.trace_of("SO-1")
    wire = orders.Wire().step("erp", "book", 0, trace=trace, case="SO-1", key="book", refs={"item": "I-1"})
    wire.span("erp-db", "INSERT", 0, trace=trace, key="insert", parent="book")
    return orders.alike(orders_store, wire, 20)


@pytest.fixture
def own(owns):
    """SO-1 with one step, span key "book", and a plain span below it, key "insert"."""
    return owns.pop()


def test_a_record_in_the_span_of_a_step_belongs_to_it(own):
    trace = orders.trace_of("SO-1")
    wire = orders.Wire()
    wire.log("erp", "low stock", 0, trace=trace, span="book", severity=13, text="WARNING", event="stock").send(own)
    (record,) = logs_of(own, "SO-1").records
    assert (record.body, record.system, record.event_name) == ("low stock", "erp", "stock")
    assert (record.severity, record.severity_text, record.severity_number) == ("warn", "WARNING", 13)
    assert record.event == record.step == f"{trace}-{orders.span_of('book')}"
    assert (record.joined, record.identifier, record.shared) == ("trace", None, None)
    assert record.time == orders.START


def test_a_record_in_a_plain_span_names_it_and_the_step_above(own):
    trace = orders.trace_of("SO-1")
    orders.Wire().log("erp-db", "1 row", 0, trace=trace, span="insert").send(own)
    (record,) = logs_of(own, "SO-1").records
    assert record.event == f"{trace}-{orders.span_of('insert')}"
    assert record.step == f"{trace}-{orders.span_of('book')}"


def test_a_record_without_a_trace_is_joined_by_the_case_it_names(own):
    wire = orders.Wire()
    wire.log("mail", "one", 1, **{"flow.case.id": "SO-1", "flow.name": orders.FLOW})
    wire.log("mail", "any flow", 2, **{"flow.case.id": "SO-1"})
    wire.log("mail", "another flow", 3, **{"flow.case.id": "SO-1", "flow.name": "returns"})
    wire.log("mail", "another case", 4, **{"flow.case.id": "SO-2", "flow.name": orders.FLOW}).send(own)
    assert [(one.body, one.joined, one.event) for one in logs_of(own, "SO-1").records] == [
        ("one", "case", None),
        ("any flow", "case", None),
    ]


def test_a_record_in_the_trace_that_names_another_case_belongs_to_that_one(own):
    trace = orders.trace_of("SO-1")
    orders.Wire().step("erp", "book", 0, trace=orders.trace_of("SO-2"), case="SO-2").send(own)
    orders.Wire().log("erp", "for SO-2", 0, trace=trace, span="book", **{"flow.case.id": "SO-2"}).send(own)
    assert bodies(own, "SO-1") == []
    assert bodies(own, "SO-2") == ["for SO-2"]


def test_a_record_is_joined_by_an_id_that_the_case_reaches_and_shared_with_others_that_do(own):
    wire = orders.Wire()
    wire.step("erp", "book", 5, trace=orders.trace_of("SO-2"), case="SO-2", refs={"item": "I-2"})
    wire.step("wms", "pack", 6, trace=orders.trace_of("P"), refs={"item": ["I-1", "I-2"], "package": "P-1"})
    wire.log("wms", "weighed", 7, **{"flow.ref.package": "P-1"})
    wire.log("wms", "scanned", 8, **{"flow.ref.item": ["I-9", "I-1"]}).send(own)
    weighed, scanned = logs_of(own, "SO-1").records
    assert (weighed.joined, weighed.identifier) == ("id", Identifier("package", "P-1"))
    assert (weighed.shared.count, weighed.shared.case_ids) == (2, ("SO-2",))
    assert (scanned.identifier, scanned.shared) == (Identifier("item", "I-1"), None)
    assert bodies(own, "SO-2") == ["weighed"]


def test_below_a_step_a_record_about_anothers_item_is_not_the_cases(own):
    trace = orders.trace_of("batch")
    wire = orders.Wire().step("erp", "book", 5, trace=orders.trace_of("SO-2"), case="SO-2", refs={"item": "I-2"})
    wire.step("wms", "pack", 6, trace=trace, key="pack", refs={"item": ["I-1", "I-2"]})
    wire.log("wms", "I-2 is heavy", 6, trace=trace, span="pack", **{"flow.ref.item": "I-2"})
    wire.log("wms", "sealed", 6, trace=trace, span="pack", **{"flow.ref.machine": "M-4"}).send(own)
    assert bodies(own, "SO-1") == ["sealed"]
    assert sorted(bodies(own, "SO-2")) == ["I-2 is heavy", "sealed"]
    (sealed,) = logs_of(own, "SO-1").records
    assert (sealed.shared.count, sealed.shared.case_ids) == (2, ("SO-2",))


def test_in_a_joint_trace_each_case_has_the_records_of_its_own_steps_and_those_of_nobodys(own):
    trace = orders.trace_of("nightly")
    wire = orders.Wire().span("wms", "nightly", 0, trace=trace, key="nightly")
    for case in ("SO-1", "SO-2"):
        wire.step("wms", "count", 1, trace=trace, case=case, key=f"count {case}", parent="nightly")
        wire.span("wms", "read", 1, trace=trace, key=f"read {case}", parent=f"count {case}")
        wire.log("wms", f"read for {case}", 1, trace=trace, span=f"read {case}")
    wire.log("wms", "batch begins", 0, trace=trace, span="nightly").log("wms", "no span", 2, trace=trace).send(own)
    batch, read, no_span = logs_of(own, "SO-1").records
    assert (batch.body, batch.step, batch.shared.case_ids) == ("batch begins", None, ("SO-2",))
    assert (read.body, read.shared) == ("read for SO-1", None)
    assert (no_span.body, no_span.event, no_span.shared.count) == ("no span", None, 2)


def test_records_below_a_running_step_belong_to_it(world):
    trace = orders.trace_of("SO-1")
    wire = orders.Wire()
    wire.step("erp", "approve", 5, 0, trace=trace, case="SO-1", key="begun", parent="real", state="started")
    wire.log("erp", "mail sent", 6, trace=trace, span="real").send(world)
    (record,) = logs_of(world, "SO-1").records
    assert record.step == record.event == f"{trace}-{orders.span_of('begun')}"


def test_a_record_that_was_sent_twice_is_listed_once(own):
    for _ in range(2):
        orders.Wire().log("erp", "again", 0, trace=orders.trace_of("SO-1"), **{"flow.case.id": "SO-1"}).send(own)
    orders.Wire().log("erp", "again!", 0, trace=orders.trace_of("SO-1"), **{"flow.case.id": "SO-1"}).send(own)
    assert sorted(bodies(own, "SO-1")) == ["again", "again!"]


def test_pages_hold_every_record_once_in_order_of_time_and_count_what_they_leave_out(own):
    wire = orders.Wire()
    for number in range(7):
        severity = 17 if number % 3 == 0 else 5
        wire.log("erp", f"{number}", number // 2, trace=orders.trace_of("SO-1"), severity=severity)
    wire.send(own)
    first = logs_of(own, "SO-1", limit=3)
    assert (first.n, first.warnings_n, first.left_out, first.truncated) == (7, 3, 4, False)
    seen, cursor = list(first.records), first.next
    while cursor:
        page = case_logs(own.store, own.tenant, (orders.FLOW, "SO-1"), LogQuery.parse({"cursor": cursor}, limit=3))
        seen += page.records
        cursor = page.next
    assert sorted(record.body for record in seen) == list("0123456")
    assert [record.ns for record in seen] == sorted(record.ns for record in seen)


def test_a_case_of_many_records_is_counted_in_full_and_read_page_by_page(own):
    wire = orders.Wire()
    for number in range(450):
        wire.log("erp", f"line {number}", number, trace=orders.trace_of("SO-1"), severity=13 if number % 9 == 0 else 9)
    wire.send(own)
    first = logs_of(own, "SO-1")
    assert (len(first.records), first.n, first.warnings_n, first.left_out) == (100, 450, 50, 350)
    assert [record.body for record in first.records[:2]] == ["line 0", "line 1"]
    assert len(bodies(own, "SO-1", limit=1_000)) == 450


def test_warnings_alone_none_at_all_and_a_range_of_time(own):
    wire = orders.Wire()
    for number, severity in enumerate((1, 9, 13, 17, 21)):
        wire.log("erp", f"{severity}", number, trace=orders.trace_of("SO-1"), severity=severity)
    wire.log("erp", "by word", 9, trace=orders.trace_of("SO-1"), severity=0, text="Error").send(own)
    assert bodies(own, "SO-1", choice="warnings") == ["13", "17", "21", "by word"]
    none = logs_of(own, "SO-1", choice="none")
    assert (none.records, none.n, none.warnings_n, none.left_out) == ((), 6, 4, 0)
    query = LogQuery.parse({"from": "2026-11-16T08:01:00Z", "to": "2026-11-16T08:03:00Z"})
    found = case_logs(own.store, own.tenant, (orders.FLOW, "SO-1"), query)
    assert [record.body for record in found.records] == ["9", "13"]


def test_long_bodies_are_cut_in_a_trail_and_whole_in_the_list(own):
    text = "ä" * 5_000
    orders.Wire().log("erp", text, 0, trace=orders.trace_of("SO-1"), note=text).send(own)
    (cut,) = trail(own.store, own.tenant, (orders.FLOW, "SO-1"), orders.AS_OF).logs.records
    assert (cut.body, cut.body_cut, cut.attributes) == ("ä" * 2_000, True, {"note": "ä" * 2_000})
    (whole,) = logs_of(own, "SO-1", cut=UNCUT).records
    assert (whole.body, whole.body_cut) == (text, False)


def test_another_tenant_sees_no_record(own):
    other = orders.World.new(own.store)
    trace = orders.trace_of("SO-1")
    orders.Wire().step("erp", "book", 0, trace=trace, case="SO-1").send(other)
    orders.Wire().log("erp", "secret", 0, trace=trace, **{"flow.case.id": "SO-1"}).send(own)
    assert bodies(other, "SO-1") == []


@pytest.mark.parametrize("cursor", ["x", "é", "WzFd", "bnVsbA", "WyJhIiwxXQ"])
def test_a_cursor_that_cannot_be_read_is_refused(cursor):
    with pytest.raises(InvalidQuery, match="cursor"):
        LogQuery.parse({"cursor": cursor})


def test_an_unknown_choice_and_an_unknown_case_are_refused(world):
    with pytest.raises(InvalidQuery, match="logs=some"):
        LogQuery.parse({"logs": "some"})
    with pytest.raises(NotFound):
        logs_of(world, "nobody")


@pytest.mark.parametrize(
    ("number", "text", "severity"),
    [
        (1, "", "trace"), (8, "", "debug"), (12, "ERROR", "info"), (13, "", "warn"), (20, "", "error"),
        (24, "", "fatal"), (25, "", "unspecified"), (0, "", "unspecified"), (0, "Warning", "warn"),
        (0, " CRITICAL", "fatal"), (0, "notice", "info"), (0, "something", "unspecified"),
    ],
)  # fmt: skip
def test_severity_is_told_by_number_or_else_by_word(number, text, severity):
    assert severity_of(number, text) == severity
