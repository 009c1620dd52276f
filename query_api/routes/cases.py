"""``GET /flows/{flow}/cases…``: the cases behind a figure, one case, its trail, its log records."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from cases.flows.declarations import declaration_of
from cases.flows.flows import require_flow
from cases.kpis import Selector, population, population_n
from cases.kpis.population import MAX_LIMIT
from cases.trail.logs.page import DEFAULT_LIMIT, LOG_CHOICES, UNCUT, LogQuery
from cases.trail.logs.page import MAX_LIMIT as MAX_LOGS
from cases.trail.summary import summary
from cases.trail.trail import case_logs, trail
from query_api.access import Caller
from query_api.paths import CaseId, FlowName
from query_api.schemas.case import CaseBrief, CaseList, CaseSummary
from query_api.schemas.log import Logs
from query_api.schemas.trail import Trail
from query_api.window import Params, WindowParams

router = APIRouter(tags=["cases"])


def selector_params(
    params: WindowParams,
    kpi: Annotated[
        str | None, Query(description="Only cases that this KPI counts.", examples=["touchless-rate"])
    ] = None,
    bucket: Annotated[
        str | None, Query(description="Only cases of one point: its bucket_start.", examples=["2026-11-16T00:00:00Z"])
    ] = None,
    group: Annotated[
        str | None,
        Query(description="Only cases of one point: its group as JSON.", examples=['{"outcome":"completed"}']),
    ] = None,
    band: Annotated[
        str | None,
        Query(
            description="Only a part of the cases: in_flight, or a band of the KPI; without kpi also finished.",
            examples=["in_flight"],
        ),
    ] = None,
) -> Params:
    """The parameters that select the cases behind one point of a KPI."""
    return {**params, "kpi": kpi, "bucket": bucket, "group": group, "band": band}


SelectorParams = Annotated[Params, Depends(selector_params)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Maximum number of cases on a page.", examples=[100])]
Cursor = Annotated[str | None, Query(description="Value of next on the previous page.", examples=[None])]


@router.get("/flows/{flow}/cases", response_model=CaseList, summary="List cases")
def list_cases(
    caller: Caller, flow: FlowName, params: SelectorParams, limit: Limit = 100, cursor: Cursor = None
) -> Any:
    """Cases of a flow, newest first: those that started in the window, or exactly those behind a point of a KPI."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    selector = Selector.parse(params, caller.as_of_ns, declared)
    require_flow(caller.store, caller.tenant, flow)
    page = population(caller.store, caller.tenant, flow, selector, limit, cursor)
    n = population_n(caller.store, caller.tenant, flow, selector)
    return {"n": n, "cases": [CaseBrief.fields_of(case, caller.as_of) for case in page.cases], "next": page.next}


LogFilter = Annotated[
    str | None,
    Query(
        description=f"Log records to include: {', '.join(LOG_CHOICES)}. warnings includes errors. Default: all.",
        examples=["all"],
    ),
]


# These two must come before the last route, which matches any path. So a case id that ends in "/trail" or "/logs" has
# to be sent with its slash encoded.
@router.get("/flows/{flow}/cases/{case_id:path}/trail", response_model=Trail, summary="Get the trail of a case")
def read_trail(caller: Caller, flow: FlowName, case_id: CaseId, logs: LogFilter = None) -> Any:
    """Everything about one case in order of time: events, waits, and the first page of its log records."""
    return trail(caller.store, caller.tenant, (flow, case_id), caller.as_of, LogQuery.parse({"logs": logs}))


@router.get("/flows/{flow}/cases/{case_id:path}/logs", response_model=Logs, summary="List the log records of a case")
def read_logs(  # noqa: PLR0913, PLR0917 - one argument per query parameter is how FastAPI documents them
    caller: Caller,
    flow: FlowName,
    case_id: CaseId,
    logs: LogFilter = None,
    since: Annotated[
        str | None,
        Query(alias="from", description="Only records from this time, RFC 3339.", examples=["2026-11-22T10:00:00Z"]),
    ] = None,
    to: Annotated[
        str | None, Query(description="Only records before this time, RFC 3339.", examples=["2026-11-22T11:00:00Z"])
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=MAX_LOGS, description="Maximum number of records on a page.", examples=[DEFAULT_LIMIT])
    ] = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """Log records of a case in order of time, with their full texts."""
    params = {"logs": logs, "from": since, "to": to, "cursor": cursor}
    return case_logs(caller.store, caller.tenant, (flow, case_id), LogQuery.parse(params, limit, UNCUT))


@router.get("/flows/{flow}/cases/{case_id:path}", response_model=CaseSummary, summary="Get a case")
def read_case(caller: Caller, flow: FlowName, case_id: CaseId) -> Any:
    """A case without its events: where it is now, its totals, its identifiers, and the cases it shares events with."""
    return summary(caller.store, caller.tenant, (flow, case_id), caller.as_of)
