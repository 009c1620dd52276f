"""What went wrong, as RFC 9457 problem details."""

from pydantic import Field

from query_api.schemas.base import Answer


class Problem(Answer):
    """Sent as ``application/problem+json`` with every status from 400 on."""

    type: str = Field(description="Stable; tells problems apart.", examples=["urn:flowtrail:problem:not_found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no flow 'order-to-cahs'."])
    hint: str = Field(description="What to do about it; may be empty.", examples=["Did you mean order-to-cash?"])
