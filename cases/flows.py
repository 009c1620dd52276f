"""The flows there are: declared ones, and those that only their cases tell of."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from cases.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from store.client import Row, Store


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """``lead`` is the type of the lead object, ``paths`` the declared edges as "a > b"; both empty when undeclared."""

    name: str
    versions: tuple[str, ...]
    lead: str | None
    paths: tuple[str, ...]
    segments: tuple[str, ...]
    declared: bool
    cases: int
    in_flight: int
    first_start: datetime | None
    last_event: datetime | None


def flows(store: Store, tenant: str) -> tuple[FlowSummary, ...]:
    """Every flow that is declared or has a case, by name."""
    declared = {row["Flow"]: row for row in store.query("flow_declarations", tenant=tenant)}
    counted = {row["Flow"]: row for row in store.query("flow_counts", tenant=tenant)}
    return tuple(_flow_of(name, declared.get(name), counted.get(name)) for name in sorted({*declared, *counted}))


def require_flow(store: Store, tenant: str, flow: str) -> None:
    """Raise NotFound, naming the nearest flows, unless ``flow`` is declared or has a case."""
    if not store.query("flow_exists", tenant=tenant, flow=flow):
        names = [row["Flow"] for row in store.query("flow_names", tenant=tenant)]
        raise NotFound(f"There is no flow {flow!r}.", nearest(flow, names) or "GET /api/v1/flows lists them.")


def case_not_found(store: Store, tenant: str, flow: str, case_id: str) -> NotFound:
    """The error for a case that is not there; it names the cases of the flow that are spelled most like it."""
    require_flow(store, tenant, flow)
    stem = case_id[: max(3, len(case_id) - 2)]
    rows = store.query("case_neighbours", tenant=tenant, flow=flow, stem=stem)
    hint = nearest(case_id, [row["CaseId"] for row in rows])
    return NotFound(
        f"The flow {flow!r} has no case {case_id!r}.",
        hint or "GET /api/v1/search?q=… finds a case by any of its identifiers.",
    )


def nearest(name: str, known: list[str]) -> str:
    """A question that names what is spelled most like ``name``; empty when nothing is."""
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def _flow_of(name: str, declared: Row | None, counted: Row | None) -> FlowSummary:
    seen = set(counted["Versions"]) if counted else set()
    named = {declared["FlowVersion"]} if declared else set()
    return FlowSummary(
        name=name,
        versions=tuple(sorted((seen | named) - {""})),
        lead=declared["Lead"] if declared else None,
        paths=tuple(f"{edge['Source']} > {edge['Target']}" for edge in declared["Edges"]) if declared else (),
        segments=tuple(declared["Segments"]) if declared else (),
        declared=declared is not None,
        cases=counted["Cases"] if counted else 0,
        in_flight=counted["InFlight"] if counted else 0,
        first_start=counted["FirstStart"] if counted else None,
        last_event=counted["LastEvent"] if counted else None,
    )
