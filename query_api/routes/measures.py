"""``GET /flows/{flow}/measures…``: business measures."""

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
        str,
        Path(
            description="Name of the measure without flow.kpi., percent-encoded (a slash as %2F).",
            examples=["open_claims"],
        ),
    ],
) -> str:
    """The decoded name of the measure in a path."""
    return unquote(measure)


def choice_params(
    agg: Annotated[
        str | None,
        Query(
            description="How values are aggregated. gauge: last, avg, min, max. level: last, min, max. delta: sum. "
            "counter: increase. Default: the first of these.",
            examples=["last"],
        ),
    ] = None,
    kind: Annotated[
        str | None,
        Query(description="Kind of the measure. Required if the name was sent in several kinds.", examples=["gauge"]),
    ] = None,
    unit: Annotated[
        str | None,
        Query(description="Unit of the measure. Required if the name was sent in several units.", examples=["EUR"]),
    ] = None,
) -> Params:
    """The parameters agg, kind and unit."""
    return {"agg": agg, "kind": kind, "unit": unit}


MeasureName = Annotated[str, Depends(measure_name)]
ChoiceParams = Annotated[Params, Depends(choice_params)]


@router.get("/flows/{flow}/measures", response_model=MeasureList, summary="List the business measures of a flow")
def list_measures(caller: Caller, flow: FlowName) -> Any:
    """The measures of a flow by name, with kind, unit, dimensions and latest value. Use - for those of no flow."""
    return {"flow": flow, "measures": measures(caller.store, caller.tenant, flow)}


@router.get("/flows/{flow}/measures/{measure:path}", response_model=MeasureAnswer, summary="Get a business measure")
def read_measure(
    caller: Caller, flow: FlowName, measure: MeasureName, params: WindowParams, choice: ChoiceParams
) -> Any:
    """One measure per bucket and group, with its definition and the number of values behind each figure."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    query = MeasureQuery.parse({**params, **choice}, caller.as_of_ns, declared.calendar if declared else None)
    chosen = find(measures(caller.store, caller.tenant, flow), measure, choice["kind"], choice["unit"])
    return answer(caller.store, caller.tenant, flow, chosen, query).to_json()
