"""KPIs. Every figure comes with its definition, its n and a link to its cases."""

from pydantic import Field

from query_api.schemas.base import Answer

_CASES_URL = "/api/v1/flows/order-to-cash/cases?kpi=touchless-rate&from=2026-10-05T00%3A00%3A00Z"

_UNKNOWN = "Cases with an unknown actor, as the definition counts them. null where that does not matter."


class Window(Answer):
    """The window of an answer: from is included, to is not."""

    since: str = Field(alias="from", description="RFC 3339, UTC.", examples=["2026-10-05T00:00:00Z"])
    to: str = Field(description="RFC 3339, UTC.", examples=["2026-11-23T00:00:00Z"])
    tz: str = Field(description="IANA time zone in which buckets begin.", examples=["UTC"])
    interval: str = Field(description="Length of a bucket.", examples=["week"])
    week_rule: str = Field(description="The week rule in words.", examples=["ISO 8601 (Monday)"])
    week_starts: int = Field(description="ISO weekday on which weeks begin; 1 is Monday.", examples=[1])


class KpiDefinition(Answer):
    """What a figure means. A change of meaning gets a new version."""

    version: str = Field(examples=["1"])
    text: str = Field(examples=["Cases that ended without a touch ÷ cases that ended, always split by outcome."])


class KpiMeasure(Answer):
    """One figure of a KPI."""

    id: str = Field(description="Key in values and bounds.", examples=["touchless_rate"])
    title: str = Field(examples=["Touchless"])
    unit: str = Field(examples=["ratio"])
    definition: str = Field(examples=["Cases with no touch and no event by an unknown actor ÷ n."])
    band: str | None = Field(
        description="The band of cases that it is about; a figure in cases counts exactly these. null for all cases.",
        examples=["touchless"],
    )


class Band(Answer):
    """A part of a point's cases. Append &band=<id> to cases_url to list it."""

    id: str = Field(examples=["touchless"])
    title: str = Field(examples=["Touchless"])


class InFlight(Answer):
    """Cases in flight, which may still change the figures."""

    n: int = Field(description="Number of cases in flight.", examples=[37])
    oldest_age_s: float | None = Field(
        description="Age of the oldest in seconds; null if there is none.", examples=[172800.0]
    )


class Bound(Answer):
    """A lower bound: too many cases are in flight to know the quantile, but it is longer than this."""

    at_least: float = Field(description="Seconds.", examples=[86400.0])


class Point(Answer):
    """The figures of one bucket and group; of the whole window if bucket is null."""

    bucket: str | None = Field(
        description="Start of the bucket in the window's time zone.", examples=["2026-11-16T00:00:00+00:00"]
    )
    bucket_start: str | None = Field(description="Start of the bucket in UTC.", examples=["2026-11-16T00:00:00Z"])
    bucket_end: str | None = Field(
        description="End of the bucket in UTC, not included.", examples=["2026-11-23T00:00:00Z"]
    )
    group: dict[str, str] = Field(
        description="Dimension or grouping, and its value. Empty for all cases.", examples=[{"outcome": "completed"}]
    )
    n: int = Field(description="Number of cases that the figures are about.", examples=[120])
    in_flight_n: int = Field(description="Number of cases in flight.", examples=[37])
    unknown_actor_n: int | None = Field(description=_UNKNOWN, examples=[0])
    values: dict[str, int | float | str | None] = Field(
        description="Figures by measure id. Money is text. null means that there is no figure, never 0.",
        examples=[{"touchless_rate": 0.75}],
    )
    bounds: dict[str, Bound] = Field(description="Lower bounds by measure id, where the value itself is not known yet.")
    cases_url: str = Field(description="Lists exactly the cases of this point.", examples=[_CASES_URL])


class PreviousPeriod(Answer):
    """The previous period. Compare its totals with the answer's totals of the same group."""

    window: Window
    as_of: str = Field(
        description="The previous period is cut at the same elapsed time: on Wednesday noon, last week is shown "
        "as of last Wednesday noon.",
        examples=["2026-10-04T10:04:00Z"],
    )
    n: int = Field(description="Number of cases.", examples=[790])
    in_flight: InFlight
    unknown_actor_n: int | None = Field(description=_UNKNOWN, examples=[0])
    totals: list[Point] = Field(description="Figures of the whole period: all cases first, then each group.")
    cases_url: str = Field(description="Lists exactly these cases.", examples=[_CASES_URL])


class KpiAnswer(Answer):
    """A KPI over a window."""

    kpi: str = Field(description="Name of the KPI in addresses.", examples=["touchless-rate"])
    title: str = Field(examples=["Touchless rate"])
    definition: KpiDefinition
    flow: str = Field(examples=["order-to-cash"])
    window: Window
    cohort: str = Field(description="Which cases the figures are about.", examples=["cases that ended in the window"])
    unit: str = Field(examples=["ratio"])
    currencies: list[str] = Field(description="Currencies of the amounts.", examples=[["EUR"]])
    n: int = Field(description="Number of cases that the figures are about.", examples=[840])
    in_flight: InFlight
    unknown_actor_n: int | None = Field(description=_UNKNOWN, examples=[0])
    measures: list[KpiMeasure] = Field(description="The figures of the KPI, and what each means.")
    totals: list[Point] = Field(description="Figures of the whole window: all cases first, then each group.")
    points: list[Point] = Field(description="Figures of each bucket and group.")
    cases_url: str = Field(description="Lists exactly these cases.", examples=[_CASES_URL])
    as_of: str = Field(
        description="The instant that the answer is about. RFC 3339, UTC.", examples=["2026-11-22T10:04:00Z"]
    )
    groupings: list[str] = Field(
        description="Values that group_by accepts; dimension stands for the name of any dimension.",
        examples=[["dimension", "outcome"]],
    )
    bands: list[Band] = Field(description="Parts of the cases that can be listed on their own.")
    notes: list[str] = Field(
        description="What the KPI needs and the flow does not declare.",
        examples=[["The flow declares no sla, so its cases have no due time."]],
    )
    previous: PreviousPeriod | None = Field(description="The previous period, with compare=previous; else null.")


class KpiAnswers(Answer):
    """Several KPIs over one window."""

    flow: str = Field(examples=["order-to-cash"])
    window: Window
    kpis: list[KpiAnswer]
