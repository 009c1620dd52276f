"""The flows of a tenant: the declared ones, and undeclared ones that have cases."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from cases.errors import NotFound
from cases.flows.declarations.stored import declaration_in_row, pending
from cases.flows.findings import findings, observe
from cases.fold.hubs import hubs

if TYPE_CHECKING:
    from datetime import datetime

    from cases.flows.declarations import Change, Declaration
    from cases.flows.findings import Finding
    from store.client import Row, Store


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A flow in short. ``lead``, the type of the lead object, and ``paths``, edges as "a > b", only if declared."""

    name: str
    versions: tuple[str, ...]
    lead: str | None
    paths: tuple[str, ...]
    dimensions: tuple[str, ...]
    segments: tuple[str, ...]
    declared: bool
    cases: int
    in_flight: int
    first_start: datetime | None
    last_event: datetime | None


@dataclass(frozen=True, slots=True)
class FlowDetail:
    """A flow in full. ``pending``: the change that its cases do not follow yet. Undeclared, it has a summary only."""

    summary: FlowSummary
    declaration: Declaration | None = None
    declared_at: datetime | None = None
    pending: Change | None = None
    findings: tuple[Finding, ...] = ()


def flows(store: Store, tenant: str) -> tuple[FlowSummary, ...]:
    """Every flow that is declared or has a case, sorted by name."""
    declared = {row["Flow"]: row for row in store.query("flows/declarations", tenant=tenant)}
    counted = {row["Flow"]: row for row in store.query("flows/counts", tenant=tenant, flow="")}
    return tuple(_flow_of(name, declared.get(name), counted.get(name)) for name in sorted({*declared, *counted}))


def flow_detail(store: Store, tenant: str, flow: str, *, compared: bool = True) -> FlowDetail:
    """The flow ``flow`` with its declaration and, if ``compared``, the findings about it. Raises NotFound."""
    require_flow(store, tenant, flow)
    declared = store.query("flows/declaration", tenant=tenant, flow=flow)
    counted = store.query("flows/counts", tenant=tenant, flow=flow)
    summary = _flow_of(flow, declared[0] if declared else None, counted[0] if counted else None)
    if not declared:
        return FlowDetail(summary)
    declaration = declaration_in_row(declared[0])
    disagreements: tuple[Finding, ...] = ()
    if compared and summary.cases:
        disagreements = findings(declaration, observe(store, tenant, declaration), hubs(store, tenant, flow))
    return FlowDetail(summary, declaration, declared[0]["DeclaredAt"], pending(declared[0]), disagreements)


def require_flow(store: Store, tenant: str, flow: str) -> None:
    """Raise NotFound, which names similar flows, unless ``flow`` is declared or has a case."""
    if not store.query("flows/exists", tenant=tenant, flow=flow):
        names = [row["Flow"] for row in store.query("flows/names", tenant=tenant)]
        raise NotFound(f"There is no flow {flow!r}.", nearest(flow, names) or "GET /api/v1/flows lists them.")


def case_not_found(store: Store, tenant: str, flow: str, case_id: str) -> NotFound:
    """The error for a case that does not exist. It names cases of the flow with a similar id."""
    require_flow(store, tenant, flow)
    # Compare only with ids that start alike: a flow may have millions of cases.
    stem = case_id[: max(3, len(case_id) - 2)]
    rows = store.query("cases/neighbours", tenant=tenant, flow=flow, stem=stem)
    hint = nearest(case_id, [row["CaseId"] for row in rows])
    return NotFound(
        f"The flow {flow!r} has no case {case_id!r}.",
        hint or "GET /api/v1/search?q=… finds a case by any of its identifiers.",
    )


def nearest(name: str, known: list[str]) -> str:
    """``Did you mean …?`` with the names in ``known`` that are most like ``name``; empty if none is."""
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
        dimensions=declaration_in_row(declared).dimensions if declared else (),
        segments=tuple(declared["Segments"]) if declared else (),
        declared=declared is not None,
        cases=counted["Cases"] if counted else 0,
        in_flight=counted["InFlight"] if counted else 0,
        first_start=counted["FirstStart"] if counted else None,
        last_event=counted["LastEvent"] if counted else None,
    )
