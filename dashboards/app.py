"""The app factory. Pages are registered by an explicit list; all scripts and styles are served from here."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import dash
import flask
from dash import Input, Output, State

from dashboards import urls
from dashboards.api.client import Api
from dashboards.api.current import KEY
from dashboards.components.shell import shell
from dashboards.components.static_markup import static_markup
from dashboards.pages import business, cases, flow, flows, not_found_404, search, trail
from dashboards.serving import downloads
from dashboards.serving.caching import cache_control
from dashboards.serving.index_page import index_page
from dashboards.typed_dash import callback

PAGES: tuple[tuple[str, str, ModuleType], ...] = (
    ("search", "/", search),
    ("search_by_address", "/trail", search),
    ("trail", "/trail/<flow>/<case_id>", trail),
    ("business", "/business", business),
    ("cases", "/cases/<flow>", cases),
    ("flows", "/flows", flows),
    ("flow", "/flows/<name>", flow),
    ("not_found_404", "/not-found", not_found_404),
)


def create_app(api_url: str, key: str = "") -> dash.Dash:
    """The dashboards as a Dash app on its own Flask server. ``dashboards.serving.asgi`` makes it an ASGI app.

    ``api_url`` is the address of the query API without ``/api/v1``. ``key`` needs the scope read; '' sends none.

    Make one app per process: Dash gives the module-level callbacks of the pages to the first app that serves.

    >>> asgi_app = WsgiBridge(create_app("http://127.0.0.1:8080").server)  # doctest: +SKIP
    """
    app = dash.Dash(
        "dashboards",
        use_pages=True,
        pages_folder="",
        index_string=index_page(),
        serve_locally=True,
        include_pages_meta=False,
        suppress_callback_exceptions=True,
        title="Flowtrail",
        update_title=None,
        add_log_handler=False,
        routing_callback_inputs={"redrawn": Input("redraw", "data")},
    )
    app.server.extensions[KEY] = Api(api_url, key)
    for name, path, page in PAGES:
        template = {"path_template": path} if "<" in path else {"path": path}
        dash.register_page(name, title=getattr(page, "title", "Flowtrail"), layout=_drawn(page.layout), **template)
    app.layout = shell
    downloads.install(app.server)
    app.server.after_request(_Headers(app))
    return app


def _drawn(layout: Callable[..., Any]) -> Callable[..., Any]:
    return lambda **address: static_markup(layout(**address))


class _Headers:
    """Sets the response headers. They keep hostile telemetry harmless even if a page fails to escape it."""

    def __init__(self, app: dash.Dash) -> None:
        self._app = app
        self._policy = ""

    def __call__(self, response: flask.Response) -> flask.Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers["Cache-Control"] = cache_control(flask.request, response)
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", self._content_policy())
        return response

    def _content_policy(self) -> str:
        # Dash's inline scripts are allowed by their hashes. Inline styles must be allowed: plotly sets them everywhere.
        if not self._policy:
            scripts = " ".join(dict.fromkeys(self._app.csp_hashes()))
            self._policy = (
                f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
                "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                "frame-ancestors 'self'"
            )
        return self._policy


@callback(Output("redraw", "data"), Input("again", "n_intervals"), State("redraw", "data"), prevent_initial_call=True)
def redraw(ticks: int | None, drawn: int | None) -> Any:
    """Draws the page again from its address at each tick of the timer "again", if the page has one.

    Dash also calls this when the timer appears; ``ticks`` is 0 then.
    """
    return (drawn or 0) + 1 if ticks else dash.no_update


@callback(Output("search", "value"), Input("_pages_location", "search"), prevent_initial_call=False)
def searched(query: str | None) -> Any:
    """Fills the search box with ``q`` of the address. Pages without ``q`` leave it unchanged."""
    return urls.single(urls.parsed(query or "").get("q")) or dash.no_update
