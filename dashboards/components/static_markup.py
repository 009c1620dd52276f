"""What nobody's callback touches becomes one component, however many elements it has.

Dash's renderer keeps a place in its store for every component and asks each of them at every change of anything, so a
page of two thousand cells blocks the browser for seconds. ``assets/still.js`` draws such a part in one go.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.components.chart import Chart

Tree = list[Any] | str | int | float
"""``[tag, attributes, *children]`` or a text; the tag "Link" is a link within the pages, "Chart" a chart."""


class StaticMarkup(Component):  # type: ignore[misc] # Dash has no types
    """Elements without callbacks; ``tree`` holds them in order."""

    _namespace = "flowtrail"
    _type = "StaticMarkup"
    _children_props: Sequence[str] = []
    _base_nodes: Sequence[str] = ["children"]
    _valid_wildcard_attributes: Sequence[str] = []

    def __init__(self, tree: Sequence[Tree]) -> None:
        self._prop_names = ["tree"]
        self.available_properties = ["tree"]
        self.available_wildcard_properties: list[str] = []
        super().__init__(tree=list(tree))


def static_markup(page: Any) -> Any:
    """The same page, in which neighbours that hold no live component are one ``StaticMarkup``.

    Live are the components of ``dcc`` but links, and elements whose id is a pattern: callbacks know them. Ids that are
    texts are anchors and names for labels.
    """
    return StaticMarkup([_tree(page)]) if not _live(page) else _with_static_children(page)


def _with_static_children(component: Any) -> Any:
    children = _children(component)
    if _is_element(component) and children:
        component.children = list(_gathered(children))
    return component


def _gathered(children: Sequence[Any]) -> Iterator[Any]:
    for live, run in groupby(children, _live):
        if live:
            yield from map(_with_static_children, run)
        else:
            yield StaticMarkup([_tree(one) for one in run])


def _live(component: Any) -> bool:
    if not isinstance(component, Component):
        return False
    known = isinstance(getattr(component, "id", None), dict)
    drawn = _is_element(component) or isinstance(component, dcc.Link | Chart)
    return known or not drawn or any(map(_live, _children(component)))


def _is_element(component: Any) -> bool:
    return type(component).__module__.startswith(html.__name__)


def _children(component: Any) -> list[Any]:
    """Without those that are nothing."""
    children = getattr(component, "children", None)
    listed = children if isinstance(children, list | tuple) else [children]
    return [child for child in listed if child is not None]


def _tree(component: Any) -> Tree:
    if not isinstance(component, Component):
        return component if isinstance(component, int | float) else str(component)
    described = component.to_plotly_json()
    attributes = {name: value for name, value in described["props"].items() if name != "children" and value is not None}
    tag = described["type"].lower() if _is_element(component) else described["type"]
    return [tag, attributes, *map(_tree, _children(component))]
