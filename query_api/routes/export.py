"""``GET …/export``: the events of one case, or of the cases behind a figure, as a file."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from cases.flows.declarations import declaration_of
from cases.flows.flows import case_not_found, require_flow
from cases.kpis import Selector
from exporting.events import SelectedCases
from exporting.formats import FORMATS, file_name, format_of, write
from query_api.access import Caller, Reader
from query_api.paths import CaseId, FlowName
from query_api.routes.cases import SelectorParams

router = APIRouter(tags=["export"])

Format = Annotated[
    str, Query(alias="format", description=f"Format of the file: {', '.join(FORMATS)}.", examples=["csv"])
]
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": {known.media_type: {} for known in FORMATS.values()}}
}


@router.get("/flows/{flow}/export", responses=_ANSWERS, response_class=StreamingResponse, summary="Export cases")
def export_cases(
    caller: Caller, flow: FlowName, params: SelectorParams, file_format: Format = "csv"
) -> StreamingResponse:
    """All events of the cases that `/flows/{flow}/cases` lists for the same parameters, newest case first."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    selector = Selector.parse(params, caller.as_of_ns, declared)
    require_flow(caller.store, caller.tenant, flow)
    return _answer(caller, SelectedCases(caller.tenant, flow, selector), file_format)


# This router is included before that of the cases, whose last route matches any path. So a case id that ends in
# "/export" has to be sent with its slash encoded.
@router.get(
    "/flows/{flow}/cases/{case_id:path}/export",
    responses=_ANSWERS,
    response_class=StreamingResponse,
    summary="Export a case",
)
def export_case(caller: Caller, flow: FlowName, case_id: CaseId, file_format: Format = "csv") -> StreamingResponse:
    """All events of one case, shared events included."""
    rows = caller.store.query("cases/summary", tenant=caller.tenant, flow=flow, case_id=case_id)
    if not rows:
        raise case_not_found(caller.store, caller.tenant, flow, case_id)
    return _answer(caller, SelectedCases(caller.tenant, flow, only=(case_id,)), file_format)


def _answer(caller: Reader, selection: SelectedCases, file_format: str) -> StreamingResponse:
    media_type = format_of(file_format).media_type
    pieces = write(caller.store, selection, file_format)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(selection, file_format)}"'}
    return StreamingResponse(_begun(pieces), media_type=media_type, headers=headers)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """``pieces``, with the first one computed now: an error before it is still answered with problem details."""
    first = next(pieces, b"")
    return chain([first], pieces)
