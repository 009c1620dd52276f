"""Errors as a reader needs them: what is wrong, the detail, what to do, and that it will be tried again."""

from typing import Any

from dash import dcc, html

from dashboards.api.errors import ApiUnavailable, DashboardError

RETRY_S = 5


def problem(error: DashboardError, *, timer: bool = True) -> Any:
    """A panel with title, detail and hint; with a timer that draws the page again where waiting may help.

    ``timer`` off: the panel is a part of a page, which sees to that itself.
    """
    retry = isinstance(error, ApiUnavailable)
    status = f"HTTP {error.status}" if error.status else "no answer"
    return html.Section(
        [
            html.P("Not available just now" if retry else "This could not be shown", className="problem-kind"),
            html.H1(error.title) if timer else html.H3(error.title),
            html.P(error.detail) if error.detail else None,
            html.P([html.Strong("What to do: "), error.hint]) if error.hint else None,
            html.P(f"{status}. Trying again every {RETRY_S} seconds." if retry else status, className="note"),
            dcc.Interval(id="again", interval=RETRY_S * 1000) if retry and timer else None,
        ],
        className="problem card",
        role="alert",
    )
