"""Cases computed afresh from all events: to replace the live ones (rebuild) or to be compared with them (verify).

Everything is computed into shadow tables while the live ones are read and folded into as always. What arrives meanwhile
is folded into both. At the end, while no fold runs, the shadow tables replace the live ones or are compared with them.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.flows.declarations.declaration import HUB_LIMIT
from cases.fold import shadow_tables
from cases.fold.fold import Fold, Tables, assert_links, fold_all, grow_reach, run
from cases.fold.limits import bounds
from cases.progress import Progress
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases.fold.case_filter import CaseFilter
    from cases.fold.shadow_tables import ShadowTables
    from store.client import Store

# Cases folded in one statement: bounds its memory (a case is some kilobytes while it is folded).
_CASES_A_CHUNK: Final = 50_000
# Cases folded again in their place in one run: bounds how long new batches wait for it.
_CASES_A_RUN: Final = 5_000
# The live fold stops for the exchange once a round folds no more batches than this, or after so many rounds.
_FEW_BATCHES: Final = 4
_MAX_ROUNDS: Final = 50


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
    """What verify found: how many ``cases`` were folded afresh, and every difference.

    ``links``, ``reach`` and ``hubs`` count rows that differ. Links and reach are stored in two orders; the order with
    more differences counts.
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
    fold: Fold | None = None,
    progress: Progress | None = None,
) -> int:
    """Compute links, hubs, reach and cases from all events and replace the live ones; returns how many cases.

    Reading goes on, and so does folding by ``fold``, which must be the object that folds new batches, if any does. A
    stop at any point leaves the live tables as they were, or is mended before the next fold. Raises Stopped.
    """
    fold, progress = fold or Fold(store, clock), progress or Progress()
    fold.finish_replacing()
    with fold.keeping_arrivals(), shadow_tables.created(store, shadow_tables.REBUILT):
        shadow = _compute(store, fold, shadow_tables.REBUILT, progress)
        progress.part("what arrived meanwhile")
        for _ in range(_MAX_ROUNDS):
            if len(shadow.pending(limit=_FEW_BATCHES + 1)) <= _FEW_BATCHES:
                break
            shadow.fold_pending()
        progress.part("replacing")
        fold.put_in_place(shadow)
        return _count(store, "cases")


def refold(store: Store, cases: CaseFilter, fold: Fold | None = None, progress: Progress | None = None) -> int:
    """Fold ``cases`` again in their place, some thousands at a time; returns how many. Raises Stopped.

    For a change of what cases are made of, such as declared steps. A change of paths needs :func:`rebuild`.
    """
    fold, progress = fold or Fold(store), progress or Progress()
    fold.finish_replacing()
    count = int(store.query("rebuild/refold_count", **cases.params())[0]["Cases"])
    runs, chunks = uuid.uuid4().hex, count // _CASES_A_RUN + 1
    store.command(named_query("rebuild/refold_touch"), runs=runs, chunks=chunks, size=_CASES_A_RUN, **cases.params())
    progress.begin(chunks)
    for chunk in range(chunks):
        progress.part("cases")
        fold.fold_touched(f"{runs}-{chunk}")
    return count


def verify(store: Store, clock: Callable[[], int] = time.time_ns, fold: Fold | None = None) -> Verification:
    """Fold every case afresh from its events and compare all columns but the version with the live row.

    Reading goes on, and so does folding by ``fold``, except during the comparison itself.
    """
    fold = fold or Fold(store, clock)
    fold.finish_replacing()
    afresh = shadow_tables.AFRESH
    with fold.keeping_arrivals(), shadow_tables.created(store, afresh):
        shadow = _compute(store, fold, afresh, Progress())
        with fold.held():
            fold.catch_up()
            shadow.catch_up()
            return Verification(
                cases=_count(store, afresh.name("cases")),
                differences=tuple(_difference(row) for row in store.query("rebuild/verify_cases")),
                links=max(_differing(store, table, _LINK) for table in ("links", "links_by_target")),
                reach=max(_differing(store, table, _REACHED) for table in ("reach", "reach_by_case")),
                hubs=_differing(store, "hubs", "Tenant, IdValue, IdType, Flow"),
            )


_LINK: Final = "Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue"
_REACHED: Final = "Tenant, IdValue, IdType, Flow, CaseId"


def _compute(store: Store, fold: Fold, where: ShadowTables, progress: Progress) -> Fold:
    """Fill the tables of ``where`` with what is stored now; returns the fold that adds what arrives from now on."""
    progress.begin(1)
    shadow = fold.into(Tables(**where.names()))
    # First of all: a batch that has arrived has all its steps stored, so what is read below holds at least these.
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
            fold_all(store, tables, chunk, fold.version())
    return shadow


def _touch_all(store: Store, runs: str) -> list[str]:
    """List every case in table ``touched``, divided among runs; returns their names, which begin with ``runs``."""
    cases = int(store.rows("SELECT uniqExact(Tenant, Flow, CaseId) AS n FROM all_arrivals WHERE CaseId != ''")[0]["n"])
    chunks = cases // _CASES_A_CHUNK + 1
    store.command(named_query("rebuild/touch_all"), runs=runs, chunks=chunks, size=_CASES_A_CHUNK)
    return [f"{runs}-{chunk}" for chunk in range(chunks)]


def _count(store: Store, table: str) -> int:
    return int(store.rows(f"SELECT uniqExact(Tenant, Flow, CaseId) AS n FROM {table}")[0]["n"])  # noqa: S608 - our own


def _difference(row: dict[str, Any]) -> Difference:
    return Difference(row["Tenant"], row["Flow"], row["CaseId"], row["Kind"], tuple(row["Columns"]))


def _differing(store: Store, table: str, columns: str) -> int:
    """How many rows only one of the two has, the live ``table`` or its shadow."""
    live, fresh = (f"SELECT {columns} FROM {name}" for name in (table, shadow_tables.AFRESH.name(table)))  # noqa: S608 - our own
    sql = f"SELECT count() AS n FROM (({live} EXCEPT DISTINCT {fresh}) UNION DISTINCT ({fresh} EXCEPT DISTINCT {live}))"  # noqa: S608
    return int(store.rows(sql)[0]["n"])
