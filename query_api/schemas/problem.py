"""Problem details (RFC 9457): the body of every error."""

from pydantic import Field

from query_api.schemas.base import Answer


class Problem(Answer):
    """What went wrong and what to do. Sent as application/problem+json with every status from 400."""

    type: str = Field(
        description="Identifies the kind of problem. It does not change between versions.",
        examples=["urn:flowtrail:problem:not_found"],
    )
    title: str = Field(description="The kind of problem in words.", examples=["Not found"])
    status: int = Field(description="HTTP status.", examples=[404])
    detail: str = Field(description="What is wrong in this request.", examples=["There is no flow 'order-to-cahs'."])
    hint: str = Field(description="What to do about it; may be empty.", examples=["Did you mean order-to-cash?"])
