"""Infers a first declaration of a flow from its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.flows.flows import require_flow
from cases.flows.inference.evidence import gather
from cases.flows.inference.flow_text import write

if TYPE_CHECKING:
    from store.client import Store


@dataclass(frozen=True, slots=True)
class Inferred:
    """``yaml`` is a flow file. It is based on ``cases`` cases, of which ``sampled`` were read event by event."""

    flow: str
    cases: int
    sampled: int
    yaml: str


def infer(store: Store, tenant: str, flow: str) -> Inferred:
    """A first declaration of ``flow``. Raises NotFound. Takes seconds for millions of steps."""
    require_flow(store, tenant, flow)
    evidence = gather(store, tenant, flow)
    return Inferred(flow, evidence.cases, len(evidence.sample), write(evidence))
