"""``GET /search``: find cases by any identifier."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from cases.search import search
from query_api.access import Caller
from query_api.schemas.case import CaseBrief
from query_api.schemas.search import SearchAnswer

router = APIRouter(tags=["cases"])

Text = Annotated[
    str,
    Query(
        max_length=1000,
        description="An identifier: a case id, an identifier that a case reaches or that its steps carry "
        "(item, package, tracking number …), or a trace id. Upper and lower case are the same. "
        "Spaces and quotes around it and a word before it are ignored. An empty text finds nothing.",
        examples=["SO-1001"],
    ),
]
Limit = Annotated[
    int,
    Query(
        ge=1,
        le=search.MAX_RESULTS,
        description="Maximum number of results. There are at most 20 suggestions.",
        examples=[20],
    ),
]


@router.get("/search", response_model=SearchAnswer, summary="Search")
def find(request: Request, caller: Caller, q: Text, limit: Limit = search.MAX_SUGGESTIONS) -> Any:
    """Cases that have the identifier, newest first. If there is none, cases with an identifier that begins with it."""
    key: bytes | None = request.app.state.token_key(caller.tenant)
    answer = search.search(caller.store, caller.tenant, q, limit, key)
    return {
        "query": answer.query,
        "results": [_result(hit, caller.as_of) for hit in answer.hits],
        "truncated": answer.truncated,
    }


def _result(hit: search.Hit, as_of: datetime) -> dict[str, Any]:
    return {**CaseBrief.fields_of(hit.case, as_of), "matched": hit.matched, "exact": hit.exact}
