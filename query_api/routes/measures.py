"""GET /flows/{flow}/measures…: business measures."""

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Path, Query

from cases.flows.declarations import declaration_of
from cases.measures import MeasureQuery, answer, find, measures
from query_api.access import Caller
from query_api.paths import FlowName
from query_api.schemas.measure import MeasureAnswer, MeasureList
from query_api.window import Params, WindowParams

router = APIRouter(tags=["measures"])


def measure_name(
    measure: Annotated[
        str, Path(description="Name of the measure without flow.kpi., percent-encoded.", examples=["open_claims"])
    ],
) -> str:
    """The measure a path names."""
    return unquote(measure)


def choice_params(
    agg: Annotated[
        str | None,
        Query(
            description="How values are put together: last, avg, min or max of a gauge; last, min or max of a level; "
            "sum of a delta; increase of a counter. Default: the first of these.",
            examples=["last"],
        ),
    ] = None,
    kind: Annotated[
        str | None, Query(description="Needed where one name was sent in several kinds.", examples=["gauge"])
    ] = None,
    unit: Annotated[
        str | None, Query(description="Needed where one name was sent in several units.", examples=["EUR"])
    ] = None,
) -> Params:
    """The parameters agg, kind and unit."""
    return {"agg": agg, "kind": kind, "unit": unit}


MeasureName = Annotated[str, Depends(measure_name)]
ChoiceParams = Annotated[Params, Depends(choice_params)]


@router.get("/flows/{flow}/measures", response_model=MeasureList, summary="The business measures of a flow")
def list_measures(caller: Caller, flow: FlowName) -> Any:
    """Every measure of a flow by name, with its kind, unit, dimensions and latest value; - lists those of no flow."""
    return {"flow": flow, "measures": measures(caller.store, caller.tenant, flow)}


@router.get("/flows/{flow}/measures/{measure:path}", response_model=MeasureAnswer, summary="One measure over time")
def read_measure(
    caller: Caller, flow: FlowName, measure: MeasureName, params: WindowParams, choice: ChoiceParams
) -> Any:
    """One measure per bucket and group, with its definition and how many values are behind each figure."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    query = MeasureQuery.parse({**params, **choice}, caller.as_of_ns, declared.calendar if declared else None)
    known = measures(caller.store, caller.tenant, flow)
    found = find(known, measure, choice["kind"], choice["unit"])
    return answer(caller.store, caller.tenant, flow, found, query).to_json()
