"""Everything that decides what some cases are: their ids, their events, and who else has part in these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.recompute.graph import CASE, TRACE, Graph, Key, Node, by_node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cases.recompute.declared import Rules
    from cases.recompute.scratch_table import Wanted
    from store.client import Row


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """``reach`` and ``sharers`` are told for the cases asked for and for those that share an event with them.

    ``steps`` are the events of the cases asked for; ``sharers``: every case that an event (tenant, trace, span) without
    a case id belongs to, in the order in which shares are given out.
    """

    graph: Graph
    reach: dict[Key, set[Node]]
    steps: list[Row]
    sharers: dict[tuple[str, str, str], list[Key]]


def neighbourhood(wanted: Wanted, rules: Rules, cases: Collection[Key]) -> Neighbourhood:
    """What must be known to compute ``cases``."""
    graph = Graph(rules)
    walk = _Walk(wanted, graph)
    walk.forward(cases)
    reach = {case: graph.reach(case) for case in graph.cases.intersection(cases)}
    wanted.want_cases(cases)
    steps = wanted.rows("recompute/steps", round=wanted.want({node for nodes in reach.values() for node in nodes}))
    joint = [row for row in steps if not row["CaseId"]]
    back = walk.backward({node for row in joint for node in _keys(row)})
    reach |= {case: graph.reach(case) for case in graph.cases - reach.keys() if back & graph.starts(case)}
    return Neighbourhood(graph, reach, steps, _sharers(joint, by_node(reach)))


class _Walk:
    """Fetches what is carried together, node by node; nothing twice."""

    def __init__(self, wanted: Wanted, graph: Graph) -> None:
        self._wanted = wanted
        self._graph = graph
        self._fetched: set[Node] = set()

    def forward(self, cases: Iterable[Key]) -> None:
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
            self._graph.add(self._wanted.carriers(new))


def _keys(row: Row) -> list[Node]:
    """By what an event without a case id belongs to cases: its refs, or without any its trace."""
    refs = [Node(row["Tenant"], *ref) for ref in zip(row["RefTypes"], row["RefValues"], strict=True)]
    return refs or [Node(row["Tenant"], TRACE, row["TraceId"])]


def _sharers(joint: list[Row], reaching: dict[Node, list[Key]]) -> dict[tuple[str, str, str], list[Key]]:
    found: dict[tuple[str, str, str], set[Key]] = {}
    for row in joint:
        event = row["Tenant"], row["TraceId"], row["SpanId"]
        cases = {case for node in _keys(row) for case in reaching.get(node, ())}
        found.setdefault(event, set()).update(case for case in cases if row["Flow"] in {"", case.flow})
    return {event: sorted(cases) for event, cases in found.items()}
