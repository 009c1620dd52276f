"""Log records of a case."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer, Identifier, Instant
from query_api.schemas.event import Shared

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


class LogRecord(Answer):
    """A log record, and why it belongs to the case."""

    time: Instant = Field(description="Time of the record; if it has none, when it was observed or received.")
    severity: Literal["unspecified", "trace", "debug", "info", "warn", "error", "fatal"] = Field(
        description="From severity_number; if there is none, from severity_text.", examples=["warn"]
    )
    severity_text: str = Field(description="As sent.", examples=["WARNING"])
    severity_number: int = Field(
        description="OpenTelemetry severity number, 1 to 24; 0 if none was sent.", examples=[13]
    )
    system: str = Field(description="The system that sent it.", examples=["wms"])
    body: str = Field(description="The text.", examples=["Shelf 14 holds 2 of 3 items"])
    body_cut: bool = Field(description="Whether the text was cut; …/logs has all of it.", examples=[False])
    event_name: str = Field(
        description="Name of the event; empty on a log record that is none.", examples=["stock.short"]
    )
    attributes: dict[str, str] = Field(
        description="Attributes as text, cut like the body.", examples=[{"code.function": "pick"}]
    )
    trace_id: str = Field(description="Empty if none was sent.", examples=[_EVENT_ID[:32]])
    span_id: str = Field(description="Empty if none was sent.", examples=[_EVENT_ID[33:]])
    event: str | None = Field(
        description="Id of the event in whose span it was written; null if there is none.", examples=[_EVENT_ID]
    )
    step: str | None = Field(
        description="Id of the case's step in or above that span; null if there is none.", examples=[_EVENT_ID]
    )
    joined: Literal["case", "id", "trace"] = Field(
        description="case: it names the case. id: it carries an identifier that the case reaches. trace: it is in a "
        "trace with a step of the case.",
        examples=["trace"],
    )
    identifier: Identifier | None = Field(description="The identifier, if joined is id.")
    shared: Shared | None = Field(description="null if the record belongs to this case alone.")


class Logs(Answer):
    """A page of log records, in order of time."""

    records: list[LogRecord]
    n: int = Field(description="Number of log records of the case, whatever the parameters select.", examples=[124])
    warnings_n: int = Field(description="Number of those with severity warn, error or fatal.", examples=[3])
    left_out: int = Field(
        description="Selected records that are not on this page: before it or after it.", examples=[0]
    )
    next: str | None = Field(description="Cursor for …/logs of the next page; null on the last page.", examples=[None])
    truncated: bool = Field(
        description="Whether there are more records than were read; n counts those that were read.", examples=[False]
    )
