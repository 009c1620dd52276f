"""The params that select a window, shared by the KPIs and by the lists of cases behind them."""

from typing import Annotated

from fastapi import Depends, Query

from cases.kpis import INTERVALS

Params = dict[str, str | None]
"""Query parameters as they came; the domain reads them and says what is wrong with them."""


def window_params(  # noqa: PLR0913, PLR0917 - one argument per query parameter is how FastAPI documents them
    since: Annotated[
        str | None,
        Query(
            alias="from",
            description="Start of the window, included: a date (midnight in tz) or RFC 3339. "
            "Default: six whole ISO weeks before the week of to.",
            examples=["2026-10-05"],
        ),
    ] = None,
    to: Annotated[
        str | None,
        Query(
            description="End of the window, excluded: a date or RFC 3339. Default: the end of the current ISO week.",
            examples=["2026-11-23T00:00:00Z"],
        ),
    ] = None,
    tz: Annotated[
        str | None,
        Query(
            description="IANA time zone in which days and weeks begin. Default: the flow's own, else UTC.",
            examples=["Europe/Berlin"],
        ),
    ] = None,
    week: Annotated[
        str | None,
        Query(
            description="Day on which weeks begin: iso (Monday), monday … sunday. Default: the flow's own, else iso.",
            examples=["sunday"],
        ),
    ] = None,
    interval: Annotated[
        str | None,
        Query(description=f"Length of a bucket: {', '.join(INTERVALS)}. Default week.", examples=["week"]),
    ] = None,
    group_by: Annotated[
        str | None,
        Query(
            description="A dimension's name; for KPIs also what their groupings name: outcome, step, system, class …",
            examples=["channel"],
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        Query(
            description="RFC 3339: count cases as open or ended as they were then. Default: now. "
            "Links to cases carry it, so that a list has as many cases as the figure said.",
            examples=["2026-11-22T10:04:00Z"],
        ),
    ] = None,
) -> Params:
    """The parameters from, to, tz, week, interval, group_by and as_of."""
    params = {"from": since, "to": to, "tz": tz, "week": week, "interval": interval}
    return {**params, "group_by": group_by, "as_of": as_of}


WindowParams = Annotated[Params, Depends(window_params)]
