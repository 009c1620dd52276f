"""Business measures: what a flow's automations report beside its cases."""

from pydantic import Field

from query_api.schemas.base import Answer, Instant
from query_api.schemas.kpi import KpiDefinition, Window

_VALUE = "Exact: a number, or its decimal text where a double would not be exact."


class Measure(Answer):
    """A metric named flow.kpi.<measure>, of one kind and unit."""

    measure: str = Field(description="Its name without flow.kpi.", examples=["open_claims"])
    kind: str = Field(description="gauge, delta, counter or level.", examples=["gauge"])
    unit: str = Field(description="As sent; may be empty.", examples=["{claim}"])
    dims: list[str] = Field(description="Dimensions that its values carry.", examples=[["channel"]])
    aggregations: list[str] = Field(
        description="What agg may say; the first is the default.", examples=[["last", "avg", "min", "max"]]
    )
    series: int = Field(description="Systems and attributes that report it, each once.", examples=[2])
    first_time: Instant
    last_time: Instant
    last_value: int | float | str = Field(description=f"The latest value of any series. {_VALUE}", examples=[42])


class MeasureList(Answer):
    """The measures of a flow, by name."""

    flow: str = Field(description="- for those that name no flow.", examples=["order-to-cash"])
    measures: list[Measure]


class MeasurePoint(Answer):
    """The value of one bucket and group, or of the whole window when bucket is null."""

    bucket: str | None = Field(description="Local start of the bucket.", examples=["2026-11-16T00:00:00+00:00"])
    bucket_start: str | None = Field(description="The same in UTC.", examples=["2026-11-16T00:00:00Z"])
    bucket_end: str | None = Field(examples=["2026-11-23T00:00:00Z"])
    group: dict[str, str] = Field(description="Empty: everything.", examples=[{"channel": "web"}])
    n: int = Field(description="Values that were reported.", examples=[168])
    series: int = Field(description="Series that reported them.", examples=[2])
    value: int | float | str | None = Field(description=f"null: nothing was reported. {_VALUE}", examples=[42])


class MeasureAnswer(Answer):
    """A measure over a window."""

    measure: str = Field(examples=["open_claims"])
    flow: str = Field(examples=["order-to-cash"])
    kind: str = Field(examples=["gauge"])
    unit: str = Field(examples=["{claim}"])
    agg: str = Field(description="How values were put together.", examples=["last"])
    aggregations: list[str] = Field(examples=[["last", "avg", "min", "max"]])
    definition: KpiDefinition
    window: Window
    dims: list[str] = Field(examples=[["channel"]])
    n: int = Field(description="Values in the window.", examples=[1176])
    series: int = Field(examples=[2])
    totals: list[MeasurePoint] = Field(description="The whole window: everything first, then each group.")
    points: list[MeasurePoint] = Field(description="Per bucket and group.")
    as_of: str = Field(description="RFC 3339, UTC.", examples=["2026-11-22T10:04:00Z"])
