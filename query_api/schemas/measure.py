"""Business measures: metrics named ``flow.kpi.*`` that systems report by themselves."""

from pydantic import Field

from query_api.schemas.base import Answer, Instant
from query_api.schemas.kpi import KpiDefinition, Window

_VALUE = "A number, or decimal text if a double would not be exact."


class Measure(Answer):
    """A business measure: a metric named flow.kpi.<measure>, of one kind and unit."""

    measure: str = Field(description="Name of the metric without flow.kpi.", examples=["open_claims"])
    kind: str = Field(description="gauge, delta, counter or level.", examples=["gauge"])
    unit: str = Field(description="Unit as sent; may be empty.", examples=["{claim}"])
    dims: list[str] = Field(description="Dimensions (flow.dim.*) of its values.", examples=[["channel"]])
    aggregations: list[str] = Field(
        description="Values that agg accepts; the first is the default.", examples=[["last", "avg", "min", "max"]]
    )
    series: int = Field(
        description="Number of series: a series is one system with one set of attributes.", examples=[2]
    )
    first_time: Instant = Field(description="Time of the first value.")
    last_time: Instant = Field(description="Time of the latest value.")
    last_value: int | float | str = Field(description=f"The latest value of any series. {_VALUE}", examples=[42])


class MeasureList(Answer):
    """The measures of a flow, by name."""

    flow: str = Field(description="Name of the flow; - for measures that name no flow.", examples=["order-to-cash"])
    measures: list[Measure]


class MeasurePoint(Answer):
    """The value of one bucket and group; of the whole window if bucket is null."""

    bucket: str | None = Field(
        description="Start of the bucket in the window's time zone.", examples=["2026-11-16T00:00:00+00:00"]
    )
    bucket_start: str | None = Field(description="Start of the bucket in UTC.", examples=["2026-11-16T00:00:00Z"])
    bucket_end: str | None = Field(
        description="End of the bucket in UTC, not included.", examples=["2026-11-23T00:00:00Z"]
    )
    group: dict[str, str] = Field(
        description="Dimension and its value. Empty for all values.", examples=[{"channel": "web"}]
    )
    n: int = Field(description="Number of reported values.", examples=[168])
    series: int = Field(description="Number of series that reported them.", examples=[2])
    value: int | float | str | None = Field(
        description=f"null if nothing was reported, never 0. {_VALUE}", examples=[42]
    )


class MeasureAnswer(Answer):
    """A measure over a window."""

    measure: str = Field(examples=["open_claims"])
    flow: str = Field(examples=["order-to-cash"])
    kind: str = Field(examples=["gauge"])
    unit: str = Field(examples=["{claim}"])
    agg: str = Field(description="How the values were aggregated.", examples=["last"])
    aggregations: list[str] = Field(description="Values that agg accepts.", examples=[["last", "avg", "min", "max"]])
    definition: KpiDefinition
    window: Window
    dims: list[str] = Field(examples=[["channel"]])
    n: int = Field(description="Number of values in the window.", examples=[1176])
    series: int = Field(description="Number of series that reported them.", examples=[2])
    totals: list[MeasurePoint] = Field(description="Values of the whole window: all series first, then each group.")
    points: list[MeasurePoint] = Field(description="Values of each bucket and group.")
    as_of: str = Field(
        description="The instant that the answer is about. RFC 3339, UTC.", examples=["2026-11-22T10:04:00Z"]
    )
