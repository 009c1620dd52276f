"""GET …/export: the events of a case, or of the cases behind a figure, as a file."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from cases.errors import NotFound
from cases.flows.declarations import declaration_of
from cases.flows.flows import require_flow
from cases.kpis import Selector
from exporting.events import SelectedCases
from exporting.formats import FORMATS, file_name, format_of, write
from query_api.access import Caller, Reader
from query_api.paths import CaseId, FlowName
from query_api.routes.cases import SelectorWords

router = APIRouter(tags=["export"])

Wanted = Annotated[
    str, Query(alias="format", description=f"Format of the file: {', '.join(FORMATS)}.", examples=["csv"])
]
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": {one.media_type: {} for one in FORMATS.values()}}
}


@router.get("/flows/{flow}/export", responses=_ANSWERS, response_class=StreamingResponse, summary="Cases as a file")
def export_cases(caller: Caller, flow: FlowName, words: SelectorWords, wanted: Wanted = "csv") -> StreamingResponse:
    """Every event of the cases that `/flows/{flow}/cases` lists for the same parameters, newest case first."""
    declared = declaration_of(caller.store, caller.tenant, flow)
    selector = Selector.parse(words, caller.as_of_ns, declared)
    require_flow(caller.store, caller.tenant, flow)
    return _answer(caller, SelectedCases(caller.tenant, flow, selector), wanted)


# Included before the routes of a case: an id that ends in "/export" must be sent with its slash encoded.
@router.get(
    "/flows/{flow}/cases/{case_id:path}/export",
    responses=_ANSWERS,
    response_class=StreamingResponse,
    summary="One case as a file",
)
def export_case(caller: Caller, flow: FlowName, case_id: CaseId, wanted: Wanted = "csv") -> StreamingResponse:
    """Every event of one case, shared ones included."""
    known = caller.store.query("cases/summary", tenant=caller.tenant, flow=flow, case_id=case_id)
    if not known:
        raise NotFound(f"There is no case {case_id} of {flow}.", "Search for it: /api/v1/search?q=…")
    return _answer(caller, SelectedCases(caller.tenant, flow, only=(case_id,)), wanted)


def _answer(caller: Reader, selection: SelectedCases, wanted: str) -> StreamingResponse:
    found = format_of(wanted)
    pieces = write(caller.store, selection, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(selection, wanted)}"'}
    return StreamingResponse(_begun(pieces), media_type=found.media_type, headers=headers)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """``pieces``, of which the first is made at once: what fails right away is still answered with a problem."""
    first = next(pieces, b"")
    return chain([first], pieces)
