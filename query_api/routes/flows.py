"""GET /flows: the flows there are."""

from typing import Any

from fastapi import APIRouter

from cases.flows import flows
from query_api.access import Sender
from query_api.schemas.flow import FlowList

router = APIRouter(tags=["flows"])


@router.get("/flows", response_model=FlowList, summary="List flows")
def list_flows(sender: Sender) -> Any:
    """Every flow that is declared or has cases, by name."""
    return {"flows": flows(sender.store, sender.tenant)}
