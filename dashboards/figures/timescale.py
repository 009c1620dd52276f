"""The trail on a true time axis: the length of a bar is the duration of a step, a gap is a wait."""

from datetime import datetime, timedelta

import plotly.graph_objects as go

from dashboards.figures import theme
from dashboards.figures.canvas import Canvas
from dashboards.figures.marks import LOOKS, Event, hover, kind
from dashboards.figures.scene import Scene
from dashboards.figures.sequence import LANE_PX, LEFT_PX, TOP_PX

BOTTOM_PX = 44

_BAR = 0.13
_LEAST = timedelta(milliseconds=1)
_TICKS = [
    {"dtickrange": [None, 1_000], "value": "%H:%M:%S.%L<br>%d %b %Y"},
    {"dtickrange": [1_000, 60_000], "value": "%H:%M:%S<br>%d %b %Y"},
    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M<br>%d %b %Y"},
    {"dtickrange": [86_400_000, "M1"], "value": "%a %d %b<br>%Y"},
    {"dtickrange": ["M1", None], "value": "%b %Y"},
]
"""Formats of ticks by their distance in milliseconds."""


def timescale(scene: Scene) -> go.Figure:
    """The figure of one trail. Drag to zoom, double-click to zoom out. A mark's ``customdata`` is its number."""
    canvas = Canvas(
        theme.figure(
            height=len(scene.lanes) * LANE_PX + TOP_PX + BOTTOM_PX,
            dragmode="zoom",
            margin={"l": LEFT_PX, "r": 12, "t": TOP_PX, "b": BOTTOM_PX, "autoexpand": False},
        )
    )
    first, last = _span(scene)
    margin = (last - first) * 0.03
    _bands(canvas, scene, (first - margin, last + margin))
    for _, event in scene.events:
        _bar(canvas, scene, event, last)
    canvas.rings([(scene.local(event["start"]), scene.row(event)) for _, event in scene.people()], size=22)
    for key in LOOKS:
        _marks(canvas, scene, key)
    if scene.ends_now:
        canvas.line((last, last), (0.5 - len(scene.lanes), 0.5), {"color": theme.INK, "width": 1.5})
        canvas.heading(last, "<b>now</b>", "center")
    _axes(canvas, scene, (first - margin, last + margin))
    return canvas.done()


def _span(scene: Scene) -> tuple[datetime, datetime]:
    """From the first start to the last end, or to now. At least a millisecond, because an axis needs a length."""
    times = [scene.local(event["start"]) for _, event in scene.events]
    times += [scene.local(event["end"]) for _, event in scene.events if event.get("end")]
    if scene.ends_now:
        times.append(scene.local(scene.case["as_of"]))
    return min(times), max([*times, min(times) + _LEAST])


def _bands(canvas: Canvas, scene: Scene, across: tuple[datetime, datetime]) -> None:
    # Wider than the axis, so that the bands still fill it when somebody zooms out.
    wide = across[1] - across[0]
    for lane in range(0, len(scene.lanes), 2):
        canvas.rect((across[0] - wide, across[1] + wide), (-lane - 0.5, -lane + 0.5), theme.TINT)


def _bar(canvas: Canvas, scene: Scene, event: Event, now: datetime) -> None:
    started = event["state"] == "started"
    colour, row = LOOKS[kind(event)].colour, scene.row(event)
    end = now if started or not event.get("end") else scene.local(event["end"])
    canvas.rect(
        (scene.local(event["start"]), end),
        (row - _BAR, row + _BAR),
        theme.faded(colour, 0.16 if started else 0.4),
        {"color": colour, "width": 1, "dash": "dot" if started else "solid"},
    )


def _marks(canvas: Canvas, scene: Scene, key: str) -> None:
    own, look, hollow = scene.of_kind(key), LOOKS[key], key == "started"
    if not own:
        return
    canvas.figure.add_scatter(
        x=[scene.local(event["start"]) for _, _, event in own],
        y=[scene.row(event) for _, _, event in own],
        mode="markers",
        marker={
            "symbol": "circle" if hollow else look.symbol,
            "size": min(14, look.size),
            "color": theme.PAPER if hollow else look.colour,
            "line": {"color": look.colour if hollow else theme.PAPER, "width": 1.5},
        },
        hovertext=[hover(event, number, scene.zone) for _, number, event in own],
        hoverinfo="text",
        customdata=[number for _, number, _ in own],
        showlegend=False,
        name=look.name,
    )


def _axes(canvas: Canvas, scene: Scene, across: tuple[datetime, datetime]) -> None:
    canvas.figure.update_xaxes(
        range=list(across), showgrid=True, gridcolor=theme.LINE, automargin=False, tickformatstops=_TICKS
    )
    canvas.figure.update_yaxes(range=[0.5 - len(scene.lanes), 0.5], visible=False, fixedrange=True, automargin=False)
