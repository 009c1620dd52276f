"""What the declared flows bound a run of the fold by: how far links are followed, how many may lead to one id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.flows.declarations.declaration import HUB_LIMIT, depth

if TYPE_CHECKING:
    from store.client import Store

_UNDECLARED: Final = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """Over all flows: ``hops`` along the longest path and on to a trace; the least ``hub_limit``."""

    hops: int
    hub_limit: int


def bounds(store: Store) -> Bounds:
    """The bounds as the flows are declared now. A flow that is not declared has one hop and the default limit."""
    rows = store.query("fold/flows")
    depths = [depth(row["Lead"], tuple((edge["Source"], edge["Target"]) for edge in row["Edges"])) for row in rows]
    limits = [row["HubLimit"] for row in rows]
    return Bounds(max([_UNDECLARED, *depths]) + 1, min([HUB_LIMIT, *limits]))
