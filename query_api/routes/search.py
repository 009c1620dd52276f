"""GET /search: find cases by any identifier."""

from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from cases import search
from cases.brief import CaseBrief
from query_api.access import Sender
from query_api.schemas.search import SearchAnswer

router = APIRouter(tags=["cases"])

Text = Annotated[
    str,
    Query(
        max_length=1000,
        description="An identifier: case id, any id the case reaches or its steps carry "
        "(item, package, tracking, customer's order number…), trace id. "
        "Blanks around it do not matter. Empty finds nothing.",
        examples=["SO-1001"],
    ),
]
Limit = Annotated[
    int,
    Query(ge=1, le=search.MAX_RESULTS, description="Most results to list; suggestions stop at 20.", examples=[20]),
]


@router.get("/search", response_model=SearchAnswer, summary="Find cases by any identifier")
def find(request: Request, sender: Sender, q: Text, limit: Limit = search.MAX_SUGGESTIONS) -> Any:
    """Exact matches of any identifier, newest case first; when there is none, cases with one that begins like it."""
    key: bytes | None = request.app.state.token_key(sender.tenant)
    found = search.search(sender.store, sender.tenant, q, limit, key)
    return {"query": found.query, "results": [_result(hit) for hit in found.hits], "truncated": found.truncated}


def _result(hit: search.Hit) -> dict[str, Any]:
    brief = {field.name: getattr(hit.case, field.name) for field in fields(CaseBrief)}
    return {**brief, "matched": hit.matched, "exact": hit.exact}
