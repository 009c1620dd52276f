"""Whether edges run in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cases.flows.declarations.declaration import Edge


def find_cycle(edges: Iterable[Edge]) -> list[str]:
    """A way along ``edges`` that comes back to where it began; [] when there is none."""
    left = set(edges)
    while left:
        ends = {target for _, target in left} - {source for source, _ in left}
        kept = {edge for edge in left if edge[1] not in ends}
        if kept == left:
            return _walk(left)
        left = kept
    return []


def _walk(edges: set[Edge]) -> list[str]:
    """Follow ``edges``, none of which leads to an end, until a type comes again."""
    onward = dict(sorted(edges))
    passed = [min(onward)]
    while (following := onward[passed[-1]]) not in passed:
        passed.append(following)
    return [*passed[passed.index(following) :], following]
