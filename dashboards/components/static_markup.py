"""Gathers the parts of a page that no callback uses into one component, however many elements they have.

Dash's renderer keeps every component in a store and visits all of them at every change, so a page of two thousand
table cells blocks the browser for seconds. ``assets/static_markup.js`` draws such a part as plain elements.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.components.chart import Chart

Tree = list[Any] | str | int | float
"""``[tag, attributes, *children]``, or a text. The tag "Link" is a link between pages, "Chart" a chart."""


class StaticMarkup(Component):  # type: ignore[misc] # Dash has no types
    """Elements without callbacks, in order."""

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
    """The same page, with each run of neighbours without live components replaced by one ``StaticMarkup``.

    Live components are those of ``dcc`` except links, and elements whose id is a pattern: callbacks use them. An id
    that is a text is only an anchor or the target of a label.

    >>> static_markup(html.P("text")).tree
    [['p', {}, 'text']]
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
            yield StaticMarkup([_tree(part) for part in run])


def _live(component: Any) -> bool:
    if not isinstance(component, Component):
        return False
    has_callback = isinstance(getattr(component, "id", None), dict)
    can_be_static = _is_element(component) or isinstance(component, dcc.Link | Chart)
    return has_callback or not can_be_static or any(map(_live, _children(component)))


def _is_element(component: Any) -> bool:
    return type(component).__module__.startswith(html.__name__)


def _children(component: Any) -> list[Any]:
    """The children, without None."""
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
