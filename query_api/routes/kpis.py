"""GET /flows/{flow}/kpis…: the figures."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from cases.flows.declarations import declaration_of
from cases.flows.flows import require_flow
from cases.kpis import KPIS, KpiQuery, answer, answers, named_kpis
from query_api.access import Caller
from query_api.paths import FlowName
from query_api.schemas.kpi import KpiAnswer, KpiAnswers
from query_api.window import WindowWords

router = APIRouter(tags=["kpis"])

Kpi = Annotated[str, Path(description=f"One of: {', '.join(KPIS)}.", examples=["touchless-rate"])]
Compare = Annotated[
    str | None,
    Query(
        description="previous: the period before is answered along, as it was seen when as much of it had passed.",
        examples=["previous"],
    ),
]
Only = Annotated[
    str | None,
    Query(
        alias="only",
        description="Some KPIs, with commas between them. Default all.",
        examples=["touchless-rate,retries"],
    ),
]


@router.get("/flows/{flow}/kpis", response_model=KpiAnswers, summary="The KPIs of a flow")
def read_kpis(caller: Caller, flow: FlowName, words: WindowWords, wanted: Only = None, compare: Compare = None) -> Any:
    """KPIs over one window. One for which group_by has no meaning is answered ungrouped."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    query = KpiQuery.parse({**words, "compare": compare}, caller.as_of_ns, declared.calendar if declared else None)
    kpis = named_kpis(wanted)
    require_flow(caller.store, caller.tenant, flow)
    found = answers(caller.store, caller.tenant, flow, query, declared, kpis)
    return {"flow": flow, "window": query.window.to_json(), "kpis": [one.to_json() for one in found]}


@router.get("/flows/{flow}/kpis/{kpi}", response_model=KpiAnswer, summary="One KPI of a flow")
def read_kpi(caller: Caller, flow: FlowName, kpi: Kpi, words: WindowWords, compare: Compare = None) -> Any:
    """One KPI with its definition, its n, what is still in flight, and links to the cases behind each figure."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    query = KpiQuery.parse({**words, "compare": compare}, caller.as_of_ns, declared.calendar if declared else None)
    require_flow(caller.store, caller.tenant, flow)
    return answer(caller.store, caller.tenant, flow, kpi, query, declared).to_json()
