"""The declared paths of a flow as an SVG text: types of identifiers from left to right, with arrows."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from dashboards.figures import theme

Edge = tuple[str, str]

_BOX_W, _BOX_H, _GAP_X, _GAP_Y, _EDGE = 150, 34, 44, 14, 2
_LONGEST = 20


def edges_of(paths: Sequence[str]) -> list[Edge]:
    """The single links of paths such as ``order > item > package``, each once, in order."""
    edges: dict[Edge, None] = {}
    for path in paths:
        types = [part.strip() for part in path.split(">")]
        edges |= dict.fromkeys(pairwise(types))
    return list(edges)


def paths(lead: str, edges: Sequence[Edge]) -> tuple[str, int]:
    """The drawing and its width in pixels. The lead is leftmost; each type stands right of those that lead to it."""
    places = _places(lead, edges)
    width = (1 + max(column for column, _ in places.values())) * (_BOX_W + _GAP_X) - _GAP_X + 2 * _EDGE
    height = (1 + max(row for _, row in places.values())) * (_BOX_H + _GAP_Y) - _GAP_Y + 2 * _EDGE
    shapes = [_arrow(places[source], places[target]) for source, target in edges]
    shapes += [_box(name, place, first=name == lead) for name, place in places.items()]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    look = f'font-family="{escape(theme.FONT)}" font-size="13"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {look}>{"".join(shapes)}</svg>', width


def _places(lead: str, edges: Sequence[Edge]) -> dict[str, tuple[int, int]]:
    """Column and row of each type: the column is the longest way from the lead, the row the first free one."""
    columns = {lead: 0} | {name: 0 for edge in edges for name in edge}
    # As often as there are types is enough for the longest way; the limit also ends the loop if paths form a circle.
    for _ in range(len(columns)):
        for source, target in edges:
            columns[target] = min(max(columns[target], columns[source] + 1), len(columns))
    places: dict[str, tuple[int, int]] = {}
    rows = 0

    def place(name: str, row: int) -> None:
        nonlocal rows
        places[name] = (columns[name], row)
        rows = max(rows, row + 1)
        for target in [target for source, target in edges if source == name and target not in places]:
            taken = {at for column, at in places.values() if column >= columns[target]}
            place(target, row if row not in taken else max(taken) + 1)

    for name in columns:
        if name not in places:
            place(name, rows)
    return places


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return _EDGE + place[0] * (_BOX_W + _GAP_X), _EDGE + place[1] * (_BOX_H + _GAP_Y)


def _box(name: str, place: tuple[int, int], *, first: bool) -> str:
    x, y = _corner(place)
    short = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    fill, ink = (theme.ACCENT, theme.PAPER) if first else (theme.PAPER, theme.INK)
    return (
        f'<rect x="{x}" y="{y}" width="{_BOX_W}" height="{_BOX_H}" rx="7" fill="{fill}" '
        f'stroke="{theme.ACCENT if first else theme.STRONG_LINE}"/>'
        f'<text x="{x + _BOX_W / 2}" y="{y + _BOX_H / 2 + 4.5}" text-anchor="middle" fill="{ink}">'
        f"{escape(short.replace('_', ' '))}</text>"
    )


def _arrow(source: tuple[int, int], target: tuple[int, int]) -> str:
    """From the right side of one box through the gap to the left side of the other."""
    x, y = _corner(source)
    to_x, to_y = _corner(target)
    from_x, from_y, end_y = x + _BOX_W, y + _BOX_H / 2, to_y + _BOX_H / 2
    turn = to_x - _GAP_X / 2
    return (
        f'<path d="M{from_x} {from_y}H{turn}V{end_y}H{to_x - 5}" fill="none" stroke="{theme.MUTED}" '
        'stroke-width="1.3"/>'
        f'<path d="M{to_x - 1} {end_y}l-7 -4v8z" fill="{theme.MUTED}"/>'
    )
