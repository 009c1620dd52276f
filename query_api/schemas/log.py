"""Log records of a case."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer, Identifier, Instant
from query_api.schemas.event import Shared

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


class LogRecord(Answer):
    """One log record, and how it belongs to the case."""

    time: Instant
    severity: Literal["unspecified", "trace", "debug", "info", "warn", "error", "fatal"] = Field(
        description="By the number; where none was sent, by the sender's word.", examples=["warn"]
    )
    severity_text: str = Field(description="As sent.", examples=["WARNING"])
    severity_number: int = Field(description="OpenTelemetry's, 1 to 24; 0: none was sent.", examples=[13])
    system: str = Field(examples=["wms"])
    body: str = Field(examples=["Shelf 14 holds 2 of 3 items"])
    body_cut: bool = Field(description="The body goes on; …/logs has all of it.", examples=[False])
    event_name: str = Field(description="Empty on a plain log record.", examples=["stock.short"])
    attributes: dict[str, str] = Field(description="As text, cut like the body.", examples=[{"code.function": "pick"}])
    trace_id: str = Field(description="Empty when none was sent.", examples=[_EVENT_ID[:32]])
    span_id: str = Field(description="Empty when none was sent.", examples=[_EVENT_ID[33:]])
    event: str | None = Field(description="id of the event in whose span it was written.", examples=[_EVENT_ID])
    step: str | None = Field(description="id of the case's step in or above that span.", examples=[_EVENT_ID])
    joined: Literal["case", "id", "trace"] = Field(
        description="case: it names the case. id: it carries an id that the case reaches. trace: it lies in a trace "
        "with a step of the case.",
        examples=["trace"],
    )
    identifier: Identifier | None = Field(description="The id by which it was joined.")
    shared: Shared | None = Field(description="null when the record is this case's alone.")


class Logs(Answer):
    """A page of log records, in order of time."""

    records: list[LogRecord]
    n: int = Field(description="Log records of the case.", examples=[124])
    warnings_n: int = Field(description="Those of severity warn, error or fatal.", examples=[3])
    left_out: int = Field(description="Asked for and not on this page.", examples=[0])
    next: str | None = Field(description="Pass it as cursor to …/logs for the next page.", examples=[None])
    truncated: bool = Field(description="There are more than were looked at; n counts those.", examples=[False])
