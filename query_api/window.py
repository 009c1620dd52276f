"""The query parameters that select a window. KPIs, measures and lists of cases share them."""

from typing import Annotated

from fastapi import Depends, Query

from cases.kpis import INTERVALS

Params = dict[str, str | None]
"""Query parameters as sent. The domain parses them, so that every caller gets the same errors."""


def window_params(  # noqa: PLR0913, PLR0917 - one argument per query parameter is how FastAPI documents them
    since: Annotated[
        str | None,
        Query(
            alias="from",
            description="Start of the window, included. A date (midnight in tz) or RFC 3339. "
            "Default: six whole weeks before the week of to.",
            examples=["2026-10-05"],
        ),
    ] = None,
    to: Annotated[
        str | None,
        Query(
            description="End of the window, not included. A date (midnight in tz) or RFC 3339. "
            "Default: the end of the current week.",
            examples=["2026-11-23T00:00:00Z"],
        ),
    ] = None,
    tz: Annotated[
        str | None,
        Query(
            description="IANA time zone in which days and weeks begin. Default: as the flow declares, else UTC.",
            examples=["Europe/Berlin"],
        ),
    ] = None,
    week: Annotated[
        str | None,
        Query(
            description="Day on which weeks begin: iso (Monday), or monday to sunday. "
            "Default: as the flow declares, else iso.",
            examples=["sunday"],
        ),
    ] = None,
    interval: Annotated[
        str | None,
        Query(description=f"Length of a bucket: {', '.join(INTERVALS)}. Default: week.", examples=["week"]),
    ] = None,
    group_by: Annotated[
        str | None,
        Query(
            description="Name of a dimension. KPIs also accept what they list in groupings, such as outcome or step.",
            examples=["channel"],
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        Query(
            description="RFC 3339. Cases count as in flight or ended as they were at this instant. Default: now. "
            "Links to cases carry it, so that a list has exactly as many cases as its figure.",
            examples=["2026-11-22T10:04:00Z"],
        ),
    ] = None,
) -> Params:
    """The parameters from, to, tz, week, interval, group_by and as_of; None where one was not sent."""
    params = {"from": since, "to": to, "tz": tz, "week": week, "interval": interval}
    return {**params, "group_by": group_by, "as_of": as_of}


WindowParams = Annotated[Params, Depends(window_params)]
