"""Guesses the paths of a flow, away from the case, from the ids that events carry together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.flows.declarations.cycle import find_cycle
from cases.flows.inference.evidence import share
from cases.identifier import RESERVED_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cases.flows.declarations import Edge
    from cases.flows.inference.evidence import Evidence

# An id type names the lead object if at least this share of its ids equal the case id of their event.
_IS_LEAD: Final = 0.9
# An id type needs no path through others if at least this share of its ids come with a case id.
_KNOWN_TO_CASES: Final = 0.9
# An id type is next to the case if more than this share of its ids come with a case id.
_MOSTLY: Final = 0.5
_USABLE: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Paths:
    """``edges`` with the number of events that show each; ``unusable``: types with names that a file cannot have."""

    lead: str
    lead_reason: str
    edges: dict[Edge, int]
    unusable: tuple[str, ...]

    def chains(self) -> list[tuple[str, ...]]:
        """The whole paths from the lead, as a flow file lists them."""
        return list(self._chains((self.lead,))) if self.edges else []

    def _chains(self, so_far: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        onward = [target for source, target in self.edges if source == so_far[-1]]
        if not onward:
            yield so_far
        for target in onward:
            yield from self._chains((*so_far, target))


def guess_paths(evidence: Evidence) -> Paths:
    """The lead and the paths from it. An id that comes with a case id is one hop away, as in an undeclared flow."""
    lead, reason = _lead(evidence)
    unusable = tuple(kind.name for kind in evidence.id_types if kind.name != lead and not _usable(kind.name))
    types = {kind.name for kind in evidence.id_types} - {lead, *unusable}
    beside = {kind.name: share(kind.beside, kind.ids) for kind in evidence.id_types if kind.name in types}
    edges: dict[Edge, int] = {}
    for group in evidence.id_type_groups:
        if group.named or lead in group.types:
            for name in types.intersection(group.types):
                edges[lead, name] = edges.get((lead, name), 0) + group.events
    order = _order(evidence, types, beside)
    for group in evidence.id_type_groups:
        if not group.named:
            for edge in _within(sorted(types.intersection(group.types), key=order.__getitem__), beside, order):
                edges[edge] = edges.get(edge, 0) + group.events
    _add_links(edges, evidence, lead, {*types, lead})
    return Paths(lead, reason, _reachable(edges, lead), unusable)


def _lead(evidence: Evidence) -> tuple[str, str]:
    if evidence.declared_lead:
        return evidence.declared_lead, "as declared"
    for kind in sorted(evidence.id_types, key=lambda kind: -kind.leads):
        if _usable(kind.name) and share(kind.leads, kind.ids) >= _IS_LEAD:
            return kind.name, f"{kind.leads:,} ids of this type are the case id of their event"
    taken = {kind.name for kind in evidence.id_types}
    words = [word for word in re.split(r"[^a-z0-9]+", evidence.flow.lower()) if word and word not in taken]
    guess = next(word for word in [*words[:1], "lead_object", "lead_object_2"] if word not in {*taken, *RESERVED_TYPES})
    return guess, "a guess from the name of the flow; any name that no other id type has will do"


def _order(evidence: Evidence, types: set[str], beside: dict[str, float]) -> dict[str, tuple[int, int, str]]:
    """A sort key for each type: its hops from the case, then the more frequent type first."""
    events = {name: sum(g.events for g in evidence.id_type_groups if name in g.types) for name in types}
    groups = [types.intersection(group.types) for group in evidence.id_type_groups if not group.named]
    hops: dict[str, int] = {}
    # Types that mostly come with a case id go first: one that does so now and then may still be several hops away.
    for enough in (_MOSTLY, 0):
        hops.update({name: 1 for name in types - hops.keys() if beside[name] > enough})
        for hop in range(2, len(types) + 2):
            near = {name for group in groups if group & hops.keys() for name in group} - hops.keys()
            hops.update(dict.fromkeys(near, hop))
    return {name: (hops.get(name, len(types) + 2), -events[name], name) for name in types}


def _within(group: list[str], beside: dict[str, float], order: dict[str, tuple[int, int, str]]) -> Iterator[Edge]:
    """The edges in ``group``, the sorted types of events without a case id: to each type from those one step nearer."""
    for place, target in enumerate(group):
        if place and beside[target] < _KNOWN_TO_CASES:
            before = group[:place]
            nearest = max(order[name][0] for name in before)
            for source in before:
                if order[source][0] == nearest:
                    yield source, target


def _add_links(edges: dict[Edge, int], evidence: Evidence, lead: str, known: set[str]) -> None:
    """Add the edges of explicit links, which state their direction themselves."""
    for (source, target), events in evidence.links.items():
        edge = (lead if source == "case" else source, target)
        if edge[0] == edge[1] or target == lead or not (_usable(edge[0]) and _usable(target)):
            continue
        if edge in edges or not find_cycle([*edges, edge]):
            edges[edge] = edges.get(edge, 0) + events
            known.add(target)


def _reachable(edges: dict[Edge, int], lead: str) -> dict[Edge, int]:
    reached = {lead}
    for _ in edges:
        reached |= {target for source, target in edges if source in reached}
    return {edge: events for edge, events in edges.items() if edge[0] in reached}


def _usable(name: str) -> bool:
    return bool(_USABLE.fullmatch(name)) and name not in RESERVED_TYPES
