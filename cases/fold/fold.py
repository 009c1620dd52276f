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
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from flowtrail.conventions import TOUCH_ACTIONS

from cases.fold.hubs import cut_reach, new_hubs, touch_hubs
from cases.fold.limits import Bounds, bounds
from cases.fold.shadow_tables import finish_replacing, replace
from cases.fold.state import begin
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from store.client import Row, Store

BATCHES_A_RUN: Final = 64
"""Batches folded in one run at most: bounds the memory of one run when the fold has fallen behind."""

EVENTS_A_RUN: Final = 50_000
"""Events after which a run takes no further batch, if several tenants send. It takes some seconds."""

# Tables in which each run has a partition of its own.
_OF_A_RUN: Final = ("fold_reached", "fold_events")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a run reads arrivals from and writes to: the live ones, or shadow tables."""

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


class Fold:
    """Folds the cases that new batches touch, into ``tables``.

    Only one process, and in it one object, may fold into the same tables. Any thread may call it; runs take turns.
    """

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
        # Whether the run before was cut short. At first it may have been: an earlier process is not known.
        self._cut_short = True
        self._running = threading.RLock()
        self._keeping = 0

    def pending(self, limit: int = BATCHES_A_RUN) -> list[str]:
        """The batches that arrived and whose cases are not folded yet, the oldest of each tenant first."""
        return [row["Batch"] for row in self._pending(limit)]

    def fold_pending(self) -> int:
        """Fold the oldest batches that wait; returns how many, 0 when none does. Safe to repeat after a stop."""
        with self._running:
            self.finish_replacing()
            batches = self._next()
            if batches:
                self._fold(batches)
            return len(batches)

    def _next(self) -> list[str]:
        """The batches of the next run. Where there are several tenants, a run is short, so that each has its turn."""
        rows = self._pending(BATCHES_A_RUN)
        if not rows or rows[0]["Tenants"] == 1:
            return [row["Batch"] for row in rows]
        before = accumulate((row["Events"] for row in rows), initial=0)
        return [row["Batch"] for row, events in zip(rows, before, strict=False) if events < EVENTS_A_RUN]

    def _pending(self, limit: int) -> list[Row]:
        return self._store.query("fold/pending", limit=limit, folded=self._tables.folded)

    def catch_up(self) -> None:
        """Fold until no batch waits."""
        while self.fold_pending():
            pass

    def finish_replacing(self) -> None:
        """If a stop cut short the exchange of rebuilt tables for the live ones, finish it."""
        with self._running:
            if self._cut_short and self._tables is LIVE:
                finish_replacing(self._store)
                begin(self._store)

    def put_in_place(self, shadow: Fold) -> None:
        """Replace the live tables by the rebuilt ones; ``shadow`` first folds into those what arrived meanwhile."""
        with self._running:
            shadow.catch_up()
            with self._interruptible():
                replace(self._store)

    def fold_touched(self, name: str) -> None:
        """Fold the cases that table ``touched`` lists under the run ``name``."""
        with self._interruptible() as again, run(self._store, name):
            self._fold_touched(name, bounds(self._store), again=again, cut=False)

    def into(self, tables: Tables) -> Fold:
        """A fold of the same batches into other ``tables``. Versions of cases are shared, so they keep growing."""
        return Fold(self._store, self._clock, tables, self._versions)

    def held(self) -> AbstractContextManager[Any]:
        """While it is entered, only the caller's own runs begin; waits for the one under way."""
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
        """Drop what stopped runs left behind, and arrivals of days that are over if nothing is pending."""
        with self._running:
            for row in self._store.query("fold/left_over"):
                self._store.command(f"ALTER TABLE {row['Table']} DROP PARTITION '{row['Run']}'")
            if not self._keeping and not self.pending(limit=1):
                for row in self._store.query("fold/old_days"):
                    self._store.command(f"ALTER TABLE arrivals DROP PARTITION '{row['Day']}'")

    def version(self) -> int:
        """The version of the next rows of cases: above all that were written before."""
        return self._versions.next()

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[bool]:
        """Work that may be cut short; yields whether the work before it was. An error leaves that to be mended."""
        with self._running:
            again, self._cut_short = self._cut_short, True
            yield again
            # Only a run over pending batches mends what was cut short before, see _fold.
            self._cut_short = again

    def _fold(self, batches: Sequence[str]) -> None:
        store = self._store
        params = {"batches": list(batches), **self._tables.params()}
        with self._interruptible() as again:
            assert_links(store, self._tables, batches)
            bound = bounds(store)
            with run(store) as name:
                store.command(named_query("fold/3_touched"), run=name, **params)
                crossed = new_hubs(store, params, bound.hub_limit, again=again)
                if crossed:
                    touch_hubs(store, name, params)
                self._fold_touched(name, bound, again=again, cut=crossed)
            # Last, so that a stop before it leaves the batches pending.
            store.command(named_query("fold/done"), **params)
            if crossed:
                store.command(named_query("hubs/settle"), **params)
        self._cut_short = False

    def _fold_touched(self, name: str, bound: Bounds, *, again: bool, cut: bool) -> None:
        """Fold the touched cases, and those that share events with them. ``cut``: some of them reach less now."""
        params = self._tables.params()
        grow_reach(self._store, self._tables, name, bound.hops, afresh=cut)
        if cut:
            cut_reach(self._store, name, params)
        self._store.command(named_query("fold/7_sharers"), run=name, again=again, **params)
        fold_all(self._store, self._tables, name, self.version())


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
    """A run of the fold; yields its name, a random one by default. What it wrote for itself is dropped at the end."""
    name = name or uuid.uuid4().hex
    try:
        yield name
    finally:
        for table in _OF_A_RUN:
            store.command(f"ALTER TABLE {table} DROP PARTITION '{name}'")


def assert_links(store: Store, tables: Tables, batches: Sequence[str]) -> None:
    """Write the links that the events of ``batches`` assert."""
    store.command(named_query("fold/1_links"), batches=list(batches), **tables.params())


def grow_reach(store: Store, tables: Tables, run: str, hops: int, *, afresh: bool = False) -> None:
    """Follow links from the cases of ``run``, at most so many ``hops`` (see :class:`cases.fold.limits.Bounds`).

    ``afresh``: start with the cases themselves, not with what they had reached before.
    """
    params: dict[str, Any] = {"run": run, **tables.params()}
    store.command(named_query("fold/4_reach_known"), afresh=afresh, **params)
    for hop in range(1, hops + 1):
        store.command(named_query("fold/5_reach_hop"), hop=hop, **params)
        if not store.query("fold/added", run=run, hop=hop):
            break
    store.command(named_query("fold/6_reach_keep"), **params)


def fold_all(store: Store, tables: Tables, run: str, version: int) -> None:
    """Fold every case that table ``touched`` lists under ``run`` from its events."""
    params: dict[str, Any] = {"run": run, "version": version, "touch_actions": list(TOUCH_ACTIONS), **tables.params()}
    # Again, because sharers were touched since: what they reach must be known, too.
    store.command(named_query("fold/4_reach_known"), afresh=False, **params)
    store.command(named_query("fold/8_events"), **params)
    store.command(named_query("fold/9_cases"), **params)
