"""Cases computed afresh from all events: to replace the live ones (rebuild) or to be held against them (verify)."""

from __future__ import annotations

import contextlib
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.fold import Tables, Versions, assert_links, fold_all, grow_reach, run
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from store.client import Store

# Cases folded in one statement: bounds its memory (a case is some kilobytes while it is folded).
_CASES_A_CHUNK: Final = 100_000
_REBUILT: Final = ("links", "reach", "reach_by_case", "cases")
_AFRESH: Final = Tables(
    source="all_arrivals",
    links="links_afresh",
    reach="reach_afresh",
    reach_by_case="reach_by_case_afresh",
    cases="cases_afresh",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A case whose live row is not what its events say.

    ``columns`` names what differs; ``kind`` is ``missing``, ``extra`` or ``changed``.
    """

    tenant: str
    flow: str
    case_id: str
    kind: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What verify found: ``cases`` recomputed, and every difference."""

    cases: int
    differences: tuple[Difference, ...]
    links: int
    reach: int

    @property
    def agrees(self) -> bool:
        return not (self.differences or self.links or self.reach)


def rebuild(store: Store, clock: Callable[[], int] = time.time_ns) -> int:
    """Compute links, reach and cases from all events and put them in the place of the live ones; returns the cases.

    The live tables stay readable and whole until each is replaced in one step. Stop ingesting first: what arrives
    during a rebuild is folded from the live tables and would be replaced by a state without it.
    """
    with _afresh(store, clock) as count:
        for table in _REBUILT:
            _replace(store, table)
        store.command("INSERT INTO folded_batches (Batch) SELECT DISTINCT Batch FROM arrivals")
        return count


def verify(store: Store, clock: Callable[[], int] = time.time_ns) -> Verification:
    """Recompute every case from its events and compare all columns but the version with the live row."""
    with _afresh(store, clock) as count:
        rows = store.query("verify_cases")
        return Verification(
            cases=count,
            differences=tuple(_difference(row) for row in rows),
            links=_differing(store, "links", "Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue"),
            reach=_differing(store, "reach", "Tenant, IdValue, IdType, Flow, CaseId"),
        )


@contextlib.contextmanager
def _afresh(store: Store, clock: Callable[[], int]) -> Iterator[int]:
    """The tables of ``_AFRESH``, filled; dropped again at the end."""
    _drop(store)
    try:
        for table in _REBUILT:
            store.command(f"CREATE TABLE {table}_afresh AS {table}")
        store.command(
            "CREATE MATERIALIZED VIEW reach_to_reach_by_case_afresh TO reach_by_case_afresh AS "
            "SELECT Tenant, IdValue, IdType, Flow, CaseId FROM reach_afresh"
        )
        _compute(store, clock)
        yield int(store.rows("SELECT count() AS n FROM cases_afresh FINAL")[0]["n"])
    finally:
        _drop(store)


def _compute(store: Store, clock: Callable[[], int]) -> None:
    assert_links(store, _AFRESH, ["all"])
    version = Versions(clock, _newest(store)).next()
    chunks = _touch_all(store, uuid.uuid4().hex)
    for chunk in chunks:
        with run(store, chunk):
            grow_reach(store, _AFRESH, chunk)
    # Only now is it known who shares what: every case must have reached all it can before the first is folded.
    for chunk in chunks:
        with run(store, chunk):
            fold_all(store, _AFRESH, chunk, version)


def _touch_all(store: Store, name: str) -> list[str]:
    """Put every case into table ``touched`` under the names of as many runs as are returned."""
    cases = int(store.rows("SELECT uniqExact(Tenant, Flow, CaseId) AS n FROM all_arrivals WHERE CaseId != ''")[0]["n"])
    chunks = cases // _CASES_A_CHUNK + 1
    store.command(named_query("rebuild_touch_all"), run=name, chunks=chunks)
    return [f"{name}-{chunk}" for chunk in range(chunks)]


def _newest(store: Store) -> int:
    return int(store.rows("SELECT max(Version) AS newest FROM cases")[0]["newest"])


def _replace(store: Store, table: str) -> None:
    """Put the fresh ``table`` in the place of the live one, in one step."""
    if store.rows(f"SELECT 1 AS one FROM {table}_afresh LIMIT 1"):  # noqa: S608 - one of our own names
        store.command(f"ALTER TABLE {table} REPLACE PARTITION tuple() FROM {table}_afresh")
    else:
        store.command(f"TRUNCATE TABLE {table}")


def _difference(row: dict[str, Any]) -> Difference:
    return Difference(row["Tenant"], row["Flow"], row["CaseId"], row["Kind"], tuple(row["Columns"]))


def _differing(store: Store, table: str, columns: str) -> int:
    """Rows that one of the live and the fresh ``table`` has and the other has not."""
    live, fresh = (f"SELECT {columns} FROM {name}" for name in (table, f"{table}_afresh"))  # noqa: S608 - our own names
    sql = f"SELECT count() AS n FROM (({live} EXCEPT DISTINCT {fresh}) UNION DISTINCT ({fresh} EXCEPT DISTINCT {live}))"  # noqa: S608
    return int(store.rows(sql)[0]["n"])


def _drop(store: Store) -> None:
    store.command("DROP VIEW IF EXISTS reach_to_reach_by_case_afresh")
    for table in _REBUILT:
        store.command(f"DROP TABLE IF EXISTS {table}_afresh")
