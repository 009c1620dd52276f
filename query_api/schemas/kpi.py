"""KPIs: a figure never travels without its definition, its n and the way to its cases."""

from pydantic import Field

from query_api.schemas.base import Answer

_CASES_URL = "/api/v1/flows/order-to-cash/cases?kpi=touchless-rate&from=2026-10-05T00%3A00%3A00Z"


class Window(Answer):
    """Half-open: from is in it, to is not."""

    since: str = Field(alias="from", description="RFC 3339, UTC.", examples=["2026-10-05T00:00:00Z"])
    to: str = Field(description="RFC 3339, UTC.", examples=["2026-11-23T00:00:00Z"])
    tz: str = Field(description="Zone in which the buckets begin.", examples=["UTC"])
    interval: str = Field(examples=["week"])
    week_rule: str = Field(examples=["ISO 8601 (Monday)"])
    week_starts: int = Field(description="ISO weekday on which weeks begin; 1 is Monday.", examples=[1])


class KpiDefinition(Answer):
    """What the KPI means; a change of meaning is a new version."""

    version: str = Field(examples=["1"])
    text: str = Field(examples=["Cases that ended without a touch ÷ cases that ended, always split by outcome."])


class Measure(Answer):
    """One figure of a KPI."""

    id: str = Field(description="Key into values and bounds.", examples=["touchless_rate"])
    title: str = Field(examples=["Touchless"])
    unit: str = Field(examples=["ratio"])
    definition: str = Field(examples=["Cases with no touch and no event by an unknown actor ÷ n."])
    band: str | None = Field(
        description="The part of a point's cases that it is about; one in cases counts exactly these. null: all.",
        examples=["touchless"],
    )


class Band(Answer):
    """A part of a point's cases: append &band=<id> to its cases_url."""

    id: str = Field(examples=["touchless"])
    title: str = Field(examples=["Touchless"])


class InFlight(Answer):
    """Cases that have not ended: what the figures do not know yet."""

    n: int = Field(examples=[37])
    oldest_age_s: float | None = Field(description="null when there is none.", examples=[172800.0])


class Bound(Answer):
    """A time that the curve does not reach: it is longer than this."""

    at_least: float = Field(description="Seconds.", examples=[86400.0])


class Point(Answer):
    """The figures of one bucket and group, or of the whole window when bucket is null."""

    bucket: str | None = Field(description="Local start of the bucket.", examples=["2026-11-16T00:00:00+00:00"])
    bucket_start: str | None = Field(description="The same in UTC.", examples=["2026-11-16T00:00:00Z"])
    bucket_end: str | None = Field(examples=["2026-11-23T00:00:00Z"])
    group: dict[str, str] = Field(description="Empty: everything.", examples=[{"outcome": "completed"}])
    n: int = Field(description="Cases the figures are of.", examples=[120])
    in_flight_n: int = Field(examples=[37])
    unknown_actor_n: int | None = Field(description="null where it does not matter.", examples=[0])
    values: dict[str, int | float | str | None] = Field(
        description="By measure id. Money is a string; null: cannot be told.", examples=[{"touchless_rate": 0.75}]
    )
    bounds: dict[str, Bound] = Field(description="By measure id, for values that are only bounded.")
    cases_url: str = Field(description="The cases behind this point.", examples=[_CASES_URL])


class PreviousPeriod(Answer):
    """The period before: its totals are matched with the answer's own by group, where both have it."""

    window: Window
    as_of: str = Field(description="When as much of it had passed as now has.", examples=["2026-10-04T10:04:00Z"])
    n: int = Field(examples=[790])
    in_flight: InFlight
    unknown_actor_n: int | None = Field(examples=[0])
    totals: list[Point]
    cases_url: str = Field(examples=[_CASES_URL])


class KpiAnswer(Answer):
    """A KPI over a window."""

    kpi: str = Field(examples=["touchless-rate"])
    title: str = Field(examples=["Touchless rate"])
    definition: KpiDefinition
    flow: str = Field(examples=["order-to-cash"])
    window: Window
    cohort: str = Field(description="Which cases are counted.", examples=["cases that ended in the window"])
    unit: str = Field(examples=["ratio"])
    currencies: list[str] = Field(examples=[["EUR"]])
    n: int = Field(examples=[840])
    in_flight: InFlight
    unknown_actor_n: int | None = Field(examples=[0])
    measures: list[Measure]
    totals: list[Point] = Field(description="The whole window, per group.")
    points: list[Point] = Field(description="Per bucket and group.")
    cases_url: str = Field(examples=[_CASES_URL])
    as_of: str = Field(description="RFC 3339, UTC.", examples=["2026-11-22T10:04:00Z"])
    groupings: list[str] = Field(
        description="What group_by may be: dimension stands for the name of any.", examples=[["dimension", "outcome"]]
    )
    bands: list[Band]
    notes: list[str] = Field(
        description="What the flow does not declare and the KPI needs.",
        examples=[["The flow declares no sla, so its cases have no due time."]],
    )
    previous: PreviousPeriod | None = Field(description="With compare=previous.")


class KpiAnswers(Answer):
    """KPIs over one window."""

    flow: str = Field(examples=["order-to-cash"])
    window: Window
    kpis: list[KpiAnswer]
