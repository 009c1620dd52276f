"""The trail with even spacing: one lane per system, one column per event, waits and costs below.

Even spacing suits trails whose durations differ by orders of magnitude. On a true time axis, a wait over a weekend
would squeeze the seconds before it into one point; here it is a text between two columns.
"""

import plotly.graph_objects as go

from dashboards.figures import theme
from dashboards.figures.canvas import Canvas, Note
from dashboards.figures.marks import LOOKS, hover, label
from dashboards.figures.scene import Scene
from dashboards.wording import formats

LANE_PX = 66
STRIP_PX = 40
TOP_PX = 30
LEFT_PX = 46
COLUMN_PX = 46
BOTTOM_PX = 126
FLAT_BOTTOM_PX = 44
FLAT_COLUMNS = 8
"""Up to this number of columns there is room for horizontal step names."""

LONG_WAIT = 0.2
"""A wait of at least this share of the case's duration is written in bold."""

_STRIP = STRIP_PX / LANE_PX
_BAR = 0.14


def sequence(scene: Scene) -> go.Figure:
    """The figure of one trail. The ``customdata`` of a mark is the number of its event."""
    columns = len(scene.events) + (1 if scene.ends_now else 0)
    bottom = FLAT_BOTTOM_PX if columns <= FLAT_COLUMNS else BOTTOM_PX
    canvas = Canvas(
        theme.figure(
            height=len(scene.lanes) * LANE_PX + 2 * STRIP_PX + TOP_PX + bottom,
            margin={"l": LEFT_PX, "r": 12, "t": TOP_PX, "b": bottom, "autoexpand": False},
        )
    )
    _bands(canvas, scene, columns)
    _days(canvas, scene)
    _path(canvas, scene)
    _open_bars(canvas, scene)
    canvas.rings([(column, scene.row(event)) for column, event in scene.people()], size=35)
    for key in LOOKS:
        _marks(canvas, scene, key)
    _notes(canvas, scene)
    _waits(canvas, scene)
    _costs(canvas, scene)
    _axes(canvas, scene, columns)
    return canvas.done()


def width(scene: Scene) -> int:
    """The minimum width in pixels at which columns do not overlap."""
    return max(480, (len(scene.events) + 1) * COLUMN_PX)


def cost_title(scene: Scene) -> str:
    """The name of the cost strip, with the currency if there is only one."""
    currencies = sorted({event["cost"]["currency"] for _, event in scene.events if event.get("cost")})
    return f"Cost, {currencies[0]}" if len(currencies) == 1 else "Cost"


def _floor(scene: Scene) -> float:
    """The lower edge of the lowest lane."""
    return 0.5 - len(scene.lanes)


def _strip(scene: Scene, place: int) -> float:
    """The middle of a strip below the lanes. Strip 0 has the waits, strip 1 the costs."""
    return _floor(scene) - _STRIP * (place + 0.5)


def _bands(canvas: Canvas, scene: Scene, columns: int) -> None:
    across = (-0.6, columns - 0.4)
    for lane in range(0, len(scene.lanes), 2):
        canvas.rect(across, (-lane - 0.5, -lane + 0.5), theme.TINT)
    for edge in (_floor(scene), _floor(scene) - _STRIP):
        canvas.line(across, (edge, edge), {"color": theme.STRONG_LINE, "width": 1})


def _days(canvas: Canvas, scene: Scene) -> None:
    """The date above the first column of each day, and a dotted line where the day changes."""
    last, named = None, -10
    for column, _, event in scene.placed():
        local = scene.local(event["start"])
        if local.date() == last:
            continue
        if last:
            down = (_floor(scene), 0.5)
            canvas.line((column - 0.5,) * 2, down, {"color": theme.STRONG_LINE, "width": 1, "dash": "dot"})
        # A date is as wide as two columns: if the day changes again within them, only the first date has room.
        if column - named >= 2:
            canvas.heading(column - 0.5, formats.day(local), "left")
            named = column
        last = local.date()


def _path(canvas: Canvas, scene: Scene) -> None:
    """The line from step to step. It runs along the lane first, so that it does not cross the texts around marks."""
    steps = [(column, scene.row(event)) for column, _, event in scene.placed() if not event.get("plain")]
    canvas.figure.add_scatter(
        x=[column for column, _ in steps],
        y=[row for _, row in steps],
        mode="lines",
        line={"color": theme.STRONG_LINE, "width": 1.5, "shape": "hv"},
        hoverinfo="skip",
        showlegend=False,
        name="path",
    )


def _open_bars(canvas: Canvas, scene: Scene) -> None:
    """Bars from steps in progress to the column "now". If no step is, one bar in the lane where the case waits."""
    if not scene.ends_now or not scene.events:
        return
    end = len(scene.events)
    started = scene.of_kind("started")
    for column, _, event in started:
        row = scene.row(event)
        _open_bar(canvas, (column, end), row)
        so_far = formats.duration(scene.seconds_till_now(event["start"]))
        canvas.notes("open", [((column + end) / 2, row + 0.28, f"<b>{so_far}</b>")])
    system = (scene.case.get("now") or {}).get("system")
    if not started and system in scene.lanes:
        _open_bar(canvas, (end - 1, end), scene.row({"system": system}))
    canvas.heading(end, "<b>now</b>", "center")
    canvas.line((end, end), (_floor(scene), 0.5), {"color": theme.INK, "width": 1.5})


def _open_bar(canvas: Canvas, x: tuple[int, int], row: int) -> None:
    border = {"color": theme.SERVICE, "width": 1, "dash": "dot"}
    canvas.rect(x, (row - _BAR, row + _BAR), theme.faded(theme.SERVICE, 0.16), border)


def _marks(canvas: Canvas, scene: Scene, key: str) -> None:
    own, look, hollow = scene.of_kind(key), LOOKS[key], key == "started"
    if not own:
        return
    canvas.figure.add_scatter(
        x=[column for column, _, _ in own],
        y=[scene.row(event) for _, _, event in own],
        mode="markers" if key == "plain" else "markers+text",
        marker={
            "symbol": "circle" if hollow else look.symbol,
            "size": look.size,
            "color": theme.PAPER if hollow else look.colour,
            "line": {"color": look.colour, "width": 2},
        },
        text=[str(number) for _, number, _ in own],
        textfont={"size": 11, "color": look.colour if hollow else theme.PAPER},
        hovertext=[hover(event, number, scene.zone) for _, number, event in own],
        hoverinfo="text",
        customdata=[number for _, number, _ in own],
        showlegend=False,
        name=look.name,
    )


def _notes(canvas: Canvas, scene: Scene) -> None:
    """Retries above a mark, the number of cases that share it below."""
    retries: list[Note] = []
    shared: list[Note] = []
    for column, _, event in scene.placed():
        if (event.get("attempt") or 1) > 1:
            retries.append((column, scene.row(event) + 0.37, f"retry {event['attempt'] - 1}"))
        if (event.get("shared") or {}).get("count", 1) > 1:
            shared.append((column, scene.row(event) - 0.37, f"{event['shared']['count']} cases"))
    canvas.notes("retries", retries)
    canvas.notes("shared", shared, theme.SHARED)


def _waits(canvas: Canvas, scene: Scene) -> None:
    """The wait between two steps, written between their columns."""
    y, long = _strip(scene, 0), LONG_WAIT * float(scene.case.get("duration_s") or 0)
    notes: list[Note] = [
        (column - 0.5, y, _wait(event["wait_s"], bold=event["wait_s"] >= long))
        for column, _, event in scene.placed()
        if column and event.get("wait_s")
    ]
    now = scene.case.get("now") or {}
    if scene.ends_now and now.get("state") == "waiting" and now.get("since"):
        notes.append((len(scene.events) - 0.5, y, _wait(scene.seconds_till_now(now["since"]), bold=True)))
    canvas.notes("waits", notes)


def _wait(seconds: float, *, bold: bool) -> str:
    text = formats.short_duration(seconds)
    return f"<b>{text}</b>" if bold else text


def _costs(canvas: Canvas, scene: Scene) -> None:
    paid = [(column, event["cost"]) for column, _, event in scene.placed() if event.get("cost")]
    single = len({cost["currency"] for _, cost in paid}) == 1
    words = [formats.decimal(cost["amount"]) if single else theme.text(formats.money(cost), 40) for _, cost in paid]
    y = _strip(scene, 1)
    canvas.notes("costs", [(column, y, text) for (column, _), text in zip(paid, words, strict=True)])


def _axes(canvas: Canvas, scene: Scene, columns: int) -> None:
    canvas.figure.update_xaxes(
        range=[-0.6, columns - 0.4],
        tickvals=list(range(len(scene.events))),
        ticktext=[theme.text(label(event), 22) for _, event in scene.events],
        tickangle=0 if columns <= FLAT_COLUMNS else -48,
        fixedrange=True,
        automargin=False,
        tickfont={"size": 11, "color": theme.INK},
    )
    bottom = _floor(scene) - 2 * _STRIP
    canvas.figure.update_yaxes(range=[bottom, 0.5], visible=False, fixedrange=True, automargin=False)
