"""A small line without axes: the trend of a figure. An SVG text, because many plotly figures would be slow."""

from collections.abc import Sequence

from dashboards.figures import theme

WIDTH, HEIGHT = 132, 36
_EDGE = 4.0


def sparkline(values: Sequence[float | None], colour: str = theme.ACCENT, *, unfinished: bool = False) -> str:
    """The values from left to right, scaled from the smallest to the largest; None is a gap.

    ``unfinished`` draws the last mark hollow, because its bucket is not over. Empty for fewer than two values.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = (WIDTH - 2 * _EDGE) / max(1, len(values) - 1)
    places = [
        None if value is None else (_EDGE + step * place, HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (value - low) / span)
        for place, value in enumerate(values)
    ]
    lines = "".join(
        f'<polyline points="{_points(run)}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linejoin="round"/>'
        for run in _runs(places)
    )
    x, y = [place for place in places if place][-1]
    fill = theme.PAPER if unfinished and places[-1] else colour
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{fill}" stroke="{colour}" stroke-width="1.4"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{lines}{dot}</svg>'
    )


def _runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The places, split at gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _points(run: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
