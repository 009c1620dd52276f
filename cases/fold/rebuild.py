"""Cases computed afresh from all events: to replace the live ones (rebuild) or to be held against them (verify).

Everything is computed into tables beside the live ones, which go on being read and folded into. What arrives meanwhile
is folded into both; then, while no fold runs, the new tables take the place of the old ones.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.flows.declarations.declaration import HUB_LIMIT
from cases.fold import shadow_tables as beside
from cases.fold.fold import Folder, Tables, assert_links, fold_all, grow_reach, run
from cases.fold.limits import bounds
from cases.progress import Progress
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases.fold.selection import Selection
    from cases.fold.shadow_tables import Beside
    from store.client import Store

# Cases folded in one statement: bounds its memory (a case is some kilobytes while it is folded).
_CASES_A_CHUNK: Final = 50_000
# Cases folded again in their place in one run: bounds how long new batches wait for it.
_CASES_A_RUN: Final = 5_000
# So few batches may be left to fold while nothing else is folded.
_A_FEW: Final = 4
_ROUNDS: Final = 50


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
    """What verify found: ``cases`` recomputed, and every difference.

    Links and reach are kept in two orders; the one with more rows that differ is counted.
    """

    cases: int
    differences: tuple[Difference, ...]
    links: int
    reach: int
    hubs: int

    @property
    def agrees(self) -> bool:
        return not (self.differences or self.links or self.reach or self.hubs)


def rebuild(
    store: Store,
    clock: Callable[[], int] = time.time_ns,
    folder: Folder | None = None,
    progress: Progress | None = None,
) -> int:
    """Compute links, hubs, reach and cases from all events, in the place of the live ones; returns how many cases.

    Reading goes on, and so does folding by ``folder``, which must be the one that folds new batches, if any does. A
    stop at any point leaves the live tables as they were, or is made good before the next fold. Raises Stopped.
    """
    folder, progress = folder or Folder(store, clock), progress or Progress()
    folder.finish_replacing()
    with folder.keeping_arrivals(), beside.made(store, beside.REBUILT):
        late = _compute(store, folder, beside.REBUILT, progress)
        progress.part("what arrived meanwhile")
        for _ in range(_ROUNDS):
            if late.fold_pending() <= _A_FEW:
                break
        progress.part("replacing")
        folder.put_in_place(late)
        return _count(store, "cases")


def refold(store: Store, selection: Selection, folder: Folder | None = None, progress: Progress | None = None) -> int:
    """Fold the cases of ``selection`` again, some thousands at a time, each whole; returns how many. Raises Stopped.

    For a change of what cases are made of, such as declared steps. A change of paths needs :func:`rebuild`.
    """
    folder, progress = folder or Folder(store), progress or Progress()
    folder.finish_replacing()
    found = int(store.query("rebuild/refold_count", **selection.params())[0]["Cases"])
    name, chunks = uuid.uuid4().hex, found // _CASES_A_RUN + 1
    store.command(named_query("rebuild/refold_touch"), run=name, chunks=chunks, size=_CASES_A_RUN, **selection.params())
    progress.begin(chunks)
    for chunk in range(chunks):
        progress.part("cases")
        folder.fold_touched(f"{name}-{chunk}")
    return found


def verify(store: Store, clock: Callable[[], int] = time.time_ns, folder: Folder | None = None) -> Verification:
    """Recompute every case from its events and compare all columns but the version with the live row.

    Reading goes on, and so does folding by ``folder``, but for the comparison itself.
    """
    folder = folder or Folder(store, clock)
    folder.finish_replacing()
    with folder.keeping_arrivals(), beside.made(store, beside.AFRESH):
        late = _compute(store, folder, beside.AFRESH, Progress())
        with folder.held():
            folder.catch_up()
            late.catch_up()
            return Verification(
                cases=_count(store, beside.AFRESH.name("cases")),
                differences=tuple(_difference(row) for row in store.query("rebuild/verify_cases")),
                links=max(_differing(store, table, _LINK) for table in ("links", "links_by_target")),
                reach=max(_differing(store, table, _REACHED) for table in ("reach", "reach_by_case")),
                hubs=_differing(store, "hubs", "Tenant, IdValue, IdType, Flow"),
            )


_LINK: Final = "Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue"
_REACHED: Final = "Tenant, IdValue, IdType, Flow, CaseId"


def _compute(store: Store, folder: Folder, where: Beside, progress: Progress) -> Folder:
    """Fill the tables of ``where`` with what is stored now; returns the folder that adds what arrives from now on.

    A batch that is known as arrived has all its steps stored: what is read from here on holds at least those batches.
    """
    progress.begin(1)
    late = folder.beside(Tables(**where.names()))
    store.command(f"INSERT INTO {where.name('folded_batches')} (Batch) SELECT DISTINCT Batch FROM arrivals")  # noqa: S608
    tables = Tables(source="all_arrivals", **where.names())
    progress.part("links")
    assert_links(store, tables, ["all"])
    bound = bounds(store)
    limits: dict[str, Any] = {"default_limit": HUB_LIMIT, "least_limit": bound.hub_limit}
    store.command(named_query("rebuild/hubs"), **limits, **tables.params())
    chunks = _touch_all(store, uuid.uuid4().hex)
    progress.total = 2 * len(chunks) + 3
    for chunk in chunks:
        progress.part("what cases reach")
        with run(store, chunk):
            grow_reach(store, tables, chunk, bound.hops)
    # Only now is it known who shares what: every case must have reached all it can before the first is folded.
    for chunk in chunks:
        progress.part("cases")
        with run(store, chunk):
            fold_all(store, tables, chunk, folder.version())
    return late


def _touch_all(store: Store, name: str) -> list[str]:
    """Put every case into table ``touched`` under the names of as many runs as are returned."""
    cases = int(store.rows("SELECT uniqExact(Tenant, Flow, CaseId) AS n FROM all_arrivals WHERE CaseId != ''")[0]["n"])
    chunks = cases // _CASES_A_CHUNK + 1
    store.command(named_query("rebuild/touch_all"), run=name, chunks=chunks, size=_CASES_A_CHUNK)
    return [f"{name}-{chunk}" for chunk in range(chunks)]


def _count(store: Store, table: str) -> int:
    return int(store.rows(f"SELECT uniqExact(Tenant, Flow, CaseId) AS n FROM {table}")[0]["n"])  # noqa: S608 - our own


def _difference(row: dict[str, Any]) -> Difference:
    return Difference(row["Tenant"], row["Flow"], row["CaseId"], row["Kind"], tuple(row["Columns"]))


def _differing(store: Store, table: str, columns: str) -> int:
    """Rows that one of the live and the fresh ``table`` has and the other has not."""
    live, fresh = (f"SELECT {columns} FROM {name}" for name in (table, beside.AFRESH.name(table)))  # noqa: S608 - our own
    sql = f"SELECT count() AS n FROM (({live} EXCEPT DISTINCT {fresh}) UNION DISTINCT ({fresh} EXCEPT DISTINCT {live}))"  # noqa: S608
    return int(store.rows(sql)[0]["n"])
