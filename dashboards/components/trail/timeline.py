"""The timeline of a trail: lane names, figure, legend, and switches for scale, plain spans and part."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.components.chart import Chart
from dashboards.figures.scene import Scene, even_spacing_reads_better
from dashboards.figures.sequence import LANE_PX, STRIP_PX, TOP_PX, cost_title, sequence, width
from dashboards.figures.timescale import timescale
from dashboards.wording import formats

SCALES = {"sequence": "Sequence", "time": "Time"}
LEGEND = {
    "ok": "Done",
    "person": "By a person",
    "business": "Business error",
    "infrastructure": "Infrastructure error",
    "unclassified": "Unclassified error",
    "started": "In progress",
}


def timeline(scene: Scene, view: Mapping[str, str], plain_spans: int) -> Any:
    """``view`` has scale ("sequence", "time", or empty for what suits the trail), plain ("1" or empty) and part.

    ``plain_spans`` is the number of plain spans that the switch shows or hides.
    """
    scale = view["scale"] if view["scale"] in SCALES else _suitable(scene)
    switches = [_scales(scene, view, scale), _plain_spans(scene, view, plain_spans), _parts(scene, view)]
    return html.Section(
        [
            html.Header([html.H2("Timeline"), html.Div(switches, className="switches")]),
            _legend(shared=scale == "sequence"),
            _drawing(scene, scale) if scene.events else html.P("No steps to draw.", className="note"),
        ],
        className="timeline card",
    )


def _suitable(scene: Scene) -> str:
    return "sequence" if even_spacing_reads_better(scene) else "time"


def _switch(scene: Scene, name: str, view: Mapping[str, str], *, on: bool) -> Any:
    """A link to the same trail with another view."""
    address = urls.trail(scene.case["flow"], scene.case["case_id"], **view)
    return dcc.Link(name, href=address, className="chip chip-on" if on else "chip")


def _scales(scene: Scene, view: Mapping[str, str], scale: str) -> Any:
    chips = [_switch(scene, name, {**view, "scale": key}, on=key == scale) for key, name in SCALES.items()]
    return html.Nav(chips, className="chips", **{"aria-label": "Scale of the timeline"})


def _plain_spans(scene: Scene, view: Mapping[str, str], spans: int) -> Any:
    on = view["plain"] == "1"
    name = f"{'Hide' if on else 'Show'} {formats.plural(spans, 'plain span')}"
    # With or without plain spans the events are numbered differently, so the part returns to its default.
    return _switch(scene, name, {**view, "plain": "" if on else "1", "part": "", "after": ""}, on=on) if spans else None


def _parts(scene: Scene, view: Mapping[str, str]) -> Any:
    if scene.parts == 1:
        return None
    chips = [
        _switch(scene, str(part), {**view, "part": str(part), "after": ""}, on=part == scene.part)
        for part in range(1, scene.parts + 1)
    ]
    return html.Nav([html.Span("Part", className="chip"), *chips], className="chips", **{"aria-label": "Part"})


def _legend(*, shared: bool) -> Any:
    """``shared`` adds the mark for shared events, which only the sequence scale has room for."""
    entries = [
        html.Li([html.Span(className=f"mark mark-{key}", **{"aria-hidden": "true"}), name])
        for key, name in LEGEND.items()
    ]
    if shared:
        entries.append(html.Li([html.Span("2 cases", className="shared-mark"), "Shared with another case"]))
    return html.Ul(entries, className="legend")


def _drawing(scene: Scene, scale: str) -> Any:
    even = scale == "sequence"
    figure = sequence(scene) if even else timescale(scene)
    least = f"{width(scene)}px" if even else "480px"
    return html.Div(
        [
            _lanes(scene.lanes, ("Wait", cost_title(scene)) if even else ()),
            html.Div(
                Chart(figure, "timeline", {"minWidth": least}),
                className="scroll",
                tabIndex=0,
                role="group",
                **{"aria-label": "Timeline. The list of events has the same content"},
            ),
        ],
        className="drawing",
    )


def _lanes(lanes: Sequence[str], strips: Sequence[str]) -> Any:
    """The names of the lanes, beside the scrolling figure and at the heights of its lanes."""
    lane, strip = {"height": f"{LANE_PX}px"}, {"height": f"{STRIP_PX}px"}
    return html.Div(
        [html.Div(html.Span(name, title=name), style=lane, className="lane") for name in lanes]
        + [html.Div(html.Span(name), style=strip, className="lane lane-strip") for name in strips],
        className="lanes",
        style={"paddingTop": f"{TOP_PX}px"},
    )
