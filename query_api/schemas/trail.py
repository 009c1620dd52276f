"""The trail of a case: its events, lanes, waits and log records."""

from pydantic import Field

from query_api.schemas.base import Answer, Instant
from query_api.schemas.case import CaseSummary
from query_api.schemas.event import Event
from query_api.schemas.log import Logs

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


class Wait(Answer):
    """A time in which no step of the case was running."""

    after: str = Field(description="Id of the event whose end began the wait.", examples=[_EVENT_ID])
    before: str | None = Field(
        description="Id of the event whose start ended the wait; null while the case waits.", examples=[_EVENT_ID]
    )
    seconds: float = Field(description="Length of the wait; up to as_of while the case waits.", examples=[3600.0])
    from_system: str = Field(description="System of the event after.", examples=["shop"])
    to_system: str | None = Field(
        description="System of the event before; null while the case waits.", examples=["erp"]
    )


class Trail(Answer):
    """The trail: everything about one case in order of time."""

    case: CaseSummary
    lanes: list[str] = Field(description="Systems in order of their first event.", examples=[["shop", "erp", "wms"]])
    events: list[Event] = Field(description="Events in order of their start.")
    waits: list[Wait] = Field(description="Waits in order of time.")
    logs: Logs = Field(description="First page of the selected log records.")
    truncated: bool = Field(description="Whether the case has more steps than are listed.", examples=[False])
    plain_truncated: bool = Field(
        description="Whether its traces have more plain spans than are listed.", examples=[False]
    )
    as_of: Instant = Field(description="The instant that the answer is about.")
