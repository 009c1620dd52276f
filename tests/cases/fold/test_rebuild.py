"""Rebuilding: while cases are read and folded, stopped at any point, as a whole or some cases in their place."""

from datetime import timedelta

import pytest

from cases.fold.fold import Folder
from cases.fold.rebuild import rebuild, refold, verify
from cases.fold.selection import Selection
from cases.fold.state import FOLD_VERSION, outdated, set_state
from cases.progress import Progress, Stopped
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from tests.cases.orders import START, Wire, declare_flow, trace_of

pytestmark = pytest.mark.slow

FLOW = "order-to-cash"


@pytest.fixture
def store(migrated_chdb_url):
    opened = open_store(migrated_chdb_url)
    declare_flow(opened, "default")
    insert(opened, "SO-1", "P-1")
    insert(opened, "SO-2", "P-1")
    Folder(opened).catch_up()
    yield opened
    opened.close()


def insert(store, case, package, minute=0):
    """A case with an item, packed into a package that a carrier moves."""
    wire, trace = Wire(), trace_of(case)
    wire.step("erp", "book", minute, trace=trace, key=f"{case} book", case=case, refs={"item": f"{case}-1"})
    wire.step("wms", "pack", minute, trace=trace, key=f"{case} pack", refs={"item": f"{case}-1", "package": package})
    wire.step("carrier", "move", minute, trace=trace_of(package), key=f"{package} move", refs={"package": package})
    insert_envelopes(store, [Envelope("default", 1, wire.request())], f"rebuild-{case}")


def counted(store):
    """case → (events, of which shared, touches)."""
    rows = store.rows("SELECT CaseId, Events, SharedEvents, Touches FROM cases FINAL ORDER BY CaseId")
    return {row["CaseId"]: (row["Events"], row["SharedEvents"], row["Touches"]) for row in rows}


def spoil(store):
    """Rows as a defect would leave them: one case counts wrong, one reaches what it does not."""
    store.command("INSERT INTO reach SELECT Tenant, 'stray', 'item', Flow, CaseId FROM cases WHERE CaseId = 'SO-1'")
    store.command("ALTER TABLE cases UPDATE Touches = 9 WHERE 1 SETTINGS mutations_sync = 1")


WHOLE = {"SO-1": (4, 3, 0), "SO-2": (4, 3, 0)}
SPOILT = {"SO-1": (4, 3, 9), "SO-2": (4, 3, 9)}


def test_what_arrives_during_a_rebuild_is_folded_at_once_and_not_lost(store):
    """At each stage another order comes, and the running fold takes it; the last one is left for after the rebuild."""
    spoil(store)
    folder = Folder(store)
    stages, seen = [], []

    def tell(stage, done, total):
        insert(store, f"SO-{len(stages) + 3}", f"P-{len(stages)}")
        if stage != "replacing":
            folder.catch_up()
        stages.append((stage, done, total))
        seen.append(len(counted(store)))

    assert rebuild(store, folder=folder, progress=Progress(tell)) == 7
    assert stages == [
        ("links", 0, 1),
        ("what cases reach", 1, 5),
        ("cases", 2, 5),
        ("what arrived meanwhile", 3, 5),
        ("replacing", 4, 5),
    ]
    assert seen == [3, 4, 5, 6, 6]
    assert counted(store) == {
        **{f"SO-{number}": (5, 4, 0) for number in (1, 2, 4)},  # they share a package
        **{f"SO-{number}": (3, 0, 0) for number in (3, 5, 6, 7)},
    }
    assert folder.fold_pending() == 0
    assert verify(store).agrees


def test_a_rebuild_that_is_asked_to_end_changes_nothing(store):
    spoil(store)
    asked = iter([False, False, True])
    with pytest.raises(Stopped):
        rebuild(store, progress=Progress(stopping=lambda: next(asked)))
    assert counted(store) == SPOILT
    assert (
        store.rows("SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%rebuilt'") == []
    )


class Killed(BaseException):
    """The process is gone."""


def test_a_rebuild_that_is_killed_while_it_replaces_is_finished_before_the_next_fold(store):
    spoil(store)
    command, replaced = store.command, 0

    def killed(sql, *args, **params):
        nonlocal replaced
        if "REPLACE PARTITION" in sql:
            replaced += 1
            if replaced > 2:
                store.command = dead
                raise Killed
        return command(sql, *args, **params)

    def dead(*_args, **_params):
        raise Killed

    store.command = killed
    with pytest.raises(Killed):
        rebuild(store)
    store.command = command
    insert(store, "SO-3", "P-2")
    Folder(store).catch_up()
    assert counted(store) == {**WHOLE, "SO-3": (3, 0, 0)}
    assert verify(store).agrees
    assert rebuild(store) == 3


def test_chosen_cases_are_folded_again_in_their_place(store):
    spoil(store)
    assert refold(store, Selection(flow="nothing")) == 0
    assert refold(store, Selection(tenant="nobody")) == 0
    insert(store, "SO-3", "P-2", minute=10_000)
    Folder(store).catch_up()
    assert refold(store, Selection(flow=FLOW, since=START + timedelta(minutes=9_999))) == 1
    assert counted(store) == {**SPOILT, "SO-3": (3, 0, 0)}
    assert refold(store, Selection(flow=FLOW)) == 3
    assert counted(store) == {**WHOLE, "SO-3": (3, 0, 0)}


def test_cases_of_an_older_version_are_known_until_they_are_rebuilt(store):
    assert not outdated(store)
    set_state(store, "version", FOLD_VERSION - 1)
    assert outdated(store)
    Folder(store).catch_up()
    assert outdated(store)
    rebuild(store)
    assert not outdated(store)
