"""``GET /flows…``: all flows, one flow with its declaration, its hubs, an inferred declaration."""

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
    Query(
        description="Whether to compute findings, which reads all cases of the flow. With false the list is empty.",
        examples=[True],
    ),
]


@router.get("/flows", response_model=FlowList, summary="List flows")
def list_flows(caller: Caller) -> Any:
    """Every flow that is declared or has cases, sorted by name."""
    return {"flows": flows(caller.store, caller.tenant)}


@router.get("/flows/{flow}", response_model=FlowDetail, summary="Get a flow")
def get_flow(caller: Caller, flow: FlowName, findings: Findings = True) -> Any:  # noqa: FBT002 - a query parameter
    """One flow with its declaration, and findings: where declaration and events differ."""
    return FlowDetail.of(flow_detail(caller.store, caller.tenant, flow, compared=findings))


@router.get("/flows/{flow}/hubs", response_model=HubList, summary="List the hubs of a flow")
def list_hubs(caller: Caller, flow: FlowName) -> Any:
    """The hubs of a flow: identifiers that are not followed, because too many others lead to them."""
    require_flow(caller.store, caller.tenant, flow)
    return {"hubs": hubs(caller.store, caller.tenant, flow)}


@router.get("/flows/{flow}/inferred", response_model=InferredFlow, summary="Infer the declaration of a flow")
def infer_flow(caller: Caller, flow: FlowName) -> Any:
    """A declaration inferred from the events of the flow. It reads all of its steps: seconds for millions of steps."""
    return infer(caller.store, caller.tenant, flow)
