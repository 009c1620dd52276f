"""GET /flows/{flow}/cases…: the list behind a figure, one case, its trail."""

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
from query_api.window import WindowWords, Words

router = APIRouter(tags=["cases"])


def selector_words(
    words: WindowWords,
    kpi: Annotated[
        str | None, Query(description="Only the cases this KPI counts.", examples=["touchless-rate"])
    ] = None,
    bucket: Annotated[
        str | None, Query(description="bucket_start of a point: only its cases.", examples=["2026-11-16T00:00:00Z"])
    ] = None,
    group: Annotated[
        str | None,
        Query(description="group of a point, as a JSON object: only its cases.", examples=['{"outcome":"completed"}']),
    ] = None,
    band: Annotated[
        str | None,
        Query(description="A part of the cases: in_flight, finished, or what the KPI names.", examples=["in_flight"]),
    ] = None,
) -> Words:
    """The parameters that select exactly the cases behind one point of a KPI."""
    return {**words, "kpi": kpi, "bucket": bucket, "group": group, "band": band}


SelectorWords = Annotated[Words, Depends(selector_words)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most cases on a page.", examples=[100])]
Cursor = Annotated[str | None, Query(description="next of the page before.", examples=[None])]


@router.get("/flows/{flow}/cases", response_model=CaseList, summary="The cases behind a figure")
def list_cases(caller: Caller, flow: FlowName, words: SelectorWords, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """Cases of a flow, newest start first: those that started in the window, or exactly those a KPI's point counts."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    selector = Selector.parse(words, caller.as_of_ns, declared)
    require_flow(caller.store, caller.tenant, flow)
    page = population(caller.store, caller.tenant, flow, selector, limit, cursor)
    n = population_n(caller.store, caller.tenant, flow, selector)
    return {"n": n, "cases": [CaseBrief.fields_of(case, caller.as_of) for case in page.cases], "next": page.next}


WantedLogs = Annotated[
    str | None,
    Query(
        description=f"Which log records: {', '.join(LOG_CHOICES)}. warnings: and worse. Default all.", examples=["all"]
    ),
]


# These two before the last route: an id that ends in "/trail" or "/logs" must be sent with its slash encoded.
@router.get("/flows/{flow}/cases/{case_id:path}/trail", response_model=Trail, summary="The trail of one case")
def read_trail(caller: Caller, flow: FlowName, case_id: CaseId, logs: WantedLogs = None) -> Any:
    """Everything seen of a case: events, lanes per system, the times nobody worked on it, and the first log records."""
    return trail(caller.store, caller.tenant, (flow, case_id), caller.as_of, LogQuery.parse({"logs": logs}))


@router.get("/flows/{flow}/cases/{case_id:path}/logs", response_model=Logs, summary="The log records of one case")
def read_logs(  # noqa: PLR0913, PLR0917 - one argument per query parameter is how FastAPI documents them
    caller: Caller,
    flow: FlowName,
    case_id: CaseId,
    logs: WantedLogs = None,
    since: Annotated[
        str | None, Query(alias="from", description="RFC 3339: none before it.", examples=["2026-11-22T10:00:00Z"])
    ] = None,
    to: Annotated[
        str | None, Query(description="RFC 3339: none from it on.", examples=["2026-11-22T11:00:00Z"])
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=MAX_LOGS, description="Most records on a page.", examples=[DEFAULT_LIMIT])
    ] = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """A page of the log records of a case with their whole texts, in order of time."""
    words = {"logs": logs, "from": since, "to": to, "cursor": cursor}
    return case_logs(caller.store, caller.tenant, (flow, case_id), LogQuery.parse(words, limit, UNCUT))


@router.get("/flows/{flow}/cases/{case_id:path}", response_model=CaseSummary, summary="One case")
def read_case(caller: Caller, flow: FlowName, case_id: CaseId) -> Any:
    """A case in full without its events: totals, where it is, every id it reaches, the cases it shares events with."""
    return summary(caller.store, caller.tenant, (flow, case_id), caller.as_of)
