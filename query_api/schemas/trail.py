"""The trail of a case: its events, lanes, waits and log records."""

from pydantic import Field

from query_api.schemas.base import Answer, Instant
from query_api.schemas.case import CaseSummary
from query_api.schemas.event import Event
from query_api.schemas.log import Logs

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


class Wait(Answer):
    """A time in which no step of the case was running."""

    after: str = Field(description="Event whose end began the wait.", examples=[_EVENT_ID])
    before: str | None = Field(
        description="Event whose start ended it; null while the case still waits.", examples=[_EVENT_ID]
    )
    seconds: float = Field(description="Up to as_of while the case still waits.", examples=[3600.0])
    from_system: str = Field(examples=["shop"])
    to_system: str | None = Field(examples=["erp"])


class Trail(Answer):
    """Everything seen of a case."""

    case: CaseSummary
    lanes: list[str] = Field(description="Systems in order of their first event.", examples=[["shop", "erp", "wms"]])
    events: list[Event] = Field(description="In order of start.")
    waits: list[Wait]
    logs: Logs = Field(description="The first page of the log records that were asked for.")
    truncated: bool = Field(description="The case has more steps than are listed.", examples=[False])
    plain_truncated: bool = Field(description="Its traces have more plain spans than are listed.", examples=[False])
    as_of: Instant
