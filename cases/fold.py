"""Events become cases: the incremental fold, its rebuild from all events, and the check that both agree.

A case is a pure function of its events, and that function is written once, in ``store/queries/fold_*.sql``. The
incremental path runs it over the cases that a batch can touch; rebuild and verify run the same files over everything.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flowtrail.conventions import TOUCH_ACTIONS

from cases.declaration import deepest_path
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
    reach: str = "reach"
    reach_by_case: str = "reach_by_case"
    cases: str = "cases"

    def params(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "links": self.links,
            "reach": self.reach,
            "reach_by_case": self.reach_by_case,
            "cases": self.cases,
        }


LIVE: Final = Tables()


class Folder:
    """Folds the cases that new batches touch. One folder works on a store at a time; any thread may call it."""

    def __init__(self, store: Store, clock: Callable[[], int] = time.time_ns) -> None:
        self._store = store
        self._clock = clock
        self._versions: Versions | None = None
        self._cut_short = True  # as far as is known: an earlier process may have been stopped in the middle of a run
        self._running = threading.Lock()

    def pending(self, limit: int = BATCHES_A_RUN) -> list[str]:
        """The batches that arrived and whose cases are not folded yet, oldest first."""
        return [row["Batch"] for row in self._store.query("fold_pending", limit=limit)]

    def fold_pending(self) -> int:
        """Fold the oldest batches that wait; returns how many, 0 when none does. Safe to repeat after a stop."""
        with self._running:
            batches = self.pending()
            if batches:
                self._fold(batches)
            return len(batches)

    def forget_folded(self) -> None:
        """Drop the arrivals of days that are over, if nothing is pending, and what runs left behind."""
        with self._running:
            for row in self._store.query("fold_left_over"):
                self._store.command(f"ALTER TABLE {row['Table']} DROP PARTITION '{row['Fold']}'")
            if not self.pending(limit=1):
                for row in self._store.query("fold_old_days"):
                    self._store.command(f"ALTER TABLE arrivals DROP PARTITION '{row['Day']}'")

    def _version(self) -> int:
        if self._versions is None:
            newest = self._store.rows("SELECT max(Version) AS newest FROM cases")[0]["newest"]
            self._versions = Versions(self._clock, int(newest))
        return self._versions.next()

    def _fold(self, batches: Sequence[str]) -> None:
        again, self._cut_short = self._cut_short, True
        assert_links(self._store, LIVE, batches)
        with run(self._store) as fold:
            self._store.command(named_query("fold_3_touched"), fold=fold, batches=list(batches), **LIVE.params())
            grow_reach(self._store, LIVE, fold)
            self._store.command(named_query("fold_7_sharers"), fold=fold, again=again, **LIVE.params())
            fold_all(self._store, LIVE, fold, self._version())
        self._store.command(named_query("fold_done"), batches=list(batches))
        self._cut_short = False


class Versions:
    """Growing versions of case rows, in Unix nanoseconds, all above ``newest``, also when the clock steps back."""

    def __init__(self, clock: Callable[[], int], newest: int = 0) -> None:
        self._clock = clock
        self._last = newest

    def next(self) -> int:
        self._last = max(self._clock(), self._last + 1)
        return self._last


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
    params: dict[str, Any] = {"batches": list(batches), **tables.params()}
    store.command(named_query("fold_1_links"), **params)
    store.command(named_query("fold_2_trace_links"), **params)


def grow_reach(store: Store, tables: Tables, fold: str) -> None:
    """Follow links from the cases of ``fold`` to the end of the longest declared path, and on to a trace."""
    store.command(named_query("fold_4_reach_known"), fold=fold, **tables.params())
    for hop in range(1, deepest_path(store) + 2):
        store.command(named_query("fold_5_reach_hop"), fold=fold, hop=hop, **tables.params())
        if not store.query("fold_added", fold=fold, hop=hop):
            break
    store.command(named_query("fold_6_reach_keep"), fold=fold, **tables.params())


def fold_all(store: Store, tables: Tables, fold: str, version: int) -> None:
    """Fold every case of ``fold`` in table ``touched`` from its events."""
    params: dict[str, Any] = {"fold": fold, "version": version, "touch_actions": list(TOUCH_ACTIONS), **tables.params()}
    store.command(named_query("fold_4_reach_known"), **params)
    store.command(named_query("fold_8_events"), **params)
    store.command(named_query("fold_9_cases"), **params)
