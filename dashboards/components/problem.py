"""An error on a page: what is wrong, what to do, and whether the page retries."""

from typing import Any

from dash import dcc, html

from dashboards.api.errors import ApiUnavailable, DashboardError

RETRY_S = 5


def problem(error: DashboardError, *, timer: bool = True) -> Any:
    """A panel with title, detail and hint. If a retry may help, a timer draws the page again.

    Pass ``timer=False`` for a part of a page, which then has to retry by itself.
    """
    retry = isinstance(error, ApiUnavailable)
    status = f"HTTP {error.status}" if error.status else "no answer"
    return html.Section(
        [
            html.P("Temporarily unavailable" if retry else "Could not be loaded", className="problem-kind"),
            html.H1(error.title) if timer else html.H3(error.title),
            html.P(error.detail) if error.detail else None,
            html.P([html.Strong("What to do: "), error.hint]) if error.hint else None,
            html.P(f"{status}. Retrying every {RETRY_S} seconds." if retry else status, className="note"),
            dcc.Interval(id="again", interval=RETRY_S * 1000) if retry and timer else None,
        ],
        className="problem card",
        role="alert",
    )
