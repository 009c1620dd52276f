"""GET /search: find cases by any identifier."""

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
        description="An identifier: case id, any id the case reaches or its steps carry "
        "(item, package, tracking, customer's order number…), trace id. "
        "Letter case, blanks and quotes around it and a word before it do not matter. Empty finds nothing.",
        examples=["SO-1001"],
    ),
]
Limit = Annotated[
    int,
    Query(ge=1, le=search.MAX_RESULTS, description="Most results to list; suggestions stop at 20.", examples=[20]),
]


@router.get("/search", response_model=SearchAnswer, summary="Find cases by any identifier")
def find(request: Request, caller: Caller, q: Text, limit: Limit = search.MAX_SUGGESTIONS) -> Any:
    """Exact matches of any identifier, newest case first; when there is none, cases with one that begins like it."""
    key: bytes | None = request.app.state.token_key(caller.tenant)
    found = search.search(caller.store, caller.tenant, q, limit, key)
    return {
        "query": found.query,
        "results": [_result(hit, caller.as_of) for hit in found.hits],
        "truncated": found.truncated,
    }


def _result(hit: search.Hit, as_of: datetime) -> dict[str, Any]:
    return {**CaseBrief.fields_of(hit.case, as_of), "matched": hit.matched, "exact": hit.exact}
