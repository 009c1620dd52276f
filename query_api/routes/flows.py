"""GET /flows…: the flows there are, one with its declaration, its hubs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from cases.flows.flows import flow_detail, flows, require_flow
from cases.flows.inference import infer
from cases.fold.hubs import hubs
from query_api.access import Caller
from query_api.paths import FlowName
from query_api.schemas.flow import FlowDetail, FlowList, HubList, InferredFlow

router = APIRouter(tags=["flows"])

Findings = Annotated[
    bool,
    Query(description="Look for findings: it reads all cases of the flow. Without, there are none.", examples=[True]),
]


@router.get("/flows", response_model=FlowList, summary="List flows")
def list_flows(caller: Caller) -> Any:
    """Every flow that is declared or has cases, by name."""
    return {"flows": flows(caller.store, caller.tenant)}


@router.get("/flows/{flow}", response_model=FlowDetail, summary="Get a flow")
def get_flow(caller: Caller, flow: FlowName, findings: Findings = True) -> Any:  # noqa: FBT002 - a parameter of the query
    """One flow with its declaration, and where that and what is seen disagree."""
    return FlowDetail.of(flow_detail(caller.store, caller.tenant, flow, compared=findings))


@router.get("/flows/{flow}/hubs", response_model=HubList, summary="List the hubs of a flow")
def list_hubs(caller: Caller, flow: FlowName) -> Any:
    """Ids to which more ids lead than the flow allows; they merge nothing."""
    require_flow(caller.store, caller.tenant, flow)
    return {"hubs": hubs(caller.store, caller.tenant, flow)}


@router.get("/flows/{flow}/inferred", response_model=InferredFlow, summary="Infer a flow's declaration")
def infer_flow(caller: Caller, flow: FlowName) -> Any:
    """A first declaration of the flow, written from what was seen of it. Seconds where there are millions of steps."""
    return infer(caller.store, caller.tenant, flow)
