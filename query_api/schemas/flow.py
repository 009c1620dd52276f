"""Flows."""

from pydantic import Field

from query_api.schemas.base import Answer, Instant


class Flow(Answer):
    """A business process, declared or only seen."""

    name: str = Field(examples=["order-to-cash"])
    versions: list[str] = Field(examples=[["1"]])
    lead: str | None = Field(description="Type of the lead object; null when undeclared.", examples=["order"])
    paths: list[str] = Field(
        description="Directed edges along which ids belong to a case.", examples=[["order > item", "item > package"]]
    )
    segments: list[str] = Field(description="Dimensions figures are usually split by.", examples=[["channel"]])
    declared: bool = Field(examples=[True])
    cases: int = Field(examples=[1200])
    in_flight: int = Field(examples=[37])
    first_start: Instant | None = Field(description="null without cases.", examples=["2026-10-01T08:00:00Z"])
    last_event: Instant | None = Field(description="null without cases.", examples=["2026-11-22T10:04:00Z"])


class FlowList(Answer):
    """Every flow that is declared or has cases, by name."""

    flows: list[Flow]
