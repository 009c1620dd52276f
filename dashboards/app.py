"""The app factory: pages by an explicit list, everything served from here, nothing from a CDN."""

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
from dashboards.serving.caching import kept
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
    """The dashboards as a Dash app on its own Flask server; ``dashboards.serving.asgi`` mounts it beside an ASGI app.

    ``api_url`` is the address of the query API without ``/api/v1``, ``key`` what it asks for, '' if nothing. The
    callbacks of the pages are registered once in a process (Dash hands them to the first app that serves), so a process
    has one such app.
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
    """Response headers that keep hostile telemetry harmless even if a page had a hole."""

    def __init__(self, app: dash.Dash) -> None:
        self._app = app
        self._policy = ""

    def __call__(self, response: flask.Response) -> flask.Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers["Cache-Control"] = kept(flask.request, response)
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", self._content_policy())
        return response

    def _content_policy(self) -> str:
        # Inline scripts are Dash's own and known by their hash. Styles stay inline: plotly sets them on every element.
        if not self._policy:
            scripts = " ".join(dict.fromkeys(self._app.csp_hashes()))
            self._policy = (
                f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
                "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
            )
        return self._policy


@callback(Output("redraw", "data"), Input("again", "n_intervals"), State("redraw", "data"), prevent_initial_call=True)
def redraw(ticks: int | None, drawn: int | None) -> Any:
    """A page that holds the timer "again" is drawn anew from its address at each tick.

    Dash also calls this when a page brings the timer in; that is no tick.
    """
    return (drawn or 0) + 1 if ticks else dash.no_update


@callback(Output("search", "value"), Input("_pages_location", "search"), prevent_initial_call=False)
def searched(query: str | None) -> Any:
    """The search box shows what the address asks for; other pages leave it as it is."""
    return urls.one(urls.parsed(query or "").get("q")) or dash.no_update
