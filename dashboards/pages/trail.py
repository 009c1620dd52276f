"""The page of one case: where it is, its trail, and the cases it shares events with."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any
from urllib.parse import unquote

from dash import dcc, html

from dashboards import urls
from dashboards.api.current import api
from dashboards.api.errors import DashboardError
from dashboards.components.exports import exports
from dashboards.components.problem import problem
from dashboards.components.token import named, short
from dashboards.components.trail.attention import Places, attention
from dashboards.components.trail.banner import banner
from dashboards.components.trail.entries import span_of
from dashboards.components.trail.events import events_table
from dashboards.components.trail.expected import expected
from dashboards.components.trail.identifiers import identifiers, shared_with
from dashboards.components.trail.logs import FILTERS
from dashboards.components.trail.step_progress import progress
from dashboards.components.trail.timeline import timeline
from dashboards.components.trail.totals import totals
from dashboards.figures.scene import PART, Scene, numbered, scene
from dashboards.wording import formats
from dashboards.zones import reader_zone

REFRESH_S = 10
VIEW = ("scale", "plain", "part", "logs", "after")
"""Parameters of the address that select the view of a trail."""


def title(flow: str = "", case_id: str = "") -> str:
    """The title of the browser tab."""
    return f"{short(unquote(case_id))} · Flowtrail" if flow else "Flowtrail"


def layout(flow: str = "", case_id: str = "", **query: Any) -> Any:
    """``/trail/<flow>/<case_id>?scale=sequence|time&plain=1&part=2&logs=warnings|none&after=<cursor>``."""
    return show(unquote(flow), unquote(case_id), query)


def show(flow: str, case_id: str, query: Mapping[str, Any]) -> Any:
    """The trail of a case, or a panel with the error. The search page uses it for a single match."""
    view, zone = {name: urls.single(query.get(name)) for name in VIEW}, reader_zone()
    view["logs"] = view["logs"] if view["logs"] in FILTERS else ""
    client = api()
    try:
        trail = client.trail(flow, case_id, "none" if view["after"] else view["logs"])
        steps = client.flow(flow, findings=False).get("steps") or []
        shown = _scene(trail, zone, view)
        if shown.parts > 1 or view["after"]:
            # Log records of this part only: the trail itself brings those of the beginning.
            range_of = {"logs": view["logs"], "cursor": view["after"], **span_of(shown)}
            params = {name: value for name, value in range_of.items() if value}
            trail = {**trail, "logs": client.logs(flow, case_id, params)}
    except DashboardError as error:
        return problem(error)
    return page(trail, shown, view, steps)


def _scene(trail: Mapping[str, Any], zone: tzinfo, view: Mapping[str, str]) -> Scene:
    part = int(view["part"]) if view["part"].isdecimal() else 0
    return scene(trail, zone, plain=view["plain"] == "1", part=part)


def page(
    trail: Mapping[str, Any], shown: Scene, view: Mapping[str, str], steps: Sequence[Mapping[str, Any]] = ()
) -> Any:
    """The page as a function of the API's answer, the shown part of it and the view.

    ``steps`` are the declared steps of the flow.
    """
    case, plain, zone = trail["case"], view["plain"] == "1", shown.zone
    plain_spans = sum(1 for event in trail["events"] if event.get("plain"))
    listed = numbered(trail, plain=plain)
    places = Places({event["id"]: _address(shown, view, number) for number, event in listed})
    return html.Div(
        [
            _heading(case),
            html.Div([banner(case, zone), identifiers(case)], className="top"),
            attention(case, places, zone),
            totals(case, zone),
            expected(progress(steps, [event for _, event in listed], in_flight=bool(case["in_flight"])), places),
            timeline(shown, view, plain_spans),
            events_table(shown, trail["logs"], view),
            _cut(trail, plain=plain),
            shared_with(case),
            html.P(f"As of {formats.moment(trail['as_of'], zone)}.", className="note"),
            # A case in flight is read again by itself; an ended one changes only if a late event arrives.
            dcc.Interval(id="again", interval=REFRESH_S * 1000) if case["in_flight"] else None,
        ],
        className="page trail",
    )


def _address(shown: Scene, view: Mapping[str, str], number: int) -> str:
    """The address of an event in the list: on this page, or in another part."""
    part = (number - 1) // PART + 1
    if part == shown.part:
        return f"#event-{number}"
    case = shown.case
    return urls.trail(case["flow"], case["case_id"], **{**view, "part": str(part), "after": ""}) + f"#event-{number}"


def _cut(trail: Mapping[str, Any], *, plain: bool) -> Any:
    """A note if the API did not list everything."""
    if trail.get("truncated"):
        return html.P("This case has more steps than are listed here; the totals count all of them.", className="note")
    if plain and trail.get("plain_truncated"):
        return html.P("The traces of this case have more plain spans than are listed here.", className="note")
    return None


def _heading(case: Mapping[str, Any]) -> Any:
    dims = [html.Li([html.Span(f"{name.replace('_', ' ')} "), value]) for name, value in case["dims"].items()]
    version = f", version {case['version']}" if case.get("version") else ""
    return html.Header(
        [
            html.H1(named(case["case_id"]), className="case-id"),
            html.P(f"{case['flow']}{version}", className="note"),
            html.Ul(dims, className="dims", **{"aria-label": "Dimensions"}),
            exports(case["flow"], {"case": case["case_id"]}),
        ],
        className="page-head",
    )
