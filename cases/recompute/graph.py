"""Which id leads to which, as events assert it, and what a case reaches along those links. Hubs are not followed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cases.recompute.declared import Rules

CASE = "case"
TRACE = "trace"


class Node(NamedTuple):
    """A typed id of a tenant. A case id is of type ``case``, a trace of type ``trace``."""

    tenant: str
    type: str
    value: str


class Case(NamedTuple):
    """A case."""

    tenant: str
    flow: str
    case_id: str


class Carrier(NamedTuple):
    """The ids on one event: ``links`` are source type, source, target type, target.

    ``trace`` is empty unless the trace holds an event without any id.
    """

    tenant: str
    flow: str
    case_id: str
    refs: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str, str, str], ...]
    trace: str

    def ends(self) -> Iterator[Node]:
        """What it can be found by apart from the trace: its case id, or else its refs."""
        if self.case_id:
            yield Node(self.tenant, CASE, self.case_id)
        else:
            yield from (Node(self.tenant, *ref) for ref in self.refs)


class Link(NamedTuple):
    """``source`` leads to ``target`` in ``flow`` ('' in every flow)."""

    flow: str
    source: Node
    target: Node


class Graph:
    """The links that carriers assert. An answer about a node is right once every carrier of it was added."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._seen: set[Carrier] = set()
        self.out: defaultdict[Node, set[tuple[str, Node]]] = defaultdict(set)
        self._into: defaultdict[tuple[str, Node], set[Node]] = defaultdict(set)
        self._flows_into: defaultdict[Node, set[str]] = defaultdict(set)
        self.cases: set[Case] = set()

    def add(self, carriers: Iterable[Carrier]) -> None:
        for carrier in carriers:
            if carrier not in self._seen:
                self._seen.add(carrier)
                if carrier.case_id:
                    self.cases.add(Case(carrier.tenant, carrier.flow, carrier.case_id))
                for link in links_of(carrier, self._rules):
                    self.out[link.source].add((link.flow, link.target))
                    self._into[link.flow, link.target].add(link.source)
                    self._flows_into[link.target].add(link.flow)

    def starts(self, case: Case) -> set[Node]:
        """What a case is known by before any link is followed: its case id, also as an id of the lead type."""
        lead = self._rules.of(case.tenant, case.flow).lead
        return {Node(case.tenant, kind, case.case_id) for kind in (CASE, lead) if kind}

    def is_hub(self, flow: str, node: Node) -> bool:
        """Whether more ids lead to ``node`` in ``flow`` than the flow allows."""
        return len(self._into[flow, node]) > self._rules.of(node.tenant, flow).hub_limit

    def after(self, flow: str, node: Node) -> Iterator[Node]:
        """Where a case of ``flow`` gets to from ``node`` in one hop."""
        for where, target in self.out[node]:
            if where in {"", flow} and not self.is_hub(where, target):
                yield target

    def before(self, node: Node) -> Iterator[Node]:
        """From where any case gets to ``node`` in one hop."""
        for flow in self._flows_into[node]:
            if not self.is_hub(flow, node):
                yield from self._into[flow, node]

    def reach(self, case: Case) -> set[Node]:
        """Every id that ``case`` reaches, those it starts from included."""
        reached = self.starts(case)
        front = set(reached)
        while front:
            front = {target for node in front for target in self.after(case.flow, node)} - reached
            reached |= front
        return reached


def links_of(carrier: Carrier, rules: Rules) -> Iterator[Link]:
    """The links that one event asserts: along the edges of each declared flow it speaks for, else from its case."""
    declared = dict(rules.declared(carrier.tenant))
    for flow, flow_rules in declared.items():
        if carrier.flow in {"", flow}:
            for source, target in _declared(carrier, flow, flow_rules.lead, flow_rules.edges):
                yield _link(carrier, flow, source, target)
    if carrier.flow and carrier.flow not in declared:
        for source, target in _undeclared(carrier):
            yield _link(carrier, carrier.flow, source, target)
    if carrier.trace:
        trace = Node(carrier.tenant, TRACE, carrier.trace)
        yield from (Link(carrier.flow, end, trace) for end in carrier.ends())


_Pair = tuple[str, str]


def _declared(
    carrier: Carrier, flow: str, lead: str, edges: frozenset[tuple[str, str]]
) -> Iterator[tuple[_Pair, _Pair]]:
    """As a source, an id of the lead type and the case id are one."""
    for edge in edges:
        source_type = CASE if edge[0] == lead else edge[0]
        sources = [value for kind, value in carrier.refs if kind == edge[0]]
        if source_type == CASE and carrier.case_id and carrier.flow == flow:
            sources.append(carrier.case_id)
        targets = [ref for ref in carrier.refs if ref[0] == edge[1]]
        yield from (((source_type, source), target) for source in sources for target in targets)
        for kind, source, target_type, target in carrier.links:
            if kind in {edge[0], source_type} and target_type == edge[1]:
                yield (source_type, source), (target_type, target)


def _undeclared(carrier: Carrier) -> Iterator[tuple[_Pair, _Pair]]:
    targets = [((CASE, carrier.case_id), ref) for ref in carrier.refs if carrier.case_id]
    targets += [((CASE, link[1]), (link[2], link[3])) for link in carrier.links if link[0] == CASE]
    return ((source, target) for source, target in targets if target[0] not in {CASE, TRACE})


def _link(carrier: Carrier, flow: str, source: _Pair, target: _Pair) -> Link:
    return Link(flow, Node(carrier.tenant, *source), Node(carrier.tenant, *target))


def by_node(reach: Mapping[Case, set[Node]]) -> dict[Node, list[Case]]:
    """The cases that reach each id."""
    reaching: defaultdict[Node, list[Case]] = defaultdict(list)
    for case, nodes in reach.items():
        for node in nodes:
            reaching[node].append(case)
    return dict(reaching)
