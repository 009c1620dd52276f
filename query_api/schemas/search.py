"""The answer to a search."""

from pydantic import Field

from query_api.schemas.base import Answer, Identifier
from query_api.schemas.case import CaseBrief


class Match(Identifier):
    """An identifier through which the search found a case."""

    tokenised: bool = Field(
        description="value is a token that was stored instead of the original; the text searched for is the original.",
        examples=[False],
    )


class SearchResult(CaseBrief):
    """A case and the identifiers through which the search found it."""

    matched: list[Match]
    exact: bool = Field(description="false: an identifier of the case only begins with query.", examples=[True])


class SearchAnswer(Answer):
    """Cases that reach the identifier; suggestions by prefix when none does."""

    query: str = Field(
        description="The text that was looked for: q, or the identifier found in it.", examples=["SO-1001"]
    )
    results: list[SearchResult]
    truncated: bool = Field(description="More cases match than are listed.", examples=[False])
