"""Finds a cycle in the paths of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cases.flows.declarations.declaration import Edge


def find_cycle(edges: Iterable[Edge]) -> list[str]:
    """A cycle in ``edges``, as the types that it passes, the first one again at the end; [] if there is none.

    >>> find_cycle([("order", "item"), ("item", "order")])
    ['item', 'order', 'item']
    """
    remaining = set(edges)
    while remaining:
        # An edge to a type that leads nowhere is in no cycle. Once no such edge is left, what remains is cycles and the
        # edges that lead into them.
        ends = {target for _, target in remaining} - {source for source, _ in remaining}
        inner = {edge for edge in remaining if edge[1] not in ends}
        if inner == remaining:
            return _walk(remaining)
        remaining = inner
    return []


def _walk(edges: set[Edge]) -> list[str]:
    """Follow ``edges``, all of which lead on, until a type comes again."""
    onward = dict(sorted(edges))
    passed = [min(onward)]
    while (following := onward[passed[-1]]) not in passed:
        passed.append(following)
    return [*passed[passed.index(following) :], following]
