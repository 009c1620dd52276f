"""``GET /flows/{flow}/kpis…``: the KPIs of a flow."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from cases.flows.declarations import declaration_of
from cases.flows.flows import require_flow
from cases.kpis import KPIS, KpiQuery, answer, answers, named_kpis
from query_api.access import Caller
from query_api.paths import FlowName
from query_api.schemas.kpi import KpiAnswer, KpiAnswers
from query_api.window import WindowParams

router = APIRouter(tags=["kpis"])

Kpi = Annotated[str, Path(description=f"Name of the KPI: {', '.join(KPIS)}.", examples=["touchless-rate"])]
Compare = Annotated[
    str | None,
    Query(
        description="previous adds the previous period, cut at the same elapsed time.",
        examples=["previous"],
    ),
]
Only = Annotated[
    str | None,
    Query(
        alias="only",
        description="Names of KPIs, separated by commas. Default: all.",
        examples=["touchless-rate,retries"],
    ),
]


@router.get("/flows/{flow}/kpis", response_model=KpiAnswers, summary="List the KPIs of a flow")
def read_kpis(caller: Caller, flow: FlowName, params: WindowParams, names: Only = None, compare: Compare = None) -> Any:
    """KPIs over one window. A KPI that cannot be grouped by group_by is answered without groups."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    query = KpiQuery.parse({**params, "compare": compare}, caller.as_of_ns, declared.calendar if declared else None)
    kpis = named_kpis(names)
    require_flow(caller.store, caller.tenant, flow)
    computed = answers(caller.store, caller.tenant, flow, query, declared, kpis)
    return {"flow": flow, "window": query.window.to_json(), "kpis": [kpi.to_json() for kpi in computed]}


@router.get("/flows/{flow}/kpis/{kpi}", response_model=KpiAnswer, summary="Get a KPI")
def read_kpi(caller: Caller, flow: FlowName, kpi: Kpi, params: WindowParams, compare: Compare = None) -> Any:
    """One KPI with its definition, its n, the cases in flight, and links to the cases behind each figure."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    query = KpiQuery.parse({**params, "compare": compare}, caller.as_of_ns, declared.calendar if declared else None)
    require_flow(caller.store, caller.tenant, flow)
    return answer(caller.store, caller.tenant, flow, kpi, query, declared).to_json()
