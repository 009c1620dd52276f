"""GET /flows/{flow}/kpis…: the figures."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from cases.flows import require_flow
from cases.kpis import DEFINITIONS, KpiQuery, answer, answers
from query_api.access import Sender
from query_api.paths import FlowName
from query_api.schemas.kpi import KpiAnswer, KpiAnswers
from query_api.window import WindowWords

router = APIRouter(tags=["kpis"])

Kpi = Annotated[str, Path(description=f"One of: {', '.join(DEFINITIONS)}.", examples=["touchless-rate"])]


@router.get("/flows/{flow}/kpis", response_model=KpiAnswers, summary="All KPIs of a flow")
def read_kpis(sender: Sender, flow: FlowName, words: WindowWords) -> Any:
    """Every KPI over one window. One for which group_by has no meaning is answered ungrouped."""
    query = KpiQuery.parse(words, sender.as_of_ns)
    require_flow(sender.store, sender.tenant, flow)
    kpis = [found.to_json() for found in answers(sender.store, sender.tenant, flow, query)]
    return {"flow": flow, "window": query.window.to_json(), "kpis": kpis}


@router.get("/flows/{flow}/kpis/{kpi}", response_model=KpiAnswer, summary="One KPI of a flow")
def read_kpi(sender: Sender, flow: FlowName, kpi: Kpi, words: WindowWords) -> Any:
    """One KPI with its definition, its n, what is still in flight, and links to the cases behind each figure."""
    query = KpiQuery.parse(words, sender.as_of_ns)
    require_flow(sender.store, sender.tenant, flow)
    return answer(sender.store, sender.tenant, flow, kpi, query).to_json()
