"""A store of before learns what its spans say of links and approvals: it is then like a new one."""

import pytest

from cases.fold.fold import Folder
from store import migrate as runner
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from tests.cases.orders import Wire, trace_of

pytestmark = pytest.mark.slow

STEPS = """
SELECT * EXCEPT (ReceivedAt, Batch) FROM steps FINAL ORDER BY Tenant, KeyValue, KeyType, Timestamp, TraceId, SpanId
"""
CASES = "SELECT * EXCEPT (Version) FROM cases FINAL ORDER BY Tenant, Flow, CaseId"
LINKED = {"link.item.package": ["I-1", "P-1", "I-1", "", "I-2", "P-2", "odd"], "link.no.type.at.all": ["a", "b"]}
APPROVED = {"approval.timeout_s": 60.5, "approval.escalate_to": "manager", "approval.on_timeout": "escalate"}
DECIDED = {**APPROVED, "approval.decision": "approved", "approval.decided_by": "dana"}


def requests():
    """Two batches: one of before, one after the migration."""
    for number in (1, 2):
        wire, trace, case = Wire(), trace_of(f"m{number}"), f"M-{number}"
        wire.step("shop", "capture", 0, trace=trace, case=case, refs={"item": ["I-1", "I-2"]}, **LINKED)
        wire.step("erp", "approve", 1, trace=trace, case=case, key=f"d{number}", step_kind="approval", **DECIDED)
        wire.step("erp", "sign", 2, 0, trace=trace, case=case, state="started", step_kind="approval", **APPROVED)
        wire.step("wms", "pack", 3, trace=trace, refs={"package": "P-1"})
        yield wire.request()


def insert(store, number, request):
    insert_envelopes(store, [Envelope("default", number, request)], f"b{number}")


@pytest.fixture
def stores(store_url, chdb_directory):
    """One that has the schema of before, and a new one."""
    with chdb_directory.migrated() as url:
        opened = [open_store(store_url), open_store(url)]
        yield opened
        for store in opened:
            store.close()


def test_a_store_of_before_is_like_a_new_one(stores, monkeypatch):
    before, new = stores
    first, second = requests()
    with monkeypatch.context() as patch:
        known = runner.migrations()
        patch.setattr(runner, "migrations", lambda: known[:7])
        runner.migrate(before)
        insert(before, 1, first)
        before.command("INSERT INTO folded_batches (Batch) SELECT 'b1'")
    runner.migrate(before)
    for store, batches in ((before, {2: second}), (new, {1: first, 2: second})):
        for number, request in batches.items():
            insert(store, number, request)
    [packed] = [row for row in before.rows(STEPS) if row["KeyValue"] == "M-1" and row["Step"] == "capture"]
    link = {"SourceType": "item", "SourceValue": "I-1", "TargetType": "package", "TargetValue": "P-1"}
    assert packed["Links"] == [link, {**link, "SourceValue": "I-2", "TargetValue": "P-2"}]
    assert before.rows(STEPS) == new.rows(STEPS)
    for store in stores:
        store.command("TRUNCATE TABLE folded_batches")
        Folder(store).fold_pending()
    assert before.rows(CASES) == new.rows(CASES)
    assert [len(row["Approvals"]) for row in new.rows(CASES)] == [2, 2]


def test_a_migration_that_stopped_at_its_end_does_no_harm_again(migrated_chdb_url):
    store = open_store(migrated_chdb_url)
    insert(store, 1, next(iter(requests())))
    steps = store.rows(STEPS)
    for migration in (one for one in runner.migrations() if one.number in (9, 10)):
        for statement in runner.SINGLE.statements(migration):
            store.command(statement)
    assert store.rows(STEPS) == steps
    store.close()
