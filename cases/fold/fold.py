"""Events become cases: the incremental fold.

A case is a pure function of its events, and that function is written once, in ``store/queries/fold/*.sql``. The
incremental path runs it over the cases that a batch can touch; rebuild and verify run the same files over everything.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from flowtrail.conventions import TOUCH_ACTIONS

from cases.fold.hubs import cut_reach, new_hubs, touch_hubs
from cases.fold.limits import Bounds, bounds
from cases.fold.shadow_tables import finish_replacing, replace
from cases.fold.state import begin
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from store.client import Store

# Batches folded in one run at most: bounds the memory of one run when the fold has fallen behind.
BATCHES_A_RUN: Final = 64

# What a run writes for itself, a partition each.
_OF_A_RUN: Final = ("fold_reached", "fold_events")


@dataclass(frozen=True, slots=True)
class Tables:
    """Where a run reads arrivals from and writes to: the live tables, or those of a rebuild beside them."""

    source: str = "arrivals"
    links: str = "links"
    links_by_target: str = "links_by_target"
    hubs: str = "hubs"
    reach: str = "reach"
    reach_by_case: str = "reach_by_case"
    cases: str = "cases"
    folded: str = "folded_batches"

    def params(self) -> dict[str, Any]:
        return asdict(self)


LIVE: Final = Tables()


class Folder:
    """Folds the cases that new batches touch. One folder works on ``tables`` at a time; any thread may call it."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], int] = time.time_ns,
        tables: Tables = LIVE,
        versions: Versions | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tables = tables
        self._versions = versions or Versions(clock, lambda: _newest(store))
        self._cut_short = True  # as far as is known: an earlier process may have been stopped in the middle of a run
        self._running = threading.RLock()
        self._keeping = 0

    def pending(self, limit: int = BATCHES_A_RUN) -> list[str]:
        """The batches that arrived and whose cases are not folded yet, oldest first."""
        return [row["Batch"] for row in self._store.query("fold/pending", limit=limit, folded=self._tables.folded)]

    def fold_pending(self) -> int:
        """Fold the oldest batches that wait; returns how many, 0 when none does. Safe to repeat after a stop."""
        with self._running:
            self.finish_replacing()
            batches = self.pending()
            if batches:
                self._fold(batches)
            return len(batches)

    def catch_up(self) -> None:
        """Fold until no batch waits."""
        while self.fold_pending():
            pass

    def finish_replacing(self) -> None:
        """Finish what a stop cut short while rebuilt tables were put in the place of the live ones, if anything."""
        with self._running:
            if self._cut_short and self._tables is LIVE:
                finish_replacing(self._store)
                begin(self._store)

    def put_in_place(self, late: Folder) -> None:
        """Put the rebuilt tables in the place of the live ones; ``late`` adds to them what arrived meanwhile."""
        with self._running:
            late.catch_up()
            again, self._cut_short = self._cut_short, True
            replace(self._store)
            self._cut_short = again

    def fold_touched(self, fold: str) -> None:
        """Fold the cases that table ``touched`` names under ``fold``, as they are known to reach ids, or reach more."""
        with self._running:
            again, self._cut_short = self._cut_short, True
            with run(self._store, fold):
                self._fold_touched(fold, bounds(self._store), again=again, cut=False)
            self._cut_short = again

    def beside(self, tables: Tables) -> Folder:
        """A folder of the same batches into ``tables``; its versions of cases are this one's."""
        return Folder(self._store, self._clock, tables, self._versions)

    def held(self) -> AbstractContextManager[Any]:
        """While it is entered no run of this folder begins but the caller's own; waits for the one under way."""
        return self._running

    @contextlib.contextmanager
    def keeping_arrivals(self) -> Iterator[None]:
        """While it is entered no arrivals are dropped: a rebuild still reads them."""
        self._keeping += 1
        try:
            yield
        finally:
            self._keeping -= 1

    def forget_folded(self) -> None:
        """Drop the arrivals of days that are over, if nothing is pending, and what runs left behind."""
        with self._running:
            for row in self._store.query("fold/left_over"):
                self._store.command(f"ALTER TABLE {row['Table']} DROP PARTITION '{row['Fold']}'")
            if not self._keeping and not self.pending(limit=1):
                for row in self._store.query("fold/old_days"):
                    self._store.command(f"ALTER TABLE arrivals DROP PARTITION '{row['Day']}'")

    def version(self) -> int:
        """The version of the next rows of cases: above all that were written before."""
        return self._versions.next()

    def _fold(self, batches: Sequence[str]) -> None:
        again, self._cut_short = self._cut_short, True
        store = self._store
        params = {"batches": list(batches), **self._tables.params()}
        assert_links(store, self._tables, batches)
        bound = bounds(store)
        with run(store) as fold:
            store.command(named_query("fold/3_touched"), fold=fold, **params)
            crossed = new_hubs(store, params, bound.hub_limit, again=again)
            if crossed:
                touch_hubs(store, fold, params)
            self._fold_touched(fold, bound, again=again, cut=crossed)
        store.command(named_query("fold/done"), **params)
        if crossed:
            store.command(named_query("hubs/settle"), **params)
        self._cut_short = False

    def _fold_touched(self, fold: str, bound: Bounds, *, again: bool, cut: bool) -> None:
        """Fold what table ``touched`` names, and who shares events with it; ``cut``: some of it reaches less now."""
        params = self._tables.params()
        grow_reach(self._store, self._tables, fold, bound.hops, afresh=cut)
        if cut:
            cut_reach(self._store, fold, params)
        self._store.command(named_query("fold/7_sharers"), fold=fold, again=again, **params)
        fold_all(self._store, self._tables, fold, self.version())


class Versions:
    """Growing versions of case rows, in Unix nanoseconds, all above ``newest()``, also when the clock steps back."""

    def __init__(self, clock: Callable[[], int], newest: Callable[[], int] = lambda: 0) -> None:
        self._clock = clock
        self._newest = newest
        self._last: int | None = None
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            last = self._newest() if self._last is None else self._last
            self._last = max(self._clock(), last + 1)
            return self._last


def _newest(store: Store) -> int:
    return int(store.rows("SELECT max(Version) AS newest FROM cases")[0]["newest"])


@contextlib.contextmanager
def run(store: Store, name: str = "") -> Iterator[str]:
    """The name of a run (``name``, or a random one); what it wrote for itself is dropped at the end."""
    fold = name or uuid.uuid4().hex
    try:
        yield fold
    finally:
        for table in _OF_A_RUN:
            store.command(f"ALTER TABLE {table} DROP PARTITION '{fold}'")


def assert_links(store: Store, tables: Tables, batches: Sequence[str]) -> None:
    """Write the links that the events of ``batches`` assert."""
    store.command(named_query("fold/1_links"), batches=list(batches), **tables.params())


def grow_reach(store: Store, tables: Tables, fold: str, hops: int, *, afresh: bool = False) -> None:
    """Follow links from the cases of ``fold``, at most so many ``hops`` (see :class:`cases.fold.limits.Bounds`).

    ``afresh``: from the cases themselves, whatever they had reached before.
    """
    params: dict[str, Any] = {"fold": fold, **tables.params()}
    store.command(named_query("fold/4_reach_known"), afresh=afresh, **params)
    for hop in range(1, hops + 1):
        store.command(named_query("fold/5_reach_hop"), hop=hop, **params)
        if not store.query("fold/added", fold=fold, hop=hop):
            break
    store.command(named_query("fold/6_reach_keep"), **params)


def fold_all(store: Store, tables: Tables, fold: str, version: int) -> None:
    """Fold every case of ``fold`` in table ``touched`` from its events."""
    params: dict[str, Any] = {"fold": fold, "version": version, "touch_actions": list(TOUCH_ACTIONS), **tables.params()}
    store.command(named_query("fold/4_reach_known"), afresh=False, **params)
    store.command(named_query("fold/8_events"), **params)
    store.command(named_query("fold/9_cases"), **params)
