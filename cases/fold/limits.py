"""Bounds on a run of the fold that follow from the declared flows: how far links are followed, when an id is a hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.flows.declarations.declaration import HUB_LIMIT, depth

if TYPE_CHECKING:
    from store.client import Store

# Hops in a flow that is not declared: from the case to each id on its events.
_UNDECLARED: Final = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """Over all flows: ``hops`` is the longest path, and one more to a trace; ``hub_limit`` the lowest limit."""

    hops: int
    hub_limit: int


def bounds(store: Store) -> Bounds:
    """The bounds as the flows are declared now. A flow that is not declared has one hop and the default limit."""
    rows = store.query("fold/flows")
    depths = [depth(row["Lead"], tuple((edge["Source"], edge["Target"]) for edge in row["Edges"])) for row in rows]
    limits = [row["HubLimit"] for row in rows]
    return Bounds(max([_UNDECLARED, *depths]) + 1, min([HUB_LIMIT, *limits]))
