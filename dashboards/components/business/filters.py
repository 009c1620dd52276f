"""The controls above the business figures. A change becomes a new address, from which the page is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dash import dcc, html

FIELDS = ("flow", "from", "to", "interval", "group_by", "tz")
"""Parameters of the page's address. The control of each has the id ``filter-<field>``."""

DATES = frozenset({"from", "to"})

INTERVALS = ("hour", "day", "week", "month")
OF_EVERY_CASE = ("outcome", "step", "system")
"""Segments that need no declaration. A KPI that cannot be split by one says so."""

ALL_CASES = "all"
"""Value of the segment control for no segment."""


def filters(flows: Sequence[Mapping[str, Any]], chosen: Mapping[str, str], own_zone: ZoneInfo) -> Any:
    """``chosen`` has a value for each of FIELDS; an empty text stands for the default of the API."""
    flow = next((flow for flow in flows if flow["name"] == chosen["flow"]), {})
    segments = _segments(flow, chosen["group_by"])
    shown = dict(chosen) | {"group_by": chosen["group_by"] or ALL_CASES}
    return html.Form(
        [
            _labelled(
                "Flow", _dropdown("filter-flow", [(flow["name"], flow["name"]) for flow in flows], chosen["flow"])
            ),
            _labelled("From", _date("filter-from", chosen["from"])),
            _labelled("To (not included)", _date("filter-to", chosen["to"])),
            _labelled(
                "Interval",
                _dropdown("filter-interval", list(zip(INTERVALS, INTERVALS, strict=True)), chosen["interval"]),
            ),
            _labelled(
                "Segment",
                _dropdown(
                    "filter-group_by",
                    [(ALL_CASES, "all cases"), *((name, name.replace("_", " ")) for name in segments)],
                    shown["group_by"],
                ),
            ),
            _labelled("Time zone", _zones(chosen["tz"], own_zone)),
            dcc.Store(id="filters-shown", data=shown),
        ],
        className="filters card",
        **{"aria-label": "Window and segment"},
    )


def _segments(flow: Mapping[str, Any], chosen: str) -> list[str]:
    """The declared segments, then the other dimensions, then those of every case."""
    named = [*(flow.get("segments") or []), *(flow.get("dimensions") or []), *OF_EVERY_CASE]
    return list(dict.fromkeys([*named, *([chosen] if chosen else [])]))


def _labelled(name: str, control: Any) -> Any:
    return html.Div([html.Label(name, htmlFor=control.id), control], className="filter")


def _dropdown(name: str, options: Sequence[tuple[str, str]], value: str) -> Any:
    return dcc.Dropdown(
        id=name,
        options=[{"value": key, "label": label} for key, label in options],
        value=value,
        clearable=False,
        searchable=False,
    )


def _date(name: str, value: str) -> Any:
    return dcc.DatePickerSingle(
        id=name, date=value[:10] or None, display_format="DD MMM YYYY", first_day_of_week=1, clearable=False
    )


def _zones(chosen: str, own: ZoneInfo) -> Any:
    """All time zones; UTC and the reader's own come first."""
    first = list(dict.fromkeys(["UTC", own.key, chosen]))
    rest = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    labels = {own.key: f"{own.key} (yours)"} if own.key != "UTC" else {}
    return dcc.Dropdown(
        id="filter-tz",
        options=[{"value": zone, "label": labels.get(zone, zone)} for zone in dict.fromkeys([*first, *rest])],
        value=chosen,
        clearable=False,
    )
