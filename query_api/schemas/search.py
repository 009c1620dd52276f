"""The answer to a search."""

from pydantic import Field

from query_api.schemas.base import Answer, Identifier
from query_api.schemas.case import CaseBrief


class Match(Identifier):
    """An identifier through which the search found a case."""

    tokenised: bool = Field(
        description="Whether value is a token that was stored instead of the original value.",
        examples=[False],
    )


class SearchResult(CaseBrief):
    """A case and the identifiers through which the search found it."""

    matched: list[Match] = Field(description="The identifiers that matched.")
    exact: bool = Field(
        description="false: it is a suggestion; an identifier of the case only begins with query.", examples=[True]
    )


class SearchAnswer(Answer):
    """Cases that have the identifier; if none has it, suggestions whose identifiers begin with it."""

    query: str = Field(description="The text that was searched for: q, or the identifier in it.", examples=["SO-1001"])
    results: list[SearchResult] = Field(description="Exact spelling first, then the newest case.")
    truncated: bool = Field(description="Whether more cases match than are listed.", examples=[False])
