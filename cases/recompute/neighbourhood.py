"""Everything that decides what some cases are: their ids, their events, and the cases that share those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.recompute.graph import CASE, TRACE, Case, Graph, Node, by_node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cases.recompute.declared import Rules
    from cases.recompute.scratch_table import ScratchTable
    from store.client import Row


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """``reach`` and ``sharers`` hold the requested cases and those that share an event with them.

    ``steps`` are the events of the requested cases; ``sharers``: every case that an event (tenant, trace, span) without
    a case id belongs to, in the order in which remainders are given out.
    """

    graph: Graph
    reach: dict[Case, set[Node]]
    steps: list[Row]
    sharers: dict[tuple[str, str, str], list[Case]]


def neighbourhood(scratch: ScratchTable, rules: Rules, cases: Collection[Case]) -> Neighbourhood:
    """What must be known to compute ``cases``."""
    graph = Graph(rules)
    walk = _Walk(scratch, graph)
    walk.forward(cases)
    reach = {case: graph.reach(case) for case in graph.cases.intersection(cases)}
    scratch.add_cases(cases)
    steps = scratch.rows("recompute/steps", round=scratch.add({node for nodes in reach.values() for node in nodes}))
    joint = [row for row in steps if not row["CaseId"]]
    back = walk.backward({node for row in joint for node in _keys(row)})
    reach |= {case: graph.reach(case) for case in graph.cases - reach.keys() if back & graph.starts(case)}
    return Neighbourhood(graph, reach, steps, _sharers(joint, by_node(reach)))


class _Walk:
    """Fetches what is carried together, node by node; nothing twice."""

    def __init__(self, scratch: ScratchTable, graph: Graph) -> None:
        self._scratch = scratch
        self._graph = graph
        self._fetched: set[Node] = set()

    def forward(self, cases: Iterable[Case]) -> None:
        """To everything that ``cases`` reach."""
        seen: set[tuple[str, Node]] = set()
        front = {(case.flow, node) for case in cases for node in self._graph.starts(case)}
        while front:
            seen |= front
            self._fetch(node for _, node in front)
            targets = {(flow, to) for flow, node in front for where, to in self._graph.out[node] if where in {"", flow}}
            self._fetch(node for _, node in targets)  # whether one is a hub is known only now
            front = {(flow, to) for flow, node in front for to in self._graph.after(flow, node)} - seen

    def backward(self, nodes: set[Node]) -> set[Node]:
        """Everything from which one of ``nodes`` is reached, ``nodes`` included."""
        seen: set[Node] = set()
        front = nodes
        while front:
            seen |= front
            self._fetch(front)
            # Whoever starts from an id of the lead type is known by its case id, too.
            self._fetch(Node(node.tenant, CASE, node.value) for node in front if node.type not in {CASE, TRACE})
            front = {source for node in front for source in self._graph.before(node)} - seen
        return seen

    def _fetch(self, nodes: Iterable[Node]) -> None:
        new = set(nodes) - self._fetched
        if new:
            self._fetched |= new
            self._graph.add(self._scratch.carriers(new))


def _keys(row: Row) -> list[Node]:
    """By what an event without a case id belongs to cases: its refs, or without any its trace."""
    refs = [Node(row["Tenant"], *ref) for ref in zip(row["RefTypes"], row["RefValues"], strict=True)]
    return refs or [Node(row["Tenant"], TRACE, row["TraceId"])]


def _sharers(joint: list[Row], reaching: dict[Node, list[Case]]) -> dict[tuple[str, str, str], list[Case]]:
    sharers: dict[tuple[str, str, str], set[Case]] = {}
    for row in joint:
        event = row["Tenant"], row["TraceId"], row["SpanId"]
        cases = {case for node in _keys(row) for case in reaching.get(node, ())}
        sharers.setdefault(event, set()).update(case for case in cases if row["Flow"] in {"", case.flow})
    return {event: sorted(cases) for event, cases in sharers.items()}
