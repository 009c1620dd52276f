"""Recompute cases from their events by another method than the fold's, and compare them with the stored ones."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.progress import Progress
from cases.recompute.chains import stories
from cases.recompute.compare import compared, compared_links, compared_reach, stored_facts
from cases.recompute.declared import read_rules
from cases.recompute.events import events_of
from cases.recompute.facts import facts_of
from cases.recompute.graph import Case, Link, Node
from cases.recompute.neighbourhood import neighbourhood
from cases.recompute.scratch_table import scratch_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cases.recompute.compare import CaseDifference
    from cases.recompute.declared import Rules
    from cases.recompute.facts import Facts
    from cases.recompute.neighbourhood import Neighbourhood
    from cases.recompute.scratch_table import ScratchTable
    from store.client import Store

CASES_AT_ONCE: Final = 2_000
"""Bounds the memory: a case with its events takes some tens of kilobytes while it is recomputed."""

_NO_LIMIT: Final = 2**62
_LOOKS: Final = 5
_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.2
_MOST_BATCHES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Recomputation:
    """How many ``cases`` with how many ``events`` were recomputed. ``restless`` cases kept changing: no verdict."""

    cases: int
    events: int
    differences: tuple[CaseDifference, ...]
    restless: tuple[Case, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True)
class _Look:
    """The result of one look at some cases: what differs, case by case, and how many events were read."""

    differences: dict[Case, tuple[CaseDifference, ...]]
    events: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which cases: ``sample`` of them (None: all) of ``tenant`` and ``flow`` ('': any)."""

    store: Store
    tenant: str
    flow: str
    sample: int | None

    def count(self) -> int:
        total = int(self.store.query("recompute/count", tenant=self.tenant, flow=self.flow)[0]["Cases"])
        return total if self.sample is None else min(self.sample, total)

    def portions(self) -> Iterator[set[Case]]:
        """Portions of about CASES_AT_ONCE."""
        if self.sample is not None:
            keys = self._keys(self.sample, 0, 1)
            for start in range(0, len(keys), CASES_AT_ONCE):
                yield set(keys[start : start + CASES_AT_ONCE])
            return
        chunks = self.count() // CASES_AT_ONCE + 1
        for chunk in range(chunks):
            if keys := self._keys(_NO_LIMIT, chunk, chunks):
                yield set(keys)

    def _keys(self, limit: int, chunk: int, chunks: int) -> list[Case]:
        of = {"tenant": self.tenant, "flow": self.flow}
        rows = self.store.query("recompute/sample", **of, limit=limit, chunk=chunk, chunks=chunks)
        return [Case(row["Tenant"], row["Flow"], row["CaseId"]) for row in rows]


def recompute(  # noqa: PLR0913 - what to check, and how to wait for it
    store: Store,
    *,
    sample: int | None = None,
    tenant: str = "",
    flow: str = "",
    progress: Progress | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Recomputation:
    """Recompute ``sample`` cases (None: all) of ``tenant`` and ``flow`` ('': any) and report each difference.

    The same cases are chosen each time. A case that differs may have changed in between: it is looked at again once the
    batches that had arrived are folded. Raises Stopped.
    """
    progress = progress or Progress()
    chosen = _Chosen(store, tenant, flow, sample)
    progress.begin(chosen.count() // CASES_AT_ONCE + 1)
    done = events = 0
    differences: list[CaseDifference] = []
    restless: list[Case] = []
    for cases in chosen.portions():
        progress.part("recomputing")
        look = _look(store, cases)
        confirmed, changing = _confirmed(store, look.differences, pause)
        differences += [difference for of_case in confirmed.values() for difference in of_case]
        restless += changing
        done, events = done + len(cases), events + look.events
    return Recomputation(done, events, tuple(differences), tuple(restless))


def _confirmed(
    store: Store, differing: dict[Case, tuple[CaseDifference, ...]], pause: Callable[[float], None]
) -> tuple[dict[Case, tuple[CaseDifference, ...]], list[Case]]:
    """Differences that two looks agree on, with all that waits folded in between; and the cases that never settle."""
    confirmed: dict[Case, tuple[CaseDifference, ...]] = {}
    for _ in range(_LOOKS):
        if not differing:
            return confirmed, []
        _wait_for_fold(store, pause)
        again = _look(store, set(differing)).differences
        confirmed |= {case: what for case, what in again.items() if what == differing[case]}
        differing = {case: what for case, what in again.items() if case not in confirmed}
    return confirmed, sorted(differing)


def _wait_for_fold(store: Store, pause: Callable[[float], None]) -> None:
    """Until the batches that wait to be folded now are folded; for half a minute at most."""
    waiting = _pending(store)
    for _ in range(int(_PATIENCE_S / _PAUSE_S)):
        if not waiting & _pending(store):
            return
        pause(_PAUSE_S)


def _pending(store: Store) -> set[str]:
    return {row["Batch"] for row in store.query("fold/pending", limit=_MOST_BATCHES, folded="folded_batches")}


def _look(store: Store, cases: set[Case]) -> _Look:
    """Recompute ``cases`` and compare them with what is stored now."""
    rules = read_rules(store)
    with scratch_table(store) as scratch:
        around = neighbourhood(scratch, rules, cases)
        stored = {
            Case(row["Tenant"], row["Flow"], row["CaseId"]): stored_facts(row)
            for row in scratch.rows("recompute/cases")
        }
        recomputed, events = _recomputed(around, cases, rules)
        differences: dict[Case, list[CaseDifference]] = {}
        for case in cases:
            differences[case] = compared(case, stored.get(case), recomputed.get(case))
        reached = _stored_reach(scratch)
        for case in cases & around.reach.keys():
            differences[case] += compared_reach(case, reached.get(case, set()), around.reach[case])
        _add_links(differences, scratch, around, cases)
    return _Look({case: tuple(what) for case, what in differences.items() if what}, events)


def _recomputed(around: Neighbourhood, cases: set[Case], rules: Rules) -> tuple[dict[Case, Facts], int]:
    events = events_of(around, cases, rules)
    if not len(events.table):
        return {}, 0
    all_facts = facts_of(events, rules)
    of_chains = stories(events.table, [facts["End"] for facts in all_facts])
    for facts, story in zip(all_facts, of_chains, strict=True):
        facts |= {
            "Repeats": story.repeats,
            "Exceptions": story.exceptions,
            "Approvals": story.approvals,
            "Duplicates": story.duplicates,
        }
    return dict(zip(events.cases, all_facts, strict=True)), len(events.table)


def _stored_reach(scratch: ScratchTable) -> dict[Case, set[Node]]:
    reached: dict[Case, set[Node]] = {}
    for row in scratch.rows("recompute/reach"):
        case = Case(row["Tenant"], row["Flow"], row["CaseId"])
        reached.setdefault(case, set()).add(Node(row["Tenant"], row["IdType"], row["IdValue"]))
    return reached


def _add_links(
    differences: dict[Case, list[CaseDifference]], scratch: ScratchTable, around: Neighbourhood, cases: set[Case]
) -> None:
    """Compare the links that lead on from what cases reach; each difference is reported with one such case."""
    owner = {node: case for case in sorted(cases & around.reach.keys()) for node in around.reach[case]}
    recomputed = {Link(flow, node, target) for node in owner for flow, target in around.graph.out[node]}
    rows = scratch.rows("recompute/links", round=scratch.add(owner))
    stored = {_link(row) for row in rows}
    for link in stored ^ recomputed:
        case = owner[link.source]
        differences[case] += compared_links(case.tenant, stored & {link}, recomputed & {link})


def _link(row: dict[str, str]) -> Link:
    source = Node(row["Tenant"], row["SourceType"], row["SourceValue"])
    return Link(row["Flow"], source, Node(row["Tenant"], row["TargetType"], row["TargetValue"]))
